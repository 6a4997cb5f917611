/** The time limits of regulations, as versioned data with citations, evaluated at an instant that the caller names. */
export {
  type ClockHistory,
  type ClockSubject,
  countriesOf,
  type DateBasis,
  type DatedEvent,
  type DelayCertificate,
  historyWith,
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
