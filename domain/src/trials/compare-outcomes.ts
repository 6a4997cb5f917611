import { type Outcome, type OutcomeRank, registeredOutcomes } from './outcomes.js';
import { pairWhere, unpaired } from './pairing.js';
import { isBefore } from './trial-date.js';
import { textAt, type TrialRecord } from './trial-record.js';

/** What became of an outcome (the discrepancies of the COMPare project, https://www.compare-trials.org). */
export type OutcomeChange =
  | 'kept'
  | 'added'
  | 'dropped'
  | 'promoted'
  | 'demoted'
  | 'time-frame-changed'
  | 'measure-changed'
  | 'description-changed';

/** One outcome in two versions; `before` is absent when it was added, `after` when it was dropped. */
export interface OutcomeComparison {
  /** `['kept']`, or everything that changed: an outcome can be demoted and its time frame changed at once. */
  readonly changes: readonly OutcomeChange[];
  readonly before?: Outcome;
  readonly after?: Outcome;
}

/** What became of all outcomes. */
export interface OutcomesComparison {
  /** In the order of the earlier version, then those added. */
  readonly outcomes: readonly OutcomeComparison[];
  /** Whether what the trial is judged by changed: a primary outcome was dropped, added, promoted, demoted, or measured otherwise. */
  readonly primarySwitched: boolean;
}

/** A version of a record as the registry keeps it. */
export interface TrialVersion {
  readonly record: TrialRecord;
  /** When it was registered, ISO 8601 in UTC. */
  readonly instant: string;
}

/** Compares the outcomes that two versions of a record announce. */
export function compareOutcomes(before: TrialRecord, after: TrialRecord): OutcomesComparison {
  return compareOutcomeLists(registeredOutcomes(before), registeredOutcomes(after));
}

/**
 * Compares two lists of outcomes; with `reportedOutcomes` as the second, results with what was announced.
 *
 * Outcomes are the same when their measures have the same words, whatever the case and punctuation; of what remains, those whose measures
 * share most words (or whose descriptions are equal) are one outcome whose measure changed.
 */
export function compareOutcomeLists(
  before: readonly Outcome[],
  after: readonly Outcome[],
): OutcomesComparison {
  const [earlier, later] = [before.map(worded), after.map(worded)];
  const pairs = pairOutcomes(earlier, later);
  const outcomes: OutcomeComparison[] = earlier.map((one, left) => {
    const other = later[pairs.get(left) ?? -1];
    if (other === undefined) return { changes: ['dropped'], before: one.outcome };
    return { changes: changesBetween(one, other), before: one.outcome, after: other.outcome };
  });
  const remaining = unpaired(after, [...pairs.values()]).flatMap((right) => after[right] ?? []);
  outcomes.push(...remaining.map((outcome): OutcomeComparison => ({ changes: ['added'], after: outcome })));
  return { outcomes, primarySwitched: outcomes.some(isPrimarySwitch) };
}

/**
 * The version that later ones are measured by: the last one registered before the trial started, or the first one when the trial
 * was registered later. The start is the one that the latest version states.
 *
 * @param versions in the order of their registration.
 * @returns undefined when there is no version.
 */
export function versionBeforeStart<T extends TrialVersion>(versions: readonly T[]): T | undefined {
  const latest = versions.at(-1);
  const start = textAt(latest?.record, 'protocolSection.statusModule.startDateStruct.date') ?? '';
  return versions.filter(({ instant }) => isBefore(instant, start)).at(-1) ?? versions[0];
}

const WEIGHT: Readonly<Record<OutcomeRank, number>> = { primary: 3, secondary: 2, other: 1, 'post-hoc': 0 };

/** An outcome with its texts reduced to words, once for all comparisons. */
interface WordedOutcome {
  readonly outcome: Outcome;
  readonly rank: OutcomeRank;
  readonly measure: string;
  readonly timeFrame: string;
  readonly description: string;
}

function changesBetween(before: WordedOutcome, after: WordedOutcome): OutcomeChange[] {
  const changes: OutcomeChange[] = [];
  if (WEIGHT[after.rank] > WEIGHT[before.rank]) changes.push('promoted');
  if (WEIGHT[after.rank] < WEIGHT[before.rank]) changes.push('demoted');
  if (before.measure !== after.measure) changes.push('measure-changed');
  if (before.timeFrame !== after.timeFrame) changes.push('time-frame-changed');
  if (before.description !== after.description) changes.push('description-changed');
  return changes.length === 0 ? ['kept'] : changes;
}

function isPrimarySwitch({ changes, before, after }: OutcomeComparison): boolean {
  if (before?.rank !== 'primary' && after?.rank !== 'primary') return false;
  return changes.some((change) => change !== 'kept' && change !== 'description-changed');
}

/** From the strictest idea of "the same outcome" to the loosest; each only sees what the ones before left over. */
const SAMENESS: readonly ((one: WordedOutcome, other: WordedOutcome) => boolean)[] = [
  (one, other) =>
    one.measure === other.measure && one.timeFrame === other.timeFrame && one.rank === other.rank,
  (one, other) => one.measure === other.measure && one.timeFrame === other.timeFrame,
  (one, other) => one.measure === other.measure && one.rank === other.rank,
  (one, other) => one.measure === other.measure,
  (one, other) => one.description !== '' && one.description === other.description,
];

/** Measures that share this part of their words (Dice coefficient) are taken for wordings of one outcome. */
const LIKENESS = 0.7;

function pairOutcomes(
  before: readonly WordedOutcome[],
  after: readonly WordedOutcome[],
): Map<number, number> {
  const pairs = new Map<number, number>();
  for (const areSame of SAMENESS) pairWhere(before, after, pairs, areSame);
  const candidates = unpaired(before, [...pairs.keys()]).flatMap((left) =>
    unpaired(after, [...pairs.values()]).map((right) => ({
      left,
      right,
      likeness: likeness(before[left]?.measure, after[right]?.measure),
    })),
  );
  const taken = new Set<number>();
  // The likest first; sort is stable, so ties are decided by the order in the records.
  for (const { left, right, likeness: value } of candidates.sort((a, b) => b.likeness - a.likeness)) {
    if (value < LIKENESS) break;
    if (pairs.has(left) || taken.has(right)) continue;
    pairs.set(left, right);
    taken.add(right);
  }
  return pairs;
}

const FILLERS = new Set('a an and at by for from in of on or the to with'.split(' '));

/** Twice the words in common over all words, 0 to 1; words that carry no meaning are left out. */
function likeness(one = '', other = ''): number {
  const left = meaningfulWords(one);
  const right = meaningfulWords(other);
  if (left.size + right.size === 0) return 0;
  const common = [...left].filter((word) => right.has(word)).length;
  return (2 * common) / (left.size + right.size);
}

function meaningfulWords(words: string): ReadonlySet<string> {
  return new Set(words.split(' ').filter((word) => word !== '' && !FILLERS.has(word)));
}

function worded(outcome: Outcome): WordedOutcome {
  return {
    outcome,
    rank: outcome.rank,
    measure: wordsOf(outcome.measure),
    timeFrame: wordsOf(outcome.timeFrame),
    description: wordsOf(outcome.description),
  };
}

/** A text reduced to its words: letters, digits, and signs that change a measure. */
function wordsOf(text = ''): string {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+|[%<>≤≥=]/gu) ?? []
  ).join(' ');
}
