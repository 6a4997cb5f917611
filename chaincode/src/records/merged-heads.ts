import { MAX_MERGED_ENTRIES, VitaledgerError, type PatientHead } from '@vitaledger/domain';
import { patientKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/**
 * The heads of all other entries that are merged with this one, whichever replaced which, by id: one read for each, none for
 * patients who have one entry.
 */
export async function mergedHeads(ledger: Ledger, head: PatientHead): Promise<readonly PatientHead[]> {
  const found = new Map([[head.patient, head]]);
  const waiting = [head];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const { patient } of next.merged ?? []) {
      if (found.has(patient)) continue;
      const other = await ledger.getPrivate(patientKey(patient));
      if (!other) throw missing();
      found.set(patient, other);
      waiting.push(other);
    }
  }
  found.delete(head.patient);
  return [...found.values()].sort((one, other) => (one.patient < other.patient ? -1 : 1));
}

/**
 * Refuses a merge of two entries that are one person's already, or with which there would be too many.
 *
 * @throws VitaledgerError `ALREADY_EXISTS`; `PRECONDITION_FAILED` (`TOO_MANY_ENTRIES`).
 */
export async function refuseMerge(ledger: Ledger, one: PatientHead, other: PatientHead): Promise<void> {
  const first = await mergedHeads(ledger, one);
  if (first.some(({ patient }) => patient === other.patient)) {
    throw new VitaledgerError('ALREADY_EXISTS', 'The two entries are merged already.', { what: 'merge' });
  }
  const second = await mergedHeads(ledger, other);
  if (first.length + second.length + 2 > MAX_MERGED_ENTRIES) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `At most ${MAX_MERGED_ENTRIES} entries of a person can be merged.`,
      { reason: 'TOO_MANY_ENTRIES', limit: MAX_MERGED_ENTRIES },
    );
  }
}

function missing(): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'An entry that is merged with this patient’s is missing; the custodian must restore its peer.',
    { reason: 'MERGED_ENTRY_MISSING' },
  );
}
