import {
  certificateSubmitted,
  type ClockSubject,
  type DelayCertificate,
  type DelayExtension,
} from './clock-facts.js';
import { type DaySpan, daysOf, earlierOf, laterBy, laterOf } from './legal-dates.js';

/** A later limit, and what is not known about it. */
export interface DelayedLimit {
  readonly due: DaySpan;
  readonly doubts: readonly string[];
}

/** How long after a decision results are due (42 CFR 11.44(b)(1), (c)(1), (e)). */
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
 * stands then: granted, it is the day granted; refused, the later of that limit and 30 days after the refusal.
 *
 * @returns undefined when nothing delays the results.
 */
export function delayed(
  subject: ClockSubject,
  standard: DaySpan,
  primaryCompletion: DaySpan,
): DelayedLimit | undefined {
  const certified = certifiedLimit(subject, standard, primaryCompletion);
  const extensions = subject.extensions ?? [];
  if (extensions.length === 0) return certified;
  return extensions.reduce<DelayedLimit>(extended, certified ?? { due: standard, doubts: [] });
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
  const asked = daysOf(submitted);
  if (asked === undefined || asked.first >= limit.due.last) return limit;
  if (decided === undefined) {
    const doubt = 'An extension for good cause is asked for and not decided yet (42 CFR 11.44(e))';
    return { due: limit.due, doubts: [...limit.doubts, doubt] };
  }
  const granted = decided.granted ? daysOf(decided.until) : daysOf(decided.date);
  if (granted === undefined) return limit;
  const until = decided.granted ? granted : laterBy(granted, AFTER_DECISION);
  return { ...limit, due: laterOf(limit.due, until) };
}
