import { isRetracted, VitaledgerError, type HeldRecord, type RecordMetadata } from '@vitaledger/domain';
import { recordKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** What a patient of this custodian has under a record's id. Throws NOT_FOUND if there is nothing. */
export async function heldRecord(ledger: Ledger, patient: string, record: string): Promise<HeldRecord> {
  const held = await ledger.getPrivate(recordKey(patient, record));
  if (!held) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'This patient has no such record here; it may be erased already.',
      { what: 'record' },
    );
  }
  return held;
}

/** A record as readers see it. Throws NOT_FOUND if there is none, PRECONDITION_FAILED if it was retracted. */
export async function currentRecord(
  ledger: Ledger,
  patient: string,
  record: string,
): Promise<RecordMetadata> {
  const held = await heldRecord(ledger, patient, record);
  if (isRetracted(held)) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'This record was retracted as entered in error, for good; register what is right as a new record.',
      { reason: 'RETRACTED' },
    );
  }
  return held;
}
