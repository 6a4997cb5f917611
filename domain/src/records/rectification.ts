import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { Change } from './change.js';

/**
 * A patient's request to have a record put right (Regulation (EU) 2016/679 art. 16; 45 CFR 164.526), and what was answered.
 * A refusal says why, and by which rule.
 */
export interface Rectification {
  readonly request: string;
  readonly patient: string;
  readonly record: string;
  /** Who wrote it down, when, and what the patient says is wrong. */
  readonly asked: Change;
  /** When an answer is due: one month after it was asked (art. 12(3)). */
  readonly due: string;
  readonly answer?: RectificationAnswer;
  readonly salt: string;
}

export interface RectificationAnswer extends Change {
  readonly how: 'amended' | 'retracted' | 'refused';
  /** The version that the request led to, or that stands. */
  readonly version: number;
  /** By which rule a request was refused. */
  readonly citation?: string;
}

/** When a request must be answered: on the same day of the next month, or on its last day (Regulation 1182/71 art. 3). */
export function answerDue(asked: string): string {
  const due = new Date(asked);
  const day = due.getUTCDate();
  due.setUTCDate(1);
  due.setUTCMonth(due.getUTCMonth() + 1);
  const last = new Date(Date.UTC(due.getUTCFullYear(), due.getUTCMonth() + 1, 0)).getUTCDate();
  due.setUTCDate(Math.min(day, last));
  return due.toISOString();
}

/**
 * Answers a request once.
 *
 * @throws VitaledgerError `NOT_FOUND`; `PRECONDITION_FAILED` (`ANSWERED`) if it has an answer; `INVALID_ARGUMENT` if it is about another record.
 */
export function answered(
  asked: Rectification | undefined,
  record: string,
  answer: RectificationAnswer,
  salt: string,
): Rectification {
  if (!asked) {
    throw new VitaledgerError('NOT_FOUND', 'This patient asked for no such rectification here.', {
      what: 'rectification',
    });
  }
  if (asked.answer) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'This request has been answered already.', {
      reason: 'ANSWERED',
    });
  }
  if (asked.record !== record) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'input.rectification is about another record', {
      path: 'input.rectification',
    });
  }
  return { ...asked, answer, salt };
}
