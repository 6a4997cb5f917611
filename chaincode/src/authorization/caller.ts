import type { ClientIdentity } from '../fabric/contract-api.js';

/** Who signed the proposal: taken from the creator's certificate, which the peer has verified. */
export interface Caller {
  readonly mspId: string;
  /** Fabric CA attribute `vitaledger.role`; unverified until the consortium's vouching table is asked. */
  readonly role: string | undefined;
  /** Fabric CA attribute `vitaledger.subject`: a random pseudonym that only the organization can resolve. */
  readonly subject: string | undefined;
}

/** Fabric CA attributes of a Vitaledger identity. */
export const ROLE_ATTRIBUTE = 'vitaledger.role';
export const SUBJECT_ATTRIBUTE = 'vitaledger.subject';

export function callerOf(identity: ClientIdentity): Caller {
  return {
    mspId: identity.getMSPID(),
    role: identity.getAttributeValue(ROLE_ATTRIBUTE) ?? undefined,
    subject: identity.getAttributeValue(SUBJECT_ATTRIBUTE) ?? undefined,
  };
}
