import { VitaledgerError } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import { checkHeadSize, type PatientHead } from './head.js';

/** How old a statement that changes something may be when it is accepted: seven days. */
export const MAX_CONSENT_AGE_MS = 7 * 24 * 60 * 60 * 1000;

/** The circumstances under which a head changes. */
export interface HeadChange {
  readonly instant: string;
  /** New, at least 128 random bits; made by the relay. */
  readonly salt: string;
}

/**
 * A relay can hold a statement back. The patient believes it lost; it must not come to force when nobody thinks of it any more, as long as no
 * other statement has taken its place in the chain.
 */
export function refuseStale(issued: string, instant: string): void {
  if (Date.parse(instant) - Date.parse(issued) > MAX_CONSENT_AGE_MS) {
    throw new VitaledgerError('EXPIRED', 'The statement was signed more than seven days ago; sign it anew', {
      reason: 'STATEMENT_TOO_OLD',
    });
  }
}

/**
 * The salt comes from the relay, who must not know the one that is stored: it could test guesses at the rest of the head against the public
 * hash. So the salt before, which only the custodian has, goes into it.
 */
export function rewritten(head: PatientHead, salt: string): PatientHead {
  const next = { ...head, version: head.version + 1, salt: digestOf(`${head.salt}/${salt}`) };
  checkHeadSize(next);
  return next;
}
