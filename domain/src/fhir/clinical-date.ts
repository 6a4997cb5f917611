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

function valueAt(resource: JsonMembers, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((value, step) => (isMembers(value) ? value[step] : undefined), resource);
}
