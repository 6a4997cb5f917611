import type { TrialRecord } from '../trial-record.js';
import { bestPairs } from './assignment.js';
import {
  changesOf,
  comparePair,
  confidenceOf,
  evidenceOf,
  type OutcomeChange,
  type OutcomeEvidence,
  type PairComparison,
  readOutcome,
  type ReadOutcome,
} from './compare-pair.js';
import { type Outcome, registeredOutcomes } from './outcome.js';

/** One outcome in two versions; `before` is absent when it was added, `after` when it was dropped. */
export interface OutcomeComparison {
  /** `['kept']`, or everything that changed: an outcome can be demoted and its time frame changed at once. */
  readonly changes: readonly OutcomeChange[];
  readonly before?: Outcome;
  readonly after?: Outcome;
  /** How clear it is that the two are one outcome, or that one has no counterpart: 0.5 (could be either) to 1. */
  readonly confidence: number;
  readonly evidence: OutcomeEvidence;
}

/** What became of all outcomes. */
export interface OutcomesComparison {
  /** In the order of the earlier version, then those added. */
  readonly outcomes: readonly OutcomeComparison[];
  /** Whether what the trial is judged by changed: a primary outcome was dropped, added, promoted, demoted, or measured otherwise. */
  readonly primarySwitched: boolean;
}

/** Compares the outcomes that two versions of a record announce. */
export function compareOutcomes(before: TrialRecord, after: TrialRecord): OutcomesComparison {
  return compareOutcomeLists(registeredOutcomes(before), registeredOutcomes(after));
}

/**
 * Compares two lists of outcomes; with `reportedOutcomes` as the second, results with what was announced.
 *
 * Outcomes are paired so that, over all of them, most of what they say is shared (`docs/trial-outcomes.md`); each pair is then
 * compared. Nothing in it is random, and the same lists always give the same answer.
 */
export function compareOutcomeLists(
  before: readonly Outcome[],
  after: readonly Outcome[],
): OutcomesComparison {
  const [earlier, later] = [before.map(readOutcome), after.map(readOutcome)];
  const table = earlier.map((one) => later.map((other) => comparePair(one, other)));
  const pairs = bestPairs(
    earlier.map((one, row) => later.map((other, column) => gainOf(one, other, table[row]?.[column]))),
  );
  const outcomes = earlier.map((one, row): OutcomeComparison => {
    const column = pairs.get(row) ?? -1;
    const [other, pair] = [later[column], table[row]?.[column]];
    if (other && pair) return paired(one, other, pair);
    return {
      changes: ['dropped'],
      before: one.outcome,
      ...aloneAmong(one, later, (candidate) => table[row]?.[candidate]),
    };
  });
  const taken = new Set(pairs.values());
  later.forEach((other, column) => {
    if (taken.has(column)) return;
    const evidence = aloneAmong(other, earlier, (candidate) => table[candidate]?.[column]);
    outcomes.push({ changes: ['added'], after: other.outcome, ...evidence });
  });
  return { outcomes, primarySwitched: outcomes.some(isPrimarySwitch) };
}

/** Changes that do not touch what is measured, when, and how much it weighs. */
const HARMLESS: readonly OutcomeChange[] = ['kept', 'wording-only', 'description-changed'];

/** Whether a change touches what is measured, when, or how much it weighs. */
export function isSubstantial(change: OutcomeChange): boolean {
  return !HARMLESS.includes(change);
}

function isPrimarySwitch({ changes, before, after }: OutcomeComparison): boolean {
  const isPrimary = before?.rank === 'primary' || after?.rank === 'primary';
  return isPrimary && changes.some(isSubstantial);
}

function paired(before: ReadOutcome, after: ReadOutcome, pair: PairComparison): OutcomeComparison {
  return {
    changes: changesOf(before, after, pair),
    before: before.outcome,
    after: after.outcome,
    confidence: confidenceOf(pair.likeness, true),
    evidence: evidenceOf(before, after, pair),
  };
}

/** How alike an outcome without a counterpart is to the likest one of the other version. */
function aloneAmong(
  one: ReadOutcome,
  others: readonly ReadOutcome[],
  compared: (other: number) => PairComparison | undefined,
): Pick<OutcomeComparison, 'confidence' | 'evidence'> {
  const compare = others.flatMap((other, index) => {
    const pair = compared(index);
    return pair && pair.likeness > 0 ? [{ other, pair }] : [];
  });
  // Stable, so that of equals the first one counts.
  const [likest] = compare.sort((left, right) => right.pair.likeness - left.pair.likeness);
  if (!likest) {
    const evidence = { likeness: 0, shared: [], onlyBefore: [], onlyAfter: [], differences: [] };
    return { confidence: 1, evidence };
  }
  const { other: nearest, pair } = likest;
  return {
    confidence: confidenceOf(pair.likeness, false),
    evidence: { ...evidenceOf(one, nearest, pair), nearest: nearest.outcome.pointer },
  };
}

/** What pairing two outcomes is worth: what they share, and a little for what else agrees, so that twins find each other. */
function gainOf(one: ReadOutcome, other: ReadOutcome, pair: PairComparison | undefined): number {
  if (!pair?.isSame) return 0;
  const agreements = [
    [pair.differences.length === 0, 0.2],
    [pair.isSameTime, 0.2],
    [one.plain[1] === other.plain[1], 0.05],
    [one.outcome.rank === other.outcome.rank, 0.05],
    [one.plain[2] !== '' && one.plain[2] === other.plain[2], 0.2],
  ] as const;
  return agreements.reduce((gain, [agrees, worth]) => gain + (agrees ? worth : 0), pair.likeness);
}
