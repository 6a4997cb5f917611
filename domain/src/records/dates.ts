/** A span of time in milliseconds since 1970, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

const DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}))?)?)?$/;

/**
 * The span that a FHIR date or dateTime covers at its precision: `2026-03` is all of that March. A year, month or day
 * has no time zone and is taken in UTC.
 *
 * @returns undefined if it is neither, or names a day that does not exist.
 */
export function spanOf(dateTime: string): Span | undefined {
  const parts = DATE_TIME.exec(dateTime);
  if (!parts) return undefined;
  const [, year = '', month, day, hour, , , fraction] = parts;
  if (hour !== undefined) return spanOfTime(dateTime, `${year}-${month ?? ''}-${day ?? ''}`, fraction);
  return spanOfDate(Number(year), month, day);
}

function spanOfDate(year: number, month: string | undefined, day: string | undefined): Span | undefined {
  const first = new Date(0);
  first.setUTCFullYear(year, Number(month ?? 1) - 1, Number(day ?? 1));
  const isReal =
    (month === undefined || first.getUTCMonth() + 1 === Number(month)) &&
    (day === undefined || first.getUTCDate() === Number(day));
  if (!isReal) return undefined;
  const next = new Date(first);
  if (day !== undefined) next.setUTCDate(next.getUTCDate() + 1);
  else if (month !== undefined) next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1);
  return { first: first.getTime(), last: next.getTime() - 1 };
}

function spanOfTime(dateTime: string, day: string, fraction: string | undefined): Span | undefined {
  const first = Date.parse(dateTime);
  if (Number.isNaN(first) || spanOf(day) === undefined) return undefined;
  const precision = 10 ** Math.max(0, 3 - (fraction?.length ?? 0));
  return { first, last: first + precision - 1 };
}

/**
 * The span from the beginning of one FHIR dateTime to the end of another (FHIR R4 Period: both ends included); open
 * where one is absent.
 *
 * @returns undefined if one of them is no dateTime. A period that runs backwards has `first` after `last`.
 */
export function spanBetween(start: string | undefined, end: string | undefined): Span | undefined {
  const from = start === undefined ? { first: -Infinity } : spanOf(start);
  const to = end === undefined ? { last: Infinity } : spanOf(end);
  return from && to && { first: from.first, last: to.last };
}

/** Whether `value` is a FHIR R4 date or dateTime (§2.24.0.1) of a day that exists. */
export function isDateTime(value: unknown): value is string {
  return typeof value === 'string' && spanOf(value) !== undefined;
}
