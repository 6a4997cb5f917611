import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import { commitmentOf, prescriptionSecrets } from './secrets.js';

/** What the public counter says of a prescription when it is issued. It names nobody, and no medicine. */
export interface PrescriptionTerms {
  /** The commitment of each authorized fill's secret, in order. */
  readonly fills: readonly string[];
  /** The commitment of the secret that cancels. */
  readonly cancel: string;
  /** From this instant on nothing is filled: a Monday, 00:00 UTC, so that it does not tell the day of issue. */
  readonly expires: string;
}

/** As many authorized fills as one prescription may have. */
export const MAX_FILLS = 36;

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
/** 1970-01-05, the first Monday of Unix time. */
const FIRST_MONDAY_MS = 4 * 24 * 60 * 60 * 1000;

const termsShape = closed({
  fills: v.pipe(
    v.array(shapes.digest),
    v.minLength(1, 'must have at least one entry'),
    v.maxLength(MAX_FILLS, `must have at most ${MAX_FILLS} entries`),
  ),
  cancel: shapes.digest,
  expires: shapes.instant,
});

/**
 * Checks the terms of a prescription.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateTerms(value: unknown, path: string): PrescriptionTerms {
  const terms: PrescriptionTerms = checkShape(termsShape, value, path);
  if (new Set([...terms.fills, terms.cancel]).size !== terms.fills.length + 1) {
    throw invalid(path, 'must not repeat a commitment');
  }
  if (endOfWeek(terms.expires) !== terms.expires) {
    throw invalid(`${path}.expires`, 'must be a Monday at 00:00 UTC, as endOfWeek gives it');
  }
  return terms;
}

/** The first Monday, 00:00 UTC, at or after an instant: the coarse end that is made public. */
export function endOfWeek(instant: string): string {
  const weeks = Math.ceil((Date.parse(instant) - FIRST_MONDAY_MS) / WEEK_MS);
  return new Date(FIRST_MONDAY_MS + weeks * WEEK_MS).toISOString();
}

/** The terms that belong to a prescription's secret. */
export function termsOf(
  { prescription, secret }: { readonly prescription: string; readonly secret: string },
  fills: number,
  validUntil: string,
): PrescriptionTerms {
  const secrets = prescriptionSecrets(prescription, secret, fills);
  return {
    fills: secrets.fills.map(commitmentOf),
    cancel: commitmentOf(secrets.cancel),
    expires: endOfWeek(validUntil),
  };
}
