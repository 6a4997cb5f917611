import { invalid } from '../errors/index.js';

/** A JSON object whose members are not known. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/**
 * A study record in the form of the ClinicalTrials.gov API v2 (https://clinicaltrials.gov/data-api/about-api/study-data-structure).
 * Only the two sections that hold what investigators state are known here; others travel along untouched.
 */
export interface TrialRecord {
  readonly protocolSection: JsonMembers;
  readonly resultsSection?: JsonMembers;
  readonly [section: string]: unknown;
}

/** True for `{…}`, false for arrays, null and scalars. */
export function isMembers(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Makes sure that a parsed value has the outer form of a record.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function asTrialRecord(value: unknown): TrialRecord {
  if (!isMembers(value)) throw invalid('record', 'must be a ClinicalTrials.gov v2 record, a JSON object');
  if (!isMembers(value.protocolSection)) {
    throw invalid('record.protocolSection', 'is required: the record must be in ClinicalTrials.gov v2 form');
  }
  if (value.resultsSection !== undefined && !isMembers(value.resultsSection)) {
    throw invalid('record.resultsSection', 'must be an object');
  }
  return value as TrialRecord;
}

/** Paths are few and asked for again and again, hundreds of times a record. */
const STEPS = new Map<string, readonly string[]>();

/** The value at a dotted path such as `protocolSection.statusModule.overallStatus`; undefined where a step is missing. */
export function valueAt(record: unknown, path: string): unknown {
  let steps = STEPS.get(path);
  if (steps === undefined) STEPS.set(path, (steps = path.split('.')));
  let value = record;
  for (const step of steps) {
    if (!isMembers(value)) return undefined;
    value = value[step];
  }
  return value;
}

/** The text at a dotted path, without the space around it; undefined when absent, blank or no text. */
export function textAt(record: unknown, path: string): string | undefined {
  const value = valueAt(record, path);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}

/** The objects of the array at a dotted path, each with its index; nothing when it is absent or no array. */
export function objectsAt(record: unknown, path: string): { index: number; value: JsonMembers }[] {
  const value = valueAt(record, path);
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) => (isMembers(item) ? [{ index, value: item }] : []));
}
