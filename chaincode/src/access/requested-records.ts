import type { AccessFilter, RecordMetadata } from '@vitaledger/domain';
import { recordKey, recordsOf } from '../ledger/keys.js';
import type { Ledger, PrivateEntry } from '../ledger/ledger.js';

/**
 * The records that a filter can mean, by id, behind `after`: those it names, or else all of the patient. Reading a range
 * is several times cheaper per record than asking for each, so naming is what asks.
 */
export function requestedRecords(
  ledger: Ledger,
  patient: string,
  filter: AccessFilter,
  after: string | undefined,
): AsyncIterable<PrivateEntry<RecordMetadata>> {
  return filter.records
    ? namedRecords(ledger, patient, filter.records, after ?? '')
    : ledger.rangePrivate(recordsOf(patient, after));
}

async function* namedRecords(
  ledger: Ledger,
  patient: string,
  records: readonly string[],
  after: string,
): AsyncIterable<PrivateEntry<RecordMetadata>> {
  for (const name of [...new Set(records)].sort()) {
    if (name <= after) continue;
    const value = await ledger.getPrivate(recordKey(patient, name));
    if (value) yield { name, value };
  }
}
