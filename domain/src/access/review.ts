import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import type { RuleType } from '../decision/decision.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { shapes, text } from '../json/shape.js';

/** Who did something to a review, and when. */
export interface ReviewStep {
  readonly by: MedicalActor;
  /** Subject of the service that acted for the person. */
  readonly via?: string;
  readonly instant: string;
}

/** A glass that was broken, and what a second person of the custodian says of it. */
export interface EmergencyReview {
  readonly receipt: string;
  readonly patient: string;
  readonly instant: string;
  readonly actor: MedicalActor;
  readonly via?: string;
  readonly purpose: string;
  readonly reason: string;
  /** Whether the request was granted. */
  readonly outcome: RuleType;
  readonly staleClock?: true;
  /** Somebody has taken it up. */
  readonly opened?: ReviewStep;
  readonly closed?: ReviewStep & {
    readonly conclusion: 'justified' | 'unjustified';
    readonly note: string;
  };
  readonly salt: string;
}

/** What a reviewer does: takes an item up, or closes it with a conclusion. */
export type ReviewInput =
  | { readonly receipt: string; readonly step: 'open'; readonly salt: string }
  | {
      readonly receipt: string;
      readonly step: 'close';
      readonly conclusion: 'justified' | 'unjustified';
      readonly note: string;
      readonly salt: string;
    };

const common = { receipt: shapes.digest, salt: shapes.salt };

export const reviewShape = v.variant(
  'step',
  [
    v.strictObject({ ...common, step: v.literal('open') }),
    v.strictObject({
      ...common,
      step: v.literal('close'),
      conclusion: v.picklist(['justified', 'unjustified'], 'must be justified or unjustified'),
      note: text(
        (value) => /^\S(?:[^\p{Cc}]{0,998}\S)?$/u.test(String(value)),
        'must be 1 to 1,000 characters on one line, without outer spaces',
      ),
    }),
  ],
  'must be open or close',
);

/**
 * The review after a step. It is taken up first and closed then, both by another person than who broke the glass.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`OWN_EMERGENCY`), `PRECONDITION_FAILED` (`REVIEW_CLOSED`, `REVIEW_NOT_OPENED`),
 * `ALREADY_EXISTS` (somebody has taken it up).
 */
export function reviewed(review: EmergencyReview, input: ReviewInput, step: ReviewStep): EmergencyReview {
  if (isSamePerson(review.actor, step.by)) {
    throw new VitaledgerError(
      'PERMISSION_DENIED',
      'Who broke the glass cannot review it; a second person does.',
      {
        reason: 'OWN_EMERGENCY',
      },
    );
  }
  if (review.closed) throw unready('This review is closed.', 'REVIEW_CLOSED');
  if (input.step === 'open') {
    if (review.opened) {
      throw new VitaledgerError('ALREADY_EXISTS', 'Somebody has taken this review up already.');
    }
    return { ...review, opened: step, salt: input.salt };
  }
  if (!review.opened) throw unready('Take the review up before closing it.', 'REVIEW_NOT_OPENED');
  const { conclusion, note, salt } = input;
  return { ...review, closed: { ...step, conclusion, note }, salt };
}

/** The pseudonym is the person's, in whatever role they act. */
function isSamePerson(one: MedicalActor, other: MedicalActor): boolean {
  return one.mspId === other.mspId && one.subject === other.subject;
}

function unready(message: string, reason: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', message, { reason });
}
