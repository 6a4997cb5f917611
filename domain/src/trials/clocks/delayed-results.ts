import { certificateSubmitted, type ClockSubject, type DelayCertificate } from './clock-facts.js';
import { type DaySpan, daysOf, earlierOf, laterBy, laterOf } from './legal-dates.js';

/** A later limit, and what is not known about it. */
export interface DelayedLimit {
  readonly due: DaySpan;
  readonly doubts: readonly string[];
}

/**
 * The limit for results under a certificate of delay (42 CFR 11.44(b), (c)): 30 calendar days after the FDA's decision or the withdrawal of
 * the application, and at most two years after the certificate was submitted. It counts only when submitted by the day the results
 * were due; for initial approval only when the primary completion is on or after 18 January 2017.
 *
 * @returns undefined when no certificate delays the results.
 */
export function delayed(
  { record, certificates = [] }: ClockSubject,
  standard: DaySpan,
  primaryCompletion: DaySpan,
): DelayedLimit | undefined {
  const valid = certificates.filter((one) => isInTime(one, standard, primaryCompletion));
  const [latest] = valid
    .map((one) => limitUnder(one, standard))
    .sort((a, b) => (a.due.last < b.due.last ? 1 : -1));
  if (latest) return latest;
  const named = certificateSubmitted(record);
  if (certificates.length > 0 || named === undefined || named.last > standard.first) return undefined;
  return {
    due: { first: standard.first, last: laterOf(standard, laterBy(named, { years: 2 })).last },
    doubts: ['The record names a certificate of delay without its kind or how it ended (42 CFR 11.44)'],
  };
}

function isInTime(
  { kind, submitted }: DelayCertificate,
  standard: DaySpan,
  primaryCompletion: DaySpan,
): boolean {
  const days = daysOf(submitted);
  if (days === undefined || days.last > standard.first) return false;
  return kind === 'new-use' || primaryCompletion.first >= '2017-01-18';
}

function limitUnder({ submitted, ended }: DelayCertificate, standard: DaySpan): DelayedLimit {
  const longest = laterBy(daysOf(submitted) ?? standard, { years: 2 });
  const end = daysOf(ended);
  if (end) return { due: laterOf(standard, earlierOf(laterBy(end, { days: 30 }), longest)), doubts: [] };
  return {
    due: laterOf(standard, longest),
    doubts: ['It ends sooner, 30 days after the FDA decides (42 CFR 11.44)'],
  };
}
