import { Recent } from '../../json/index.js';
import { isTrialDate } from '../trial-date.js';

/**
 * The days that a date may mean, both included, as `YYYY-MM-DD` in UTC. `2019-02` is `2019-02-01` to `2019-02-28`: which of them is
 * never guessed, so what is counted from it is a span again.
 */
export interface DaySpan {
  readonly first: string;
  readonly last: string;
}

/** A length of time as a regulation states it. */
export type Period = { readonly days: number } | { readonly months: number } | { readonly years: number };

const DAY = 86_400_000;
const WHOLE_DAY = '2019-02-28'.length;

function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** The days of a trial's date (`2019-02` or `2019-02-28`); undefined for anything else. */
export function daysOf(date: unknown): DaySpan | undefined {
  if (!isTrialDate(date)) return undefined;
  if (date.length === WHOLE_DAY) return { first: date, last: date };
  const [year = 0, month = 1] = date.split('-').map(Number);
  return { first: `${date}-01`, last: `${date}-${lastDayOf(year, month)}` };
}

/** The one day of an instant, in UTC. */
export function dayOfInstant(instant: string): DaySpan {
  const day = instant.slice(0, 10);
  return { first: day, last: day };
}

/**
 * The day a period after another. Months and years are calendar ones, whatever their number of days; where the month has no such
 * day, its last one (one year after 29 February is 28 February; Regulation (EEC, Euratom) No 1182/71 art. 3(2)(c)).
 */
export function addPeriod(day: string, period: Period): string {
  const question = `${day} ${JSON.stringify(period)}`;
  const known = added.get(question);
  if (known !== undefined) return known;
  const found = dayAfter(day, period);
  added.set(question, found);
  return found;
}

/** The same few periods after the same days are asked for over and over, for a trial and for many trials. */
const added = new Recent<string>(2000);

function dayAfter(day: string, period: Period): string {
  if ('days' in period) return dayOf(Date.parse(day) + period.days * DAY);
  const months = 'months' in period ? period.months : period.years * 12;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const lastOfMonth = lastDayOf(year, month + months);
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(date, lastOfMonth)));
}

/** The last day of a month, from 1; of a later year's where there are more than twelve. */
function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** A whole span later by a period. */
export function laterBy(span: DaySpan, period: Period): DaySpan {
  return { first: addPeriod(span.first, period), last: addPeriod(span.last, period) };
}

/** The earlier of two dates, as far as they are known. */
export function earlierOf(one: DaySpan, other: DaySpan): DaySpan {
  return {
    first: one.first < other.first ? one.first : other.first,
    last: one.last < other.last ? one.last : other.last,
  };
}

/** The later of two dates, as far as they are known. */
export function laterOf(one: DaySpan, other: DaySpan): DaySpan {
  return {
    first: one.first > other.first ? one.first : other.first,
    last: one.last > other.last ? one.last : other.last,
  };
}
