import { valueAt } from '../trial-record.js';
import { allResultsOf, type ClockSubject, type DateBasis, eventOf, verificationOf } from './clock-facts.js';
import type { ClockPack, ClockRule } from './clock-pack.js';
import { delayed } from './delayed-results.js';
import { type DaySpan, daysOf, laterBy, laterOf } from './legal-dates.js';

/** The last day of a duty, as far as dates and delays tell. */
export interface ClockLimit {
  readonly due: DaySpan;
  readonly basis: DateBasis;
  readonly doubts: readonly string[];
  /** Whether nothing is due at all. */
  readonly isWaived?: true;
}

/** When a duty is due; undefined while nothing has happened, or is expected, that it counts from. */
export function limitOf(subject: ClockSubject, rule: ClockRule, pack: ClockPack): ClockLimit | undefined {
  const trigger = triggerOf(subject, rule);
  if (trigger === undefined) return undefined;
  const doubts = doubtsOf(subject, rule, trigger.basis);
  const standard = { due: withSooner(subject, rule, trigger.days), basis: trigger.basis, doubts };
  if (rule.notBefore !== undefined) return notBefore(subject, standard, trigger.days, rule.notBefore, pack);
  if (!rule.delayable) return standard;
  const extended = delayed(subject, standard.due, trigger.days);
  return extended ? { ...standard, ...extended, doubts: [...doubts, ...extended.doubts] } : standard;
}

function doubtsOf(subject: ClockSubject, { doubt, elsewhere }: ClockRule, basis: DateBasis): string[] {
  const completed = eventOf(subject.record, 'primaryCompletion');
  const isOld = doubt && completed && completed.days.first < doubt.primaryCompletionBefore;
  return [
    ...(basis === 'anticipated' ? ['It counts from a date that is only expected'] : []),
    ...(isOld ? [doubt.text] : []),
    ...(elsewhere === undefined ? [] : [elsewhere]),
  ];
}

/** A limit after that of another clock, and delayed with it; none where both count from the same day. */
function notBefore(
  subject: ClockSubject,
  limit: ClockLimit,
  trigger: DaySpan,
  clock: string,
  pack: ClockPack,
): ClockLimit | undefined {
  const other = pack.clocks.find(({ id }) => id === clock);
  const earlier = other && triggerOf(subject, other);
  const first = other && limitOf(subject, other, pack);
  if (!first || !earlier || trigger.last <= earlier.days.last) return undefined;
  const due = laterOf(limit.due, first.due);
  const doubts = [...new Set([...limit.doubts, ...first.doubts])];
  return { ...limit, due, doubts, ...(first.isWaived ? { isWaived: true } : {}) };
}

/** A trial of children only has the shorter limit; one of children and adults may have. */
function withSooner({ record }: ClockSubject, { within, sooner }: ClockRule, trigger: DaySpan): DaySpan {
  const due = laterBy(trigger, within);
  const ages = valueAt(record, 'protocolSection.eligibilityModule.stdAges');
  if (sooner === undefined || !Array.isArray(ages) || !ages.includes('CHILD')) return due;
  const earlier = laterBy(trigger, sooner.within);
  return ages.length === 1 ? earlier : { first: earlier.first, last: due.last };
}

function triggerOf(
  subject: ClockSubject,
  { from }: ClockRule,
): { readonly days: DaySpan; readonly basis: DateBasis } | undefined {
  if (from === 'verification') {
    const isOver = allResultsOf(subject) !== undefined || isWithdrawn(subject);
    return isOver ? undefined : { days: verificationOf(subject), basis: 'actual' };
  }
  if (from === 'device-clearance') {
    const days = daysOf(subject.deviceClearance?.date);
    return days && { days, basis: 'actual' };
  }
  return eventOf(subject.record, from);
}

function isWithdrawn({ record }: ClockSubject): boolean {
  return valueAt(record, 'protocolSection.statusModule.overallStatus') === 'WITHDRAWN';
}
