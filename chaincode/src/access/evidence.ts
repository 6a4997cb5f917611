import {
  canonicalJson,
  checkMandate,
  checkRead,
  delegateOf,
  invalid,
  signersOf,
  VitaledgerError,
  verifyStatement,
  type AccessRequest,
  type DecisionRequest,
  type Delegate,
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
  { scope, purpose, filter, emergency, statement, study }: Omit<AccessRequest, 'salt'>,
): DecisionRequest {
  const asked = {
    custodian,
    actor,
    scope,
    purpose,
    filter,
    ...(study === undefined ? {} : { study }),
  };
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
 * Refuses a request at the patient's own signature that neither the patient nor a delegate signed now, or whose answer somebody else could read.
 *
 * @returns the delegate who signed, if it was not the patient.
 *
 * @throws VitaledgerError as {@link verifyStatement} and {@link checkRead} do; `INVALID_ARGUMENT` for another key.
 */
export function checkOwnRequest(
  { statement: jws, encryptionKey }: AccessRequest,
  head: PatientHead,
  mspId: string,
  instant: string,
): Delegate | undefined {
  if (jws === undefined) return undefined;
  const { statement, signer } = verifyStatement(jws, signersOf(head), instant);
  checkRead(statement, 'records', { mspId, patient: head.patient }, instant);
  checkMandate(head, signer, { kind: 'read', what: 'records' }, instant);
  if (canonicalJson(statement.body.encryptionKey) !== canonicalJson(encryptionKey)) {
    throw invalid('input.encryptionKey', "must be the key of the patient's statement");
  }
  return delegateOf(head, signer);
}

/**
 * Refuses to open what a delegate asked for once the delegation is over, closed or revoked.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`DELEGATION_ENDED`).
 */
export function refuseEndedDelegation(
  by: Delegate | undefined,
  { delegations = [] }: PatientHead,
  revoked: ReadonlyMap<string, string>,
  now: string,
): void {
  if (!by) return;
  const current = delegations.find(({ delegation }) => delegation === by.delegation);
  const isOver = current?.to !== undefined && now >= current.to;
  if (!current || isOver || revoked.has(by.handle)) {
    throw denied('The delegation under which this was asked for has ended.', 'DELEGATION_ENDED');
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
