import {
  checkMandate,
  checkRead,
  signersOf,
  verifyStatement,
  type ActiveDelegation,
  type PatientHead,
  type ReadStatement,
  type ReadSubject,
} from '@vitaledger/domain';
import type { TransactionContext } from '../contract/transaction-context.js';
import { revocationsOf } from './revocations.js';

/** Who reads, and what they signed. */
export interface Reader {
  readonly body: ReadStatement['body'];
  /** The delegation under which somebody reads for the patient; undefined for the patient. */
  readonly delegation: ActiveDelegation | undefined;
}

/**
 * Checks a signed request to read: of the patient, or of a delegate whose delegation is neither over nor revoked.
 *
 * @throws VitaledgerError `PERMISSION_DENIED`, `EXPIRED`, `INVALID_ARGUMENT`.
 */
export async function readerOf(
  context: TransactionContext,
  head: PatientHead,
  statement: string,
  what: ReadSubject,
): Promise<Reader> {
  const { ledger } = context;
  const now = context.peerTime();
  const { delegations = [] } = head;
  const revoked = await revocationsOf(
    ledger,
    delegations.map(({ handle }) => handle),
  );
  const { statement: read, signer } = verifyStatement(statement, signersOf(head, revoked), now);
  checkRead(read, what, { mspId: ledger.custodian, patient: head.patient }, now);
  checkMandate(head, signer, { kind: 'read', what }, now);
  return {
    body: read.body,
    delegation: delegations.find(({ delegation }) => delegation === signer.delegation),
  };
}
