import { isRetracted, type AccessFilter, type HeldRecord, type RecordMetadata } from '@vitaledger/domain';
import { recordKey, recordsOf } from '../ledger/keys.js';
import type { Ledger, PrivateEntry } from '../ledger/ledger.js';

/**
 * The records that a filter can mean, by id, behind `after`: those it names, or else all of the patient. Reading a range
 * is several times cheaper per record than asking for each, so naming is what asks. What was retracted is not among them.
 */
export async function* requestedRecords(
  ledger: Ledger,
  patient: string,
  filter: AccessFilter,
  after: string | undefined,
): AsyncIterable<PrivateEntry<RecordMetadata>> {
  for await (const { name, value } of heldRecords(ledger, patient, filter, after)) {
    if (!isRetracted(value)) yield { name, value };
  }
}

/** As {@link requestedRecords}, with what stands in the place of retracted ones. */
export function heldRecords(
  ledger: Ledger,
  patient: string,
  filter: AccessFilter,
  after: string | undefined,
): AsyncIterable<PrivateEntry<HeldRecord>> {
  return filter.records
    ? namedRecords(ledger, patient, filter.records, after ?? '')
    : ledger.rangePrivate(recordsOf(patient, after));
}

async function* namedRecords(
  ledger: Ledger,
  patient: string,
  records: readonly string[],
  after: string,
): AsyncIterable<PrivateEntry<HeldRecord>> {
  for (const name of [...new Set(records)].sort()) {
    if (name <= after) continue;
    const value = await ledger.getPrivate(recordKey(patient, name));
    if (value) yield { name, value };
  }
}
