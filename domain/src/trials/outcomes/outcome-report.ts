import type { TrialRecord } from '../trial-record.js';
import { type TrialStart, trialStart, type TrialVersion, versionBeforeStart } from './baseline-version.js';
import {
  compareOutcomeLists,
  isSubstantial,
  type OutcomeComparison,
  type OutcomesComparison,
} from './compare-outcomes.js';
import type { OutcomeChange } from './compare-pair.js';
import { type Disclosure, disclosureOf } from './disclosure.js';
import { type Outcome, registeredOutcomes, reportedOutcomes } from './outcome.js';

/** A version with its number, and why it was made. */
export interface NumberedVersion extends TrialVersion {
  readonly version: number;
  /** Absent for the first one. */
  readonly reason?: string;
}

/** Which version, and when it was registered. */
export interface VersionMark {
  readonly version: number;
  readonly instant: string;
}

/** One change of an outcome since the baseline: where it came in, and what the sponsor said. */
export interface TracedChange {
  readonly change: OutcomeChange;
  /** The version in which the outcome came to stand so; 0 for what only the results show. */
  readonly introduced: number;
  readonly disclosure: Disclosure;
  /** The version whose reason tells of it: later than `introduced` when it was owned up to afterwards. */
  readonly told?: number;
}

/** An outcome of the baseline, or one added since, with the history of each of its changes. */
export interface TracedOutcome extends OutcomeComparison {
  /** Of the substantial changes: not of rewordings. */
  readonly traced: readonly TracedChange[];
}

/** How a list of outcomes stands to the baseline. */
export interface TracedComparison {
  readonly outcomes: readonly TracedOutcome[];
  readonly primarySwitched: boolean;
  /** Whether a primary outcome was switched and no reason declares it. */
  readonly silentlySwitched: boolean;
  /** How many outcomes show each change. */
  readonly counts: Readonly<Partial<Record<OutcomeChange, number>>>;
}

/** A later version against the baseline. */
export interface VersionOutcomes extends VersionMark, Omit<TracedComparison, 'outcomes'> {
  readonly reason?: string;
  /** Those that are not as they were announced. */
  readonly changed: readonly TracedOutcome[];
}

/** What became of the outcomes that a trial announced before it began. */
export interface TrialOutcomes extends TracedComparison {
  /** The version that the others are measured by. */
  readonly baseline: VersionMark & {
    /** Whether it was registered before the trial began; if not, it is the first version there is. */
    readonly isBeforeStart: boolean;
  };
  readonly start: TrialStart;
  readonly latest: VersionMark;
  /** Each version after the baseline. */
  readonly versions: readonly VersionOutcomes[];
  /** The same for what the results report; absent while there are none. */
  readonly reported?: TracedComparison;
}

/**
 * Compares every later version, and the results, with the last version before the trial began.
 *
 * @param versions all of a trial, in the order of their registration; at least one.
 * @param recruited instant at which the ledger saw the trial recruit.
 * @returns undefined when there is no version.
 */
export function trialOutcomes(
  versions: readonly NumberedVersion[],
  recruited?: string,
): TrialOutcomes | undefined {
  const [baseline, latest] = [versionBeforeStart(versions, recruited), versions.at(-1)];
  if (!baseline || !latest) return undefined;
  const announced = registeredOutcomes(baseline.record);
  const compare = comparedOnce(announced);
  const later = versions.filter(({ version }) => version > baseline.version);
  const stages = later.map((version) => ({
    version,
    comparison: compare(registeredOutcomes(version.record)),
  }));
  const now = stages.at(-1)?.comparison ?? compare(registeredOutcomes(latest.record));
  return {
    baseline: { ...markOf(baseline), isBeforeStart: isBeforeStart(baseline, versions, recruited) },
    start: trialStart(versions, recruited),
    latest: markOf(latest),
    ...traced(now, stages),
    versions: stages.map(({ version, comparison }, index) =>
      versionOutcomes(version, comparison, stages.slice(0, index + 1), stages),
    ),
    ...reported(latest.record, compare, stages),
  };
}

type Compare = (outcomes: readonly Outcome[]) => OutcomesComparison;

/** Most amendments leave the outcomes alone: what was compared is not compared again. */
function comparedOnce(announced: readonly Outcome[]): Compare {
  const known = new Map<string, OutcomesComparison>();
  return (outcomes) => {
    const key = JSON.stringify(outcomes);
    const found = known.get(key) ?? compareOutcomeLists(announced, outcomes);
    known.set(key, found);
    return found;
  };
}

interface Stage {
  readonly version: NumberedVersion;
  readonly comparison: OutcomesComparison;
}

const markOf = ({ version, instant }: NumberedVersion): VersionMark => ({ version, instant });

/** The first version is the baseline also when it comes after the start. */
function isBeforeStart(
  baseline: NumberedVersion,
  versions: readonly NumberedVersion[],
  recruited?: string,
): boolean {
  const { start, basis } = trialStart(versions, recruited);
  if (start === undefined) return true;
  return basis === 'recruited' ? baseline.instant < start : baseline.instant.slice(0, start.length) < start;
}

function versionOutcomes(
  { version, instant, reason }: NumberedVersion,
  comparison: OutcomesComparison,
  until: readonly Stage[],
  all: readonly Stage[],
): VersionOutcomes {
  const { outcomes, ...rest } = traced(comparison, until, all);
  const changed = outcomes.filter(({ changes }) => !changes.includes('kept'));
  return { version, instant, ...(reason === undefined ? {} : { reason }), ...rest, changed };
}

function reported(
  record: TrialRecord,
  compare: Compare,
  stages: readonly Stage[],
): Pick<TrialOutcomes, 'reported'> {
  const results = reportedOutcomes(record);
  if (results.length === 0) return {};
  const comparison = compare(results);
  // What the results alone show came in with them, and only reasons given until then can tell of it.
  return { reported: traced(comparison, stages) };
}

function traced(
  comparison: OutcomesComparison,
  stages: readonly Stage[],
  reasons: readonly Stage[] = stages,
): TracedComparison {
  const outcomes = comparison.outcomes.map((outcome): TracedOutcome => {
    const substantial = outcome.changes.filter(isSubstantial);
    return { ...outcome, traced: substantial.map((change) => traceOf(change, outcome, stages, reasons)) };
  });
  return {
    outcomes,
    primarySwitched: comparison.primarySwitched,
    silentlySwitched: outcomes.some(isSilentSwitch),
    counts: countsOf(outcomes),
  };
}

function isSilentSwitch({ before, after, traced: changes }: TracedOutcome): boolean {
  const isPrimary = before?.rank === 'primary' || after?.rank === 'primary';
  return isPrimary && changes.some(({ disclosure }) => disclosure !== 'declared');
}

/** Where a change came in: the first version of the last run of versions in which the outcome stands as it does now. */
function traceOf(
  change: OutcomeChange,
  outcome: OutcomeComparison,
  stages: readonly Stage[],
  reasons: readonly Stage[],
): TracedChange {
  const state = stateOf(change, outcome);
  const stands = stages.map(({ comparison }) =>
    comparison.outcomes.some((one) => one.changes.includes(change) && stateOf(change, one) === state),
  );
  const introducedAt = stands.at(-1) === true ? stands.lastIndexOf(false) + 1 : -1;
  const introduced = stages[introducedAt]?.version.version ?? 0;
  const told = reasons
    .filter(({ version }) => version.version >= introduced && introduced > 0)
    .map(({ version }) => ({
      version: version.version,
      disclosure: disclosureOf(version.reason ?? '', change, outcome),
    }));
  const best =
    told.find(({ disclosure }) => disclosure === 'declared') ??
    told.find(({ version, disclosure }) => version === introduced && disclosure === 'vague');
  return {
    change,
    introduced,
    disclosure: best?.disclosure ?? 'silent',
    ...(best === undefined ? {} : { told: best.version }),
  };
}

/** What an outcome is now, in the respect that changed; the same outcome of two versions is in the same state. */
function stateOf(change: OutcomeChange, { before, after }: OutcomeComparison): string {
  return JSON.stringify([before?.pointer, STATE[change]?.(after)]);
}

const STATE: Readonly<Partial<Record<OutcomeChange, (after?: Outcome) => unknown>>> = {
  added: (after) => after?.measure,
  promoted: (after) => after?.rank,
  demoted: (after) => after?.rank,
  'time-frame-changed': (after) => [after?.measure, after?.timeFrame],
  'measure-changed': (after) => [after?.measure, after?.description],
};

function countsOf(outcomes: readonly OutcomeComparison[]): Readonly<Partial<Record<OutcomeChange, number>>> {
  const counts: Partial<Record<OutcomeChange, number>> = {};
  for (const { changes } of outcomes)
    for (const change of changes) counts[change] = (counts[change] ?? 0) + 1;
  return counts;
}
