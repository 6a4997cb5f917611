import {
  canonicalJson,
  checkShape,
  digestOf,
  inOrder,
  invalid,
  isDigest,
  text,
  VitaledgerError,
} from '@vitaledger/domain';
import {
  findPersonalData,
  MAX_TRIALS_AT_ONCE,
  refusePersonalData,
  validateRegistration,
  type TrialRecord,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { readJson } from '../ledger/json-text.js';
import type { EthicsDecision } from './trial.js';

/** 5 MiB: the largest records of ClinicalTrials.gov, with all their results, stay below. */
export const MAX_RECORD_BYTES = 5 * 1024 * 1024;

/** A record that may be registered. */
export interface CheckedRecord {
  readonly record: TrialRecord;
  /** SHA-256 of its canonical JSON. */
  readonly digest: string;
}

/**
 * A record that may be registered: complete (WHO's 24 items) and, as far as can be told, without personal data. What the
 * registry holds it holds for ever and for everyone.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function readRecord(json: string): CheckedRecord {
  checkLength(json, 'record');
  return checkedRecord(readJson(json, 'record'));
}

/**
 * Records that may be registered, 1 to {@link MAX_TRIALS_AT_ONCE}.
 *
 * @throws VitaledgerError as {@link readRecord}, of the first record that may not; `details.index` says which one it is, from 0.
 */
export function readRecords(json: string): readonly CheckedRecord[] {
  checkLength(json, 'records');
  const records = readJson(json, 'records');
  if (!Array.isArray(records) || records.length === 0 || records.length > MAX_TRIALS_AT_ONCE)
    throw invalid('records', `must be an array of 1 to ${MAX_TRIALS_AT_ONCE} records`);
  return records.map((record, index) => {
    try {
      return checkedRecord(record);
    } catch (error) {
      throw aboutRecord(error, index);
    }
  });
}

/** A refusal that says which record of several it is about. */
export function aboutRecord(error: unknown, index: number): unknown {
  if (!(error instanceof VitaledgerError)) return error;
  return new VitaledgerError(error.code, `records[${index}]: ${error.message}`, { ...error.details, index });
}

function checkLength(json: string, what: string): void {
  if (Buffer.byteLength(json, 'utf8') > MAX_RECORD_BYTES)
    throw invalid(what, `must be at most ${MAX_RECORD_BYTES} bytes`, { limit: MAX_RECORD_BYTES });
}

function checkedRecord(value: unknown): CheckedRecord {
  const record = validateRegistration(value);
  refusePersonalData(record);
  const canonical = canonicalJson(record);
  // In canonical order, so that a comparison with a stored version lists changes in one order only.
  const arranged: unknown = inOrder(record) ?? JSON.parse(canonical);
  return { record: arranged as TrialRecord, digest: digestOf(canonical) };
}

/** A remark that everyone can read for ever: 1 to 2,000 characters, nothing in it that looks like personal data. */
export function readRemark(value: string, what: string): string {
  if (value.length > 2000 || value.trim() === '' || /\p{Surrogate}/u.test(value)) {
    throw invalid(what, 'must be a text of 1 to 2,000 characters');
  }
  if (findPersonalData({ protocolSection: {}, [what]: value }).length > 0) {
    throw invalid(
      what,
      'must hold no personal data (an e-mail address or telephone number): it stays public for ever',
    );
  }
  return value.trim();
}

const decisionShape = v.strictObject({
  approved: v.boolean(),
  digest: text(isDigest, 'must be the digest of the version that was reviewed'),
  comment: v.exactOptional(v.string()),
});

/** An ethics decision. Throws INVALID_ARGUMENT with the JSON path. */
export function readDecision(json: string): EthicsDecision {
  const { comment, ...decision } = checkShape(decisionShape, readJson(json, 'decision'), 'decision');
  return comment === undefined ? decision : { ...decision, comment: readRemark(comment, 'comment') };
}
