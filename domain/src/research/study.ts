import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import type { RegisteredMoment } from '../trial-evidence/analysis.js';
import { isTrialNumber } from '../trial-evidence/trial-number.js';
import { publicLine, refusePersons } from '../trials/public-line.js';
import type { Ancestors } from './coverage.js';
import { curieShape, someOf } from './data-use.js';
import { validateResearchPurpose, type ResearchPurpose } from './research-purpose.js';

/** What a study says of itself. Public for ever, so it names nobody. */
export interface StudyProposal {
  readonly title: string;
  /** What patients' data are wanted for; its `ethics` are the committee's to say, and `users` are persons. */
  readonly purpose: Omit<ResearchPurpose, 'ethics' | 'users'>;
  /** What stands above the study's diseases and types, as it says; it counts once the committee has approved it. */
  readonly ancestors?: Ancestors;
  /** The registry's number of the clinical trial that it is. */
  readonly trial?: string;
  /** MSP id of an ethics organization other than the study's. */
  readonly committee: string;
}

/** What a committee says of a study. */
export interface StudyVerdict {
  readonly approved: boolean;
  /** With an approval: SHA-256 of the committee's letter. */
  readonly document?: string;
  /** With an approval: the first instant at which it no longer holds; at most `MOST_APPROVED_DAYS` days on. */
  readonly until?: string;
  readonly comment?: string;
}

/** A verdict as it was recorded, with its end if it was taken back. */
export interface StudyDecision extends StudyVerdict, RegisteredMoment {
  readonly organization: string;
  readonly revoked?: RegisteredMoment & { readonly reason: string };
}

/** A study on the ledger. */
export interface Study extends StudyProposal, RegisteredMoment {
  /** The ledger's number. */
  readonly study: string;
  readonly organization: string;
  readonly registrant: MedicalActor;
  /** The first one first; the last one counts. */
  readonly decisions: readonly StudyDecision[];
}

export type StudyState = 'waiting' | 'refused' | 'approved' | 'expired' | 'revoked';

/** Days that an approval holds, at most. */
export const MOST_APPROVED_DAYS = 366;
const DAY_MS = 86_400_000;
/** The most diseases and types that a study can say ancestors of. */
const MOST_DESCENDANTS = 50;

export const studyNumberShape = text(
  (value) => isStudyNumber(String(value)),
  "must be the ledger's number of a study, such as VS-0123456789abcdef",
);

/** Whether it is a number that the ledger gave to a study. */
export function isStudyNumber(value: string): boolean {
  return /^VS-[0-9a-f]{16}$/.test(value);
}

const proposalShape = closed({
  title: publicLine,
  purpose: v.unknown(),
  ancestors: v.exactOptional(
    v.pipe(
      v.record(curieShape, someOf(curieShape, 0)),
      v.check(
        (all) => Object.keys(all).length <= MOST_DESCENDANTS,
        `must have at most ${MOST_DESCENDANTS} members`,
      ),
    ),
  ),
  trial: v.exactOptional(
    text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial"),
  ),
  committee: shapes.mspId,
});

const verdictShape = closed({
  approved: v.boolean(),
  document: v.exactOptional(shapes.digest),
  until: v.exactOptional(shapes.instant),
  comment: v.exactOptional(publicLine),
});

/**
 * Checks what a study says of itself.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, also where it names persons.
 */
export function validateStudy(value: unknown): StudyProposal {
  const { purpose, ...rest } = checkShape(proposalShape, value, 'study');
  const checked = validateResearchPurpose(purpose, 'study.purpose');
  if (checked.users !== undefined)
    throw invalid('study.purpose.users', 'must be absent: a study is public and names nobody');
  if (checked.ethics !== undefined)
    throw invalid('study.purpose.ethics', "must be absent: the committee's decision says it");
  const named = [...(checked.diseases ?? []), ...(checked.types ?? [])];
  const stray = Object.keys(rest.ancestors ?? {}).find((curie) => !named.includes(curie));
  if (stray !== undefined)
    throw invalid('study.ancestors', 'must be of diseases and types that the purpose names');
  refusePersons({ ...rest, purpose: checked }, 'study');
  return { ...rest, purpose: checked };
}

/**
 * Checks a committee's verdict.
 *
 * @param instant of the decision.
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateVerdict(value: unknown, instant: string): StudyVerdict {
  const verdict: StudyVerdict = checkShape(verdictShape, value, 'decision');
  const { approved, document, until } = verdict;
  for (const [name, given] of Object.entries({ document, until })) {
    if (approved !== (given !== undefined))
      throw invalid(`decision.${name}`, 'must be there with an approval, and with nothing else');
  }
  if (until !== undefined) {
    const days = (Date.parse(until) - Date.parse(instant)) / DAY_MS;
    if (days <= 0 || days > MOST_APPROVED_DAYS)
      throw invalid('decision.until', `must lie after the decision, at most ${MOST_APPROVED_DAYS} days`);
  }
  refusePersons(verdict, 'decision');
  return verdict;
}

/** Checks why an approval is taken back. Throws INVALID_ARGUMENT. */
export function validateReason(value: unknown): string {
  const reason = checkShape(publicLine, value, 'reason');
  refusePersons({ reason }, 'reason');
  return reason;
}

/** Where a study stands at an instant. */
export function studyState({ decisions }: Pick<Study, 'decisions'>, at: string): StudyState {
  const last = decisions.at(-1);
  if (!last) return 'waiting';
  if (last.until === undefined) return 'refused';
  // At once, whatever the sender's clock said: it may be ahead of that of who asks.
  if (last.revoked) return 'revoked';
  return at < last.until ? 'approved' : 'expired';
}
