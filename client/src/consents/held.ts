import type {
  ActiveConsent,
  ActiveDelegation,
  ActiveProhibition,
  ChainState,
  PatientKeyEntry,
} from '@vitaledger/domain';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import type { OperationOptions, Session } from '../session/session.js';

/** What a custodian holds of a patient's decisions, and where the chain of statements stands. */
export interface HeldConsents extends ChainState {
  readonly consents: readonly ActiveConsent[];
  /** Restrictions, objections and opt-outs. */
  readonly prohibitions?: readonly ActiveProhibition[];
  readonly delegations?: readonly ActiveDelegation[];
  readonly keys?: readonly PatientKeyEntry[];
}

/** Asks a custodian, by the signed request of the patient or a delegate, and brings the key's memory of the chain up to date. */
export async function readHeld(
  session: Session,
  token: PatientToken,
  key: PatientKey,
  options: OperationOptions,
): Promise<HeldConsents> {
  const { custodian, patient } = token;
  const statement = await key.readStatement({ ...token, what: 'consents' });
  const call = { function: 'ConsentContract:list', custodian, input: { patient, statement } };
  const jwe = await session.channel('care').evaluate(call, options);
  const held = (await key.decrypt(new TextDecoder().decode(jwe))) as HeldConsents;
  key.heard(token, { sequence: held.sequence, previous: held.previous });
  return held;
}
