import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrialRecord } from './trial-record.js';

const PROJECT = join(__dirname, '../../..');

/** A record of `demo/data`, parsed anew, so that a test may change it. */
export function demoTrial(name: 'trial' | 'trial-amended'): TrialRecord {
  return JSON.parse(readFileSync(join(PROJECT, 'demo/data', `${name}.json`), 'utf8')) as TrialRecord;
}

export interface NamedRecord {
  readonly name: string;
  readonly record: TrialRecord;
}

const REAL_RECORDS = join(PROJECT, '../shared/data/clinicaltrials');

/** Real ClinicalTrials.gov v2 records, when the folder for them lies beside the project. */
export function realTrials(): readonly NamedRecord[] | undefined {
  if (!existsSync(REAL_RECORDS)) return undefined;
  return readdirSync(REAL_RECORDS)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      name: file,
      record: JSON.parse(readFileSync(join(REAL_RECORDS, file), 'utf8')) as TrialRecord,
    }));
}

/** A copy of `record` with the value at a dotted path (members and indices) replaced; `undefined` removes it. */
export function withValue(record: TrialRecord, path: string, value: unknown): TrialRecord {
  const copy = structuredClone(record);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let parent = copy as Record<string, unknown>;
  for (const step of steps) {
    parent[step] ??= {};
    parent = parent[step] as Record<string, unknown>;
  }
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}
