import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { membershipsOf } from '../decision/care-team.js';
import { decide } from '../decision/decide.js';
import type { ConsentTerms, DecisionInput } from '../decision/decision.js';
import { requestMismatch } from '../decision/match.js';
import { appliesTo } from '../decision/prohibit.js';
import { includesPurpose, isKnownPurpose } from '../decision/purposes.js';
import { OTHER_CLASSES, type Situation } from '../decision/situation.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from '../statements/jwk.js';
import { consentsToTrial } from '../trial-evidence/participation.js';
import { studyNumberShape } from './study.js';
import { studyUse, type StudyTerms } from './study-use.js';

const QUESTIONS = ['askable', 'consented'] as const;

/**
 * What a count is of. `consented`: whose consents in force let the study have data, or who consented to take part in its trial. `askable`:
 * who wants to be asked again, whose terms let the study in, and who has not consented yet.
 */
export type CohortQuestion = (typeof QUESTIONS)[number];

/** How many patients a custodian has, for a study. */
export interface CohortAsk {
  readonly study: string;
  readonly question: CohortQuestion;
  /** HL7 v3 PurposeOfUse: HRESCH or below. */
  readonly purpose: string;
  /** To whom the answer is encrypted. */
  readonly encryptionKey: PublicJwk;
  readonly salt: string;
}

/** A question as the custodian keeps it. Private. */
export interface CohortQuery extends CohortAsk {
  /** The transaction id of the question. */
  readonly receipt: string;
  readonly actor: MedicalActor;
  readonly via?: string;
  readonly instant: string;
  readonly answer?: CohortAnswer;
}

/** What is told: never the exact number. */
export interface CohortAnswer {
  /** At least so many and at most 18 more; a multiple of `COHORT_CELL`. */
  readonly count: number;
  readonly cell: number;
  readonly instant: string;
}

/** What a study has asked a custodian so far. Private. */
export interface CohortBudget {
  readonly study: string;
  readonly asked: readonly {
    readonly receipt: string;
    readonly question: CohortQuestion;
    readonly instant: string;
  }[];
  readonly salt: string;
}

/** The size of a cell: counts are multiples of it. */
export const COHORT_CELL = 10;
/** How many questions a study has at one custodian, in all its life. */
export const COHORT_BUDGET = 12;
/** Days before a study may ask a custodian the same again. */
export const COHORT_REST_DAYS = 30;
const DAY_MS = 86_400_000;

const askShape = closed({
  study: studyNumberShape,
  question: v.picklist(QUESTIONS, `must be one of ${QUESTIONS.join(', ')}`),
  purpose: text(
    (value) => isKnownPurpose(value) && includesPurpose('HRESCH', value),
    'must be HRESCH or below it (HL7 v3 PurposeOfUse)',
  ),
  encryptionKey: publicJwkShape,
  salt: shapes.salt,
});

/** Checks a question. Throws INVALID_ARGUMENT with the JSON path. */
export function validateCohortAsk(value: unknown): CohortAsk {
  const ask: CohortAsk = checkShape(askShape, value, 'input');
  checkPublicJwk(ask.encryptionKey, 'input.encryptionKey');
  return ask;
}

/**
 * The budget after one more question.
 *
 * @param budget undefined before the first one.
 * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `ASKED_RECENTLY` or `BUDGET_SPENT`.
 */
export function spend(
  budget: CohortBudget | undefined,
  { receipt, study, question, instant }: Pick<CohortQuery, 'receipt' | 'study' | 'question' | 'instant'>,
): Omit<CohortBudget, 'salt'> {
  const asked = budget?.asked ?? [];
  const last = asked.findLast((one) => one.question === question);
  if (last && Date.parse(instant) - Date.parse(last.instant) < COHORT_REST_DAYS * DAY_MS) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `This study asked this custodian the same less than ${COHORT_REST_DAYS} days ago; use that answer.`,
      { reason: 'ASKED_RECENTLY', study },
    );
  }
  if (asked.length >= COHORT_BUDGET) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `This study has asked this custodian ${COHORT_BUDGET} times, which is all that a study may.`,
      { reason: 'BUDGET_SPENT', study },
    );
  }
  return { study, asked: [...asked, { receipt, question, instant }] };
}

/**
 * What is told of an exact number: rounded down by cells, whose edges are moved by a secret of this study, question and custodian, so that
 * nobody can tell on which number the answer steps.
 *
 * @param secret random bits, hexadecimal, at least 32; the same whenever the question is asked.
 */
export function coarseCount(exact: number, secret: string): number {
  const shift = Number(BigInt(`0x${secret.slice(0, 32)}`) % BigInt(COHORT_CELL));
  return Math.max(0, Math.floor((exact - shift) / COHORT_CELL) * COHORT_CELL);
}

/** What is known of one entry of a patient. */
export type CohortMember = Pick<
  DecisionInput,
  'consents' | 'prohibitions' | 'denials' | 'policy' | 'careTeams'
>;

/**
 * Whether a patient counts. Pure; `request.study` and `study` are the study that asks.
 *
 * @param entries of one person at the custodian: several, where duplicates were merged. Each is decided as a request would be.
 */
export function isInCohort(
  question: CohortQuestion,
  asking: Pick<DecisionInput, 'request' | 'instant'> & {
    readonly study: StudyTerms;
    readonly trial?: string;
  },
  entries: readonly CohortMember[],
): boolean {
  const { request, instant, study, trial } = asking;
  const situation: Situation = { request, time: Date.parse(instant), data: { class: OTHER_CLASSES } };
  const isForbidden = entries.some(({ prohibitions, careTeams = [] }) => {
    const teams = membershipsOf(careTeams, request.custodian, request.actor, instant);
    return prohibitions?.some((one) => appliesTo(one, { ...situation, teams }));
  });
  if (isForbidden) return false;
  const hasConsented = entries.some(
    (entry) =>
      entry.consents.some((terms) => takesPart(terms, trial, situation)) ||
      decide({ ...entry, request, instant, study }).outcome === 'permit',
  );
  if (question === 'consented') return hasConsented;
  const consents = entries.flatMap((entry) => entry.consents);
  return !hasConsented && consents.some((terms) => wantsToBeAsked(terms, study, situation, instant));
}

/** A signed consent, in its period, to take part in the study's trial. */
function takesPart(terms: ConsentTerms, trial: string | undefined, situation: Situation): boolean {
  if (trial === undefined || terms.recorded) return false;
  return consentsToTrial(terms, trial) && isInPeriod(terms, situation);
}

/** Who asks is the custodian, so it does not matter to whom the consent permits data. */
function wantsToBeAsked(
  terms: ConsentTerms,
  study: StudyTerms,
  situation: Situation,
  instant: string,
): boolean {
  if (terms.recontact !== true || !isInPeriod(terms, situation)) return false;
  return terms.dataUse === undefined || studyUse(terms.dataUse, study, instant).permitted;
}

function isInPeriod({ provision: { period } }: ConsentTerms, situation: Situation): boolean {
  return requestMismatch(period === undefined ? {} : { period }, 'permit', situation) === undefined;
}
