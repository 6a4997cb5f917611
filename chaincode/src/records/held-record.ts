import { VitaledgerError, type RecordMetadata } from '@vitaledger/domain';
import { recordKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** A record of a patient of this custodian. Throws NOT_FOUND if there is none. */
export async function heldRecord(ledger: Ledger, patient: string, record: string): Promise<RecordMetadata> {
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
