import {
  canonicalJson,
  checkRead,
  invalid,
  VitaledgerError,
  verifyStatement,
  type AccessRequest,
  type DecisionRequest,
  type MedicalActor,
  type PatientHead,
} from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { Ledger } from '../ledger/ledger.js';

/** What is decided of a request, as its receipt keeps it. */
export function decisionRequest(
  custodian: string,
  actor: MedicalActor,
  { scope, purpose, filter, emergency, statement }: Omit<AccessRequest, 'salt'>,
): DecisionRequest {
  const asked = { custodian, actor, scope, purpose, filter };
  if (emergency) return { ...asked, evidence: 'emergency' };
  return statement === undefined ? asked : { ...asked, evidence: 'patient' };
}

/** Refuses an emergency that no emergency role declares. */
export function checkEmergencyRole({ role }: MedicalActor, { emergency }: AccessRequest): void {
  if (emergency && role !== 'emergency') {
    throw denied('Only a person in the role emergency may break the glass.', 'EMERGENCY_ROLE');
  }
}

/**
 * Refuses a request at the patient's own signature that the patient did not sign now, or whose answer somebody else could read.
 *
 * @throws VitaledgerError as {@link verifyStatement} and {@link checkRead} do; `INVALID_ARGUMENT` for another key.
 */
export function checkOwnRequest(
  { statement: jws, encryptionKey }: AccessRequest,
  { keys, patient }: PatientHead,
  mspId: string,
  instant: string,
): void {
  if (jws === undefined) return;
  const { statement } = verifyStatement(jws, keys, instant);
  checkRead(statement, 'records', { mspId, patient }, instant);
  if (canonicalJson(statement.body.encryptionKey) !== canonicalJson(encryptionKey)) {
    throw invalid('input.encryptionKey', "must be the key of the patient's statement");
  }
}

/**
 * The request's instant. An emergency does not wait for a clock that stands still: its proposal's own timestamp counts then, and the
 * receipt says so.
 */
export async function requestTime(
  ledger: Ledger,
  document: StoredDocument,
  { emergency }: AccessRequest,
): Promise<{ readonly instant: string; readonly staleClock?: true }> {
  try {
    return { instant: await ledgerTime(ledger, document) };
  } catch (error) {
    const isStale = error instanceof VitaledgerError && error.details.reason === 'CLOCK_STALE';
    if (!emergency || !isStale) throw error;
    return { instant: ledger.timestamp, staleClock: true };
  }
}
