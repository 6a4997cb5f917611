import type { common, msp } from '@hyperledger/fabric-protos';
import type { Membership, SignedData } from '../identity/membership.js';

/** Somebody whose signature is good. */
export interface Signer {
  satisfies(principal: msp.MSPPrincipal): boolean;
}

/** A rule about who must have signed. */
export interface Policy {
  /** Why these identities do not satisfy it, in Fabric's words; undefined when they do. */
  refusal(identities: readonly Signer[]): string | undefined;
  /** The same rule as one signature policy: endorsement plans are derived from it. */
  toSignaturePolicy(): common.SignaturePolicyEnvelope;
}

/** Checks signatures, then the policy. */
export function refusalOf(
  policy: Policy,
  membership: Membership,
  signed: readonly SignedData[],
): string | undefined {
  return policy.refusal(membership.signers(signed));
}

/** The policies of a channel by path: `/Channel/Application/Writers`. */
export class PolicyDirectory {
  readonly #policies = new Map<string, Policy>();

  add(path: string, policy: Policy): void {
    this.#policies.set(path, policy);
  }

  get(path: string): Policy | undefined {
    return this.#policies.get(path);
  }
}
