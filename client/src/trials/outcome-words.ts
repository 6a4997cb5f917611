import type { OutcomeChange, TracedChange, TracedComparison, TracedOutcome } from '@vitaledger/domain';
import type { SponsorOutcomes } from './sponsor-outcomes.js';
import type { OutcomesReport } from './trials.js';

/** What a change is called for people. */
export const CHANGE_WORDS: Readonly<Record<OutcomeChange, string>> = {
  kept: 'kept',
  'wording-only': 'worded otherwise',
  added: 'added',
  dropped: 'dropped',
  promoted: 'promoted',
  demoted: 'demoted',
  'time-frame-changed': 'other time frame',
  'measure-changed': 'measured otherwise',
  'description-changed': 'described otherwise',
};

/** `primary → secondary`, or one rank. */
export function rankWords({ before, after }: TracedOutcome): string {
  const ranks = [before?.rank, after?.rank].filter((rank) => rank !== undefined);
  return [...new Set(ranks)].join(' → ');
}

/** Where a change came in, and whether anybody was told: `dropped in version 2, silently`. */
export function toldOf({ change, introduced, disclosure, told }: TracedChange): string {
  const where = introduced === 0 ? 'only in the results' : `in version ${introduced}`;
  const how = disclosure === 'vague' ? 'vaguely told' : disclosure;
  const by = disclosure === 'silent' ? 'silently' : `${how} by version ${told ?? introduced}`;
  return `${CHANGE_WORDS[change]} ${where}, ${by}`;
}

/** The same of every change of an outcome; empty when there is nothing to tell. */
export function toldWords({ traced }: TracedOutcome): string {
  return traced.map(toldOf).join('; ');
}

/** Rank, outcome, changes and disclosure of each outcome. */
export function outcomeRows(outcomes: readonly TracedOutcome[]): string[][] {
  return outcomes.map((outcome) => [
    rankWords(outcome),
    (outcome.after ?? outcome.before)?.measure ?? '',
    outcome.changes.map((change) => CHANGE_WORDS[change]).join(', '),
    toldWords(outcome),
  ]);
}

/** In one word or two: how the outcomes that a trial is judged by stand. */
export function verdictWords({
  primarySwitched,
  silentlySwitched,
}: TracedComparison): 'as announced' | 'switched, declared' | 'switched silently' {
  if (!primarySwitched) return 'as announced';
  return silentlySwitched ? 'switched silently' : 'switched, declared';
}

/** Of a sponsor's trials, without a full stop. */
export function summaryOn({ total, switched, silently, late }: SponsorOutcomes): string {
  return `${total} trials: ${switched} with a switched primary outcome, ${silently} of them without a word; ${late} registered after their start`;
}

/** In a sentence. */
export function verdictOn(report: OutcomesReport): string {
  const now = `Primary outcomes on the registry: ${verdictWords(report)}.`;
  const all = report.reported ? `${now} In the results: ${verdictWords(report.reported)}.` : now;
  return report.baseline.isBeforeStart ? all : `${all} ${LATE}`;
}

const LATE = 'The trial had begun before it was registered here, so what was changed earlier does not show.';
