/** The time limits of regulations, as versioned data with citations, evaluated at an instant that the caller names. */
export {
  type ApplicationEnd,
  type ClockHistory,
  type ClockSubject,
  countriesOf,
  type DateBasis,
  type DatedEvent,
  type DelayCertificate,
  type DelayExtension,
  historyWith,
  type ResultsWaiver,
} from './clock-facts.js';
export type {
  Applicability,
  ApplicabilityReason,
  ClockDuty,
  ClockPack,
  ClockRule,
  ClockTrigger,
} from './clock-pack.js';
export {
  CLOCK_PACKS,
  type ClockReport,
  type ClockState,
  type ClockStatus,
  evaluateClocks,
  isOpenDuty,
  type PackReport,
  statusOfOpenDuty,
} from './evaluate-clocks.js';
export { addPeriod, type DaySpan, daysOf, type Period } from './legal-dates.js';
export {
  checkDelay,
  type DelayEnd,
  DELAY_KINDS,
  delaysOf,
  needsRegulator,
  readDelayEnd,
  readDelayRequest,
  type TrialDelay,
  type TrialDelayKind,
} from './trial-delay.js';
