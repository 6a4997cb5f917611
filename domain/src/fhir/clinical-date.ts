import { isMembers, type JsonMembers } from './json-path.js';

/** When a record's content happened to the patient, by preference; `*.start` and `*.end` are members of a Period. */
const CLINICAL_DATES = [
  'effectiveDateTime',
  'effectiveInstant',
  'effectivePeriod.start',
  'effectivePeriod.end',
  'onsetDateTime',
  'onsetPeriod.start',
  'performedDateTime',
  'performedPeriod.start',
  'performedPeriod.end',
  'occurrenceDateTime',
  'occurrencePeriod.start',
  'occurredDateTime',
  'occurredPeriod.start',
  'whenHandedOver',
  'whenPrepared',
  'collection.collectedDateTime',
  'collection.collectedPeriod.start',
  'createdDateTime',
  'createdPeriod.start',
  'started',
  'context.period.start',
  'billablePeriod.start',
  'servicedDate',
  'servicedPeriod.start',
  'period.start',
  'period.end',
  'start',
  'startDate',
  'authoredOn',
  'authored',
  'dateWritten',
  'dateTime',
  'date',
  'recordedDate',
  'dateRecorded',
  'dateAsserted',
  'sent',
  'receivedTime',
  'issued',
  'created',
  'recorded',
] as const;

const FHIR_DATE_TIME =
  /^(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01])(?:T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)))?)?)?$/;

/** The element that says when the content happened, and its value as written. */
export interface DateElement {
  readonly name: string;
  readonly value: unknown;
}

/** The first element of {@link CLINICAL_DATES} that the resource has; undefined for timeless ones such as Patient. */
export function clinicalDateElement(resource: JsonMembers): DateElement | undefined {
  for (const name of CLINICAL_DATES) {
    const value = valueAt(resource, name);
    if (value !== undefined && !isMembers(value)) return { name, value };
  }
  return undefined;
}

/** A FHIR R4 date, dateTime or instant (datatypes.html#dateTime): partial dates as they are, a day that exists. */
export function isFhirDateTime(value: unknown): value is string {
  const parts = typeof value === 'string' ? FHIR_DATE_TIME.exec(value) : null;
  if (parts === null) return false;
  const [, year = '', month, day] = parts;
  if (Number(year) === 0) return false;
  return day === undefined || Number(day) <= daysIn(Number(year), Number(month));
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function valueAt(resource: JsonMembers, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((value, step) => (isMembers(value) ? value[step] : undefined), resource);
}
