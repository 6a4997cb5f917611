import { VitaledgerError } from '../errors/vitaledger-error.js';
import { commitmentOf } from './secrets.js';
import type { PrescriptionTerms } from './terms.js';

/** A fill that was made. */
export interface Fill {
  /** By which the pharmacy that made it knows it as its own. */
  readonly mark: string;
  readonly instant: string;
}

/** The public counter of a prescription's fills. */
export interface PrescriptionCounter extends PrescriptionTerms {
  /** The fills made, in order; the number of them is the counter. */
  readonly filled: readonly Fill[];
  /** When it was cancelled. */
  readonly cancelled?: string;
}

/**
 * A counter at zero.
 *
 * @throws VitaledgerError `EXPIRED` if the terms end before `instant`.
 */
export function openCounter(terms: PrescriptionTerms, instant: string): PrescriptionCounter {
  if (instant >= terms.expires) throw expired();
  return { ...terms, filled: [] };
}

/**
 * Makes the next fill. A fill's secret counts once and in its turn.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`), `EXPIRED`, or `PRECONDITION_FAILED` with `details.reason`
 * `CANCELLED`, `ALREADY_FILLED` or `NOT_NEXT`.
 */
export function fillNext(
  counter: PrescriptionCounter,
  secret: string,
  { mark, instant }: Fill,
): PrescriptionCounter {
  const index = counter.fills.indexOf(commitmentOf(secret));
  if (index < 0) throw badSecret();
  checkFill(counter, index + 1, instant);
  return { ...counter, filled: [...counter.filled, { mark, instant }] };
}

/**
 * Checks that a fill, counted from 1, could be made at `instant`: it is the next one of a prescription that has neither
 * ended nor been cancelled.
 *
 * @throws VitaledgerError as {@link fillNext}; `INVALID_ARGUMENT` if there is no such fill.
 */
export function checkFill(counter: PrescriptionCounter, fill: number, instant: string): void {
  if (counter.cancelled !== undefined) {
    throw failed('CANCELLED', 'The prescription was cancelled; ask the prescriber for a new one.');
  }
  if (fill < 1 || fill > counter.fills.length) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'The prescription does not have so many fills.', {
      path: 'fill',
      fills: counter.fills.length,
    });
  }
  if (fill <= counter.filled.length) {
    throw failed('ALREADY_FILLED', 'This fill was made already; the patient must show the next one, if any.');
  }
  if (instant >= counter.expires) throw expired();
  if (fill > counter.filled.length + 1) {
    throw failed('NOT_NEXT', 'An earlier fill has not been made yet; the patient must show that one first.');
  }
}

/**
 * Cancels what is left. Cancelling again changes nothing: the first instant stays.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`).
 */
export function cancelCounter(
  counter: PrescriptionCounter,
  secret: string,
  instant: string,
): PrescriptionCounter {
  if (commitmentOf(secret) !== counter.cancel) throw badSecret();
  return counter.cancelled === undefined ? { ...counter, cancelled: instant } : counter;
}

function expired(): VitaledgerError {
  return new VitaledgerError('EXPIRED', 'The prescription has expired; ask the prescriber for a new one.');
}

export function badSecret(): VitaledgerError {
  return new VitaledgerError(
    'PERMISSION_DENIED',
    'The secret is not one of this prescription; read the token again.',
    { reason: 'BAD_SECRET' },
  );
}

function failed(reason: string, message: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', message, { reason });
}
