import { isDateTime, spanOf } from '../records/dates.js';

const PARTIAL_DATE = /^\d{4}-\d{2}(-\d{2})?$/;

/** A date as registries give it, `2019-02` or `2019-02-28`, of a day that exists. */
export function isTrialDate(value: unknown): value is string {
  return isDateTime(value) && PARTIAL_DATE.test(value);
}

/**
 * Whether `instant` (ISO 8601) is certainly before a trial date: a month counts from its first day on, in UTC.
 *
 * @returns false when either is no date.
 */
export function isBefore(instant: string, date: string): boolean {
  const at = spanOf(instant);
  const start = spanOf(date);
  return at !== undefined && start !== undefined && at.last < start.first;
}
