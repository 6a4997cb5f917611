import { isStudyNumber, VitaledgerError, type Study } from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import type { Ledger, PublicKey, PublicRange } from '../ledger/ledger.js';

/*
 * `study/<number>` holds a study with every decision on it. It is public, and a request that names a study reads it: a decision
 * that is taken or revoked meanwhile invalidates the request (MVCC).
 */

export function studyKey(study: string): PublicKey<Study> {
  return { public: `study/${study}` };
}

/** All studies, by their numbers. */
export function studiesAfter(bookmark?: string): PublicRange<Study> {
  // U+0000 right after a number is its successor.
  return { prefix: 'study/', from: bookmark === undefined ? undefined : `${bookmark}\u0000` };
}

/** The ledger's number of a new study: 64 random bits of its transaction's id, the same at every endorser. */
export function studyNumber(transactionId: string): string {
  return `VS-${transactionId.slice(0, 16)}`;
}

/** A study by its number. Throws NOT_FOUND. */
export async function studyOf(ledger: Ledger, number: string): Promise<Study> {
  const study = isStudyNumber(number) ? await ledger.get(studyKey(number)) : undefined;
  if (study) return study;
  throw new VitaledgerError('NOT_FOUND', 'No study of this number is registered on this channel.', {
    what: 'study',
  });
}

/**
 * The study that a member acts for, if it names one.
 *
 * @throws VitaledgerError `NOT_FOUND`; `PERMISSION_DENIED` (`NOT_OF_THE_STUDY`) for who is of another organization than the study's.
 */
export async function ownStudy(
  ledger: Ledger,
  number: string | undefined,
  mspId: string,
): Promise<Study | undefined> {
  if (number === undefined) return undefined;
  const study = await studyOf(ledger, number);
  if (study.organization === mspId) return study;
  throw denied('Only the organization that registered a study may ask for it.', 'NOT_OF_THE_STUDY');
}
