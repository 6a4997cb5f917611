import {
  certificateSubmitted,
  type ClockSubject,
  type DelayCertificate,
  type DelayExtension,
  isWaivedElsewhere,
  type ResultsWaiver,
} from './clock-facts.js';
import { type DaySpan, daysOf, earlierOf, laterBy, laterOf } from './legal-dates.js';

/** A later limit, or none at all, and what is not known about it. */
export interface DelayedLimit {
  readonly due: DaySpan;
  readonly doubts: readonly string[];
  /** Whether no results are due at all. */
  readonly isWaived?: true;
}

/** How long after a decision results are due (42 CFR 11.44(b)(1), (c)(1), (e), 11.54). */
const AFTER_DECISION = { days: 30 };
/** A withdrawn application counts as ended when it was not submitted again for so long. */
const AFTER_WITHDRAWAL = { days: 210 };
/** From the submission of a certificate (42 CFR 11.44(b)(2), (c)(2)). */
const LONGEST = { years: 2 };

/**
 * The limit for results under certificates of delay and extensions for good cause (42 CFR 11.44(b), (c), (e)).
 *
 * A certificate counts when submitted before the day on which the results were due, the day before at the latest; for initial approval only when the primary completion is
 * on or after 18 January 2017. Under it, results are due 30 calendar days after the FDA's decision, or after a withdrawn application was
 * not submitted again for 210 days, and at most two years after the certificate. An extension counts when asked for before the limit that
 * stands then: granted, it is the day granted; refused, the later of that limit and 30 days after the refusal. A waiver (42 CFR 11.54) that was asked
 * for before the limit and granted ends the duty; refused, it counts as a refused extension.
 *
 * @returns undefined when nothing delays the results.
 */
export function delayed(
  subject: ClockSubject,
  standard: DaySpan,
  primaryCompletion: DaySpan,
): DelayedLimit | undefined {
  const certified = certifiedLimit(subject, standard, primaryCompletion);
  const { extensions = [], waivers = [] } = subject;
  const isNamed = isWaivedElsewhere(subject.record);
  if (extensions.length + waivers.length === 0 && !isNamed) return certified;
  const limit = extensions.reduce<DelayedLimit>(extended, certified ?? { due: standard, doubts: [] });
  return waivers.reduce(waived, isNamed ? { ...limit, isWaived: true } : limit);
}

function certifiedLimit(
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
  if (certificates.length > 0 || named === undefined || named.last >= standard.first) return undefined;
  return {
    due: { first: standard.first, last: laterOf(standard, laterBy(named, LONGEST)).last },
    doubts: ['The record names a certificate of delay without its kind or how it ended (42 CFR 11.44)'],
  };
}

function isInTime(
  { kind, submitted }: DelayCertificate,
  standard: DaySpan,
  primaryCompletion: DaySpan,
): boolean {
  const days = daysOf(submitted);
  if (days === undefined || days.last >= standard.first) return false;
  return kind === 'new-use' || primaryCompletion.first >= INITIAL_APPROVAL_SINCE;
}

/** Primary completions to which 42 CFR 11.44(c) applies begin on this day. */
export const INITIAL_APPROVAL_SINCE = '2017-01-18';

function limitUnder({ submitted, ended }: DelayCertificate, standard: DaySpan): DelayedLimit {
  const longest = laterBy(daysOf(submitted) ?? standard, LONGEST);
  const end = endOf(ended);
  if (end) return { due: laterOf(standard, earlierOf(laterBy(end, AFTER_DECISION), longest)), doubts: [] };
  return {
    due: laterOf(standard, longest),
    doubts: ['It ends sooner, 30 days after the FDA decides (42 CFR 11.44)'],
  };
}

function endOf(ended: DelayCertificate['ended']): DaySpan | undefined {
  const days = daysOf(ended?.date);
  return days && ended?.event === 'withdrawn' ? laterBy(days, AFTER_WITHDRAWAL) : days;
}

/** The limit after one more request for an extension. */
function extended(limit: DelayedLimit, { submitted, decided }: DelayExtension): DelayedLimit {
  if (!isInTimeFor(limit, submitted)) return limit;
  if (decided === undefined)
    return doubted(limit, 'An extension for good cause is asked for and not decided yet (42 CFR 11.44(e))');
  if (!decided.granted) return refused(limit, decided.date);
  const granted = daysOf(decided.until);
  return granted ? { ...limit, due: laterOf(limit.due, granted) } : limit;
}

/** The limit after one more request for a waiver. */
function waived(limit: DelayedLimit, { submitted, decided }: ResultsWaiver): DelayedLimit {
  if (!isInTimeFor(limit, submitted)) return limit;
  if (decided === undefined)
    return doubted(limit, 'A waiver is asked for and not decided yet (42 CFR 11.54)');
  return decided.granted ? { ...limit, isWaived: true } : refused(limit, decided.date);
}

/** A request comes before the day of the limit. */
function isInTimeFor({ due }: DelayedLimit, submitted: string): boolean {
  const asked = daysOf(submitted);
  return asked !== undefined && asked.first < due.last;
}

const doubted = (limit: DelayedLimit, doubt: string): DelayedLimit => ({
  ...limit,
  doubts: [...limit.doubts, doubt],
});

function refused(limit: DelayedLimit, date: string): DelayedLimit {
  const days = daysOf(date);
  return days ? { ...limit, due: laterOf(limit.due, laterBy(days, AFTER_DECISION)) } : limit;
}
