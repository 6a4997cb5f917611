/** What became of the outcomes that a trial announced: matched in spite of new wordings, each change with its evidence. */
export { type TrialStart, trialStart, type TrialVersion, versionBeforeStart } from './baseline-version.js';
export {
  compareOutcomeLists,
  compareOutcomes,
  type OutcomeComparison,
  type OutcomesComparison,
} from './compare-outcomes.js';
export type { MeasureDifference } from './compare-measures.js';
export type { OutcomeChange, OutcomeEvidence } from './compare-pair.js';
export type { Disclosure } from './disclosure.js';
export { type Outcome, type OutcomeRank, registeredOutcomes, reportedOutcomes } from './outcome.js';
export {
  type NumberedVersion,
  type TracedChange,
  type TracedComparison,
  type TracedOutcome,
  trialOutcomes,
  type TrialOutcomes,
  type VersionMark,
  type VersionOutcomes,
} from './outcome-report.js';
