import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { MergeType } from '../records/patient-links.js';
import { rewritten } from './head-change.js';
import type { PatientHead } from './head.js';

/** Another entry of the same person at the same custodian. */
export interface MergedEntry {
  /** Its id. */
  readonly patient: string;
  readonly type: MergeType;
}

/** The most entries of one person that can be merged: each is one more read of every request. */
export const MAX_MERGED_ENTRIES = 5;

/** Two entries of one person: the one that counts for what is new, and the one it replaces. */
export interface MergedPair {
  readonly surviving: PatientHead;
  readonly replaced: PatientHead;
}

/**
 * Both heads once the two are merged. Each keeps its keys, consents and chain of statements, so nothing is lost and {@link unmergeHeads}
 * restores both; what changes is how the two are decided together.
 *
 * @param salt by patient: a new one for each head.
 * @throws VitaledgerError `PRECONDITION_FAILED` (`REPLACED`) where one of them was replaced before.
 */
export function mergeHeads(
  { surviving, replaced }: MergedPair,
  salt: (patient: string) => string,
): MergedPair {
  if (isReplaced(replaced)) {
    throw notMergeable('The entry to be replaced was replaced before; merge the one that replaces it.');
  }
  if (isReplaced(surviving)) {
    throw notMergeable(
      'The entry that is to survive was replaced itself; merge into the one that replaces it.',
    );
  }
  return {
    surviving: withEntry(surviving, { patient: replaced.patient, type: 'replaces' }, salt),
    replaced: withEntry(replaced, { patient: surviving.patient, type: 'replaced-by' }, salt),
  };
}

/** Both heads once their merge is taken back. @throws VitaledgerError `NOT_FOUND` where the one did not replace the other. */
export function unmergeHeads(
  { surviving, replaced }: MergedPair,
  salt: (patient: string) => string,
): MergedPair {
  const isMerged = surviving.merged?.some(
    ({ patient, type }) => patient === replaced.patient && type === 'replaces',
  );
  if (!isMerged) {
    throw new VitaledgerError('NOT_FOUND', 'The one entry did not replace the other.', { what: 'merge' });
  }
  return {
    surviving: withoutEntry(surviving, replaced.patient, salt),
    replaced: withoutEntry(replaced, surviving.patient, salt),
  };
}

export function isReplaced({ merged = [] }: Pick<PatientHead, 'merged'>): boolean {
  return merged.some(({ type }) => type === 'replaced-by');
}

function withEntry(head: PatientHead, entry: MergedEntry, salt: (patient: string) => string): PatientHead {
  return rewritten({ ...head, merged: [...(head.merged ?? []), entry] }, salt(head.patient));
}

function withoutEntry(head: PatientHead, other: string, salt: (patient: string) => string): PatientHead {
  const { merged = [], ...rest } = head;
  const left = merged.filter(({ patient }) => patient !== other);
  return rewritten(left.length === 0 ? rest : { ...rest, merged: left }, salt(head.patient));
}

function notMergeable(message: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', message, { reason: 'REPLACED' });
}
