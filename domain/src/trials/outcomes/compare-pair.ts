import { compareMeasures, type MeasureDifference, type MeasuresComparison } from './compare-measures.js';
import { type MeasureTerms, measureTerms } from './measure-terms.js';
import type { Outcome, OutcomeRank } from './outcome.js';
import { areSameDays, areSameTimes, type ObservedTimes, observedTimes } from './time-frame.js';

/** What became of an outcome (the discrepancies of the COMPare project, https://www.compare-trials.org). */
export type OutcomeChange =
  | 'kept'
  | 'wording-only'
  | 'added'
  | 'dropped'
  | 'promoted'
  | 'demoted'
  | 'time-frame-changed'
  | 'measure-changed'
  | 'description-changed';

/** What a verdict on two outcomes, or on one without a counterpart, rests on. */
export interface OutcomeEvidence {
  /** How much of what the two measures say they share, 0 to 1; for a dropped or added one, with the likest of the other version. */
  readonly likeness: number;
  readonly shared: readonly string[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** What differs in how it is measured. */
  readonly differences: readonly MeasureDifference[];
  /** Times of observation as they were read, in days, when they differ. */
  readonly days?: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** JSON Pointer of the likest outcome of the other version, for a dropped or added one. */
  readonly nearest?: string;
}

/** An outcome with what its texts say, once for all comparisons. */
export interface ReadOutcome {
  readonly outcome: Outcome;
  readonly measure: MeasureTerms;
  readonly times: ObservedTimes;
  readonly description: MeasureTerms;
  /** Its texts without case, space and signs that say nothing: measure, time frame, description. */
  readonly plain: readonly [measure: string, timeFrame: string, description: string];
}

/** Reads an outcome. */
export function readOutcome(outcome: Outcome): ReadOutcome {
  const measure = measureTerms(outcome.measure);
  const times = observedTimes(outcome.timeFrame ?? '');
  return {
    outcome,
    measure,
    times: { ...times, days: [...times.days, ...measure.days] },
    description: measureTerms(outcome.description ?? '', 'description'),
    plain: [plainText(outcome.measure), plainText(outcome.timeFrame), plainText(outcome.description)],
  };
}

function plainText(text = ''): string {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+|[%<>≤≥=]/gu) ?? [];
  return words.join(' ');
}

/** Two outcomes of which nothing is alike share less than this part of what they say (docs/trial-outcomes.md tells how it was chosen). */
export const SAME_OUTCOME = 0.4;

/** How two outcomes compare, whether they are one or not. */
export interface PairComparison extends MeasuresComparison {
  readonly isSame: boolean;
  readonly isSameTime: boolean;
}

/** Compares two outcomes by what they say, not by their rank. */
export function comparePair(before: ReadOutcome, after: ReadOutcome): PairComparison {
  const measures = compareMeasures(before.measure, after.measure);
  const isVerbatim = before.plain[0] === after.plain[0];
  const isSameByDescription = before.plain[2] !== '' && before.plain[2] === after.plain[2];
  const likeness = isVerbatim
    ? 1
    : isSameByDescription
      ? Math.max(measures.likeness, SAME_OUTCOME)
      : measures.likeness;
  const isTimed = before.outcome.timeFrame !== undefined;
  const timeAppeared = isTimed !== (after.outcome.timeFrame !== undefined);
  return {
    ...measures,
    likeness,
    differences: isVerbatim ? [] : measures.differences,
    isSame: likeness >= SAME_OUTCOME,
    isSameTime:
      before.plain[1] === after.plain[1] && isVerbatim
        ? true
        : !timeAppeared && areSameTimes(before.times, after.times),
  };
}

const RANKS: Readonly<Record<OutcomeRank, number>> = { primary: 3, secondary: 2, other: 1, 'post-hoc': 0 };

/** Everything that changed between two wordings of one outcome, or `['kept']`. */
export function changesOf(before: ReadOutcome, after: ReadOutcome, pair: PairComparison): OutcomeChange[] {
  const changes: OutcomeChange[] = [];
  const rise = RANKS[after.outcome.rank] - RANKS[before.outcome.rank];
  if (rise !== 0) changes.push(rise > 0 ? 'promoted' : 'demoted');
  if (pair.differences.length > 0 || describesOtherNumbers(before, after)) changes.push('measure-changed');
  if (!pair.isSameTime) changes.push('time-frame-changed');
  if (hasOtherDescription(before, after)) changes.push('description-changed');
  const isVerbatim = before.plain.every((text, index) => text === after.plain[index]);
  const areWordsAll = !isVerbatim && changes.every((change) => isRankChange(change));
  if (areWordsAll) changes.push('wording-only');
  return changes.length === 0 ? ['kept'] : changes;
}

function isRankChange(change: OutcomeChange): boolean {
  return change === 'promoted' || change === 'demoted';
}

/** Both describe thresholds, and other ones: the measure hides in the description. */
function describesOtherNumbers(before: ReadOutcome, after: ReadOutcome): boolean {
  const [one, other] = [before.description, after.description];
  if (one.numbers.length === 0 || other.numbers.length === 0) return false;
  return compareMeasures(one, other).differences.includes('numbers');
}

/** Descriptions that share less of what they say tell something else. */
const SAME_DESCRIPTION = 0.8;

function hasOtherDescription(before: ReadOutcome, after: ReadOutcome): boolean {
  const [one, other] = [before.plain[2], after.plain[2]];
  if (one === other) return false;
  if (one === '' || other === '') return true;
  const { likeness, differences } = compareMeasures(before.description, after.description);
  const isSameTime = areSameDays(before.description.days, after.description.days);
  return likeness < SAME_DESCRIPTION || differences.includes('numbers') || !isSameTime;
}

/** From 0.5 for what could as well be decided otherwise to 1 for what is clear: how far the likeness lies from the limit. */
export function confidenceOf(likeness: number, isSame: boolean): number {
  const distance = isSame
    ? (likeness - SAME_OUTCOME) / (1 - SAME_OUTCOME)
    : (SAME_OUTCOME - likeness) / SAME_OUTCOME;
  return rounded(0.5 + Math.min(1, Math.max(0, distance)) / 2);
}

/** Two digits say more than these figures mean. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The evidence of a comparison. */
export function evidenceOf(before: ReadOutcome, after: ReadOutcome, pair: PairComparison): OutcomeEvidence {
  const { likeness, shared, onlyBefore, onlyAfter, differences } = pair;
  const days = { before: before.times.days.map(rounded), after: after.times.days.map(rounded) };
  return {
    likeness: rounded(likeness),
    shared,
    onlyBefore,
    onlyAfter,
    differences,
    ...(pair.isSameTime ? {} : { days }),
  };
}
