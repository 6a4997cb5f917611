import {
  isRetracted,
  type EndedVersion,
  type HeldRecord,
  type InspectedVersion,
  type InspectionFilter,
} from '@vitaledger/domain';
import { heldRecords } from '../access/requested-records.js';
import { recordKey, versionKey } from '../ledger/keys.js';
import type { Ledger, PrivateEntry } from '../ledger/ledger.js';

const ID_DIGITS = 32;

/**
 * The versions of the records that a filter can mean, records by id and versions upwards. Each is named by the record's id and
 * its version in six digits, which is a bookmark: `after` goes on behind it.
 */
export async function* versionsOf(
  ledger: Ledger,
  patient: string,
  filter: InspectionFilter,
  after = '',
): AsyncIterable<PrivateEntry<InspectedVersion>> {
  const begun = after.slice(0, ID_DIGITS);
  const isPartway = after.length > ID_DIGITS;
  const partly = isPartway ? await ledger.getPrivate(recordKey(patient, begun)) : undefined;
  if (partly) yield* behind(versionsOfOne(ledger, partly, filter), after);
  for await (const { value } of heldRecords(ledger, patient, filter, begun === '' ? undefined : begun)) {
    yield* versionsOfOne(ledger, value, filter);
  }
}

async function* behind(
  entries: AsyncIterable<PrivateEntry<InspectedVersion>>,
  after: string,
): AsyncIterable<PrivateEntry<InspectedVersion>> {
  for await (const entry of entries) if (entry.name > after) yield entry;
}

async function* versionsOfOne(
  ledger: Ledger,
  held: HeldRecord,
  { status = ['current'] }: InspectionFilter,
): AsyncIterable<PrivateEntry<InspectedVersion>> {
  const ended = isRetracted(held) ? 'retracted' : 'superseded';
  if (status.includes(ended)) {
    for await (const version of endedVersions(ledger, held)) {
      yield { name: nameOf(held.id, version.version), value: { ...version, status: ended } };
    }
  }
  if (!isRetracted(held) && status.includes('current')) {
    yield { name: nameOf(held.id, held.version), value: { ...held, status: 'current' } };
  }
}

/** The versions of a record that ended, the first one first. Read by key, so also for submitted functions. */
export async function* endedVersions(ledger: Ledger, held: HeldRecord): AsyncIterable<EndedVersion> {
  const last = isRetracted(held) ? held.version : held.version - 1;
  for (let version = 1; version <= last; version += 1) {
    const ended = await ledger.getPrivate(versionKey(held.patient, held.id, version));
    if (ended) yield ended;
  }
}

function nameOf(record: string, version: number): string {
  return `${record}${String(version).padStart(6, '0')}`;
}
