import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { invalid } from '../errors/vitaledger-error.js';
import { isResourceType } from '../fhir/resource-types.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { MAX_VERSIONS, type Change } from './change.js';
import { codingShape, type Coding } from './coding.js';
import { isDateTime } from './dates.js';
import { originShape, type RecordOrigin } from './origin.js';

/** What the content in the vault must be. */
export interface Manifest {
  /** The vault's random name of the object. */
  readonly object: string;
  /** Bytes of plaintext. */
  readonly size: number;
  /** Plaintext bytes in a chunk; the last may be shorter. */
  readonly chunkSize: number;
  readonly chunks: number;
  /** SHA-256 of the plaintext. */
  readonly digest: string;
}

/** The version of another custodian's record that a copy was made of. The content is the same, byte by byte. */
export interface CopySource {
  /** MSP id. */
  readonly custodian: string;
  readonly record: string;
  readonly version: number;
  /** The salt of the source's proof, by which anyone at the copy's custodian can hold the content against the source. */
  readonly proof: string;
}

/** A record as a custodian registers it. */
export interface RecordInput {
  readonly id: string;
  readonly salt: string;
  /** FHIR R4 resource type. */
  readonly class: string;
  readonly category: readonly Coding[];
  readonly codes: readonly Coding[];
  /** Clinically relevant date, FHIR date or dateTime. */
  readonly date?: string;
  /** Security labels: sensitivity (v3-ActCode) and confidentiality (v3-Confidentiality). */
  readonly labels: readonly Coding[];
  /** Where it comes from, if a law treats it by that. */
  readonly origin?: RecordOrigin;
  /** What it is a copy of, where another custodian's record was taken over under the patient's consent. */
  readonly copiedFrom?: CopySource;
  readonly mediaType: string;
  /** The ledger's share of the data key: 256 bits, base64url. */
  readonly keyShare: string;
  readonly manifest: Manifest;
}

/** A record as the ledger stores it. */
export interface RecordMetadata extends RecordInput {
  readonly patient: string;
  /** When it was registered. */
  readonly registered: string;
  readonly registeredBy: MedicalActor;
  /** The sensitivity map that its labels were derived by; absent where none was adopted. */
  readonly labelledBy?: { readonly id: string; readonly version: number };
  /** From 1; each amendment counts it up. Authenticated with every chunk in the vault. */
  readonly version: number;
  /** Who made this version of the one before it, when and why; absent in the first. */
  readonly amendment?: Change;
}

export const MAX_RECORDS_AT_ONCE = 2000;
export const MAX_CODINGS = 100;
export const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
/** 2^40 bytes, 1 TiB. */
export const MAX_CONTENT_BYTES = 2 ** 40;

const codings = v.pipe(
  v.array(codingShape),
  v.maxLength(MAX_CODINGS, `must have at most ${MAX_CODINGS} entries`),
);

/** A FHIR R4 resource type. */
export const resourceType = text(isResourceType, 'must be a FHIR R4 resource type such as Observation');

/** The ledger's share of a data key. */
export const keyShareShape = text(
  (value) => /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(String(value)),
  'must be 256 bits in base64url (43 characters)',
);

/** The shape of a {@link Manifest}. */
export const manifestShape = closed({
  object: text((value) => /^[A-Za-z0-9_-]{16,128}$/.test(String(value)), 'must be a random object name'),
  size: wholeNumber(0, MAX_CONTENT_BYTES),
  chunkSize: wholeNumber(1, MAX_CHUNK_BYTES),
  chunks: wholeNumber(1, MAX_CONTENT_BYTES),
  digest: shapes.digest,
});

const recordShape = closed({
  id: shapes.id,
  salt: shapes.salt,
  class: resourceType,
  category: codings,
  codes: codings,
  date: v.exactOptional(text(isDateTime, 'must be a FHIR date or dateTime')),
  labels: codings,
  origin: v.exactOptional(originShape),
  copiedFrom: v.exactOptional(
    closed({
      custodian: shapes.mspId,
      record: shapes.id,
      version: wholeNumber(1, MAX_VERSIONS),
      proof: shapes.digest,
    }),
  ),
  mediaType: text(
    (value) => /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/.test(String(value)),
    'must be a lower-case media type without parameters, such as application/fhir+json',
  ),
  keyShare: keyShareShape,
  manifest: manifestShape,
});

/**
 * Checks a record that is to be registered.
 *
 * @param path where it stands in the input, such as `input.records[3]`.
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateRecord(value: unknown, path = 'record'): RecordInput {
  const record: RecordInput = checkShape(recordShape, value, path);
  const { size, chunkSize, chunks } = record.manifest;
  if (chunks !== Math.max(1, Math.ceil(size / chunkSize))) {
    throw invalid(`${path}.manifest.chunks`, 'must be size divided by chunkSize, rounded up, and at least 1');
  }
  return record;
}

/**
 * Checks the records of one registration: 1 to {@link MAX_RECORDS_AT_ONCE}, ids and salts all different.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of the first fault.
 */
export function validateRecords(value: unknown, path = 'input.records'): readonly RecordInput[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_RECORDS_AT_ONCE) {
    throw invalid(path, `must be an array of 1 to ${MAX_RECORDS_AT_ONCE} records`);
  }
  const records = value.map((record, index) => validateRecord(record, `${path}[${index}]`));
  refuseRepeated(records, 'id', path);
  refuseRepeated(records, 'salt', path);
  return records;
}

/** Records of one patient in a bulk load. */
export interface PatientRecords {
  readonly patient: string;
  readonly records: readonly RecordInput[];
}

const patientsShape = v.pipe(
  v.array(closed({ patient: shapes.id, records: v.unknown() })),
  v.minLength(1, 'must have at least one entry'),
  v.maxLength(MAX_RECORDS_AT_ONCE, `must have at most ${MAX_RECORDS_AT_ONCE} entries`),
);

/**
 * Checks a bulk load: 1 to {@link MAX_RECORDS_AT_ONCE} records altogether, each patient once, ids and salts all different.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of the first fault.
 */
export function validateBulk(value: unknown, path = 'input.patients'): readonly PatientRecords[] {
  const patients = checkShape(patientsShape, value, path).map(({ patient, records }, index) => ({
    patient,
    records: validateRecords(records, `${path}[${index}].records`),
  }));
  const all = patients.flatMap(({ records }) => records);
  if (all.length > MAX_RECORDS_AT_ONCE) {
    throw invalid(path, `must have at most ${MAX_RECORDS_AT_ONCE} records altogether`);
  }
  if (new Set(patients.map(({ patient }) => patient)).size !== patients.length) {
    throw invalid(path, 'must name each patient once');
  }
  refuseRepeated(all, 'id', path);
  refuseRepeated(all, 'salt', path);
  return patients;
}

function refuseRepeated(records: readonly RecordInput[], member: 'id' | 'salt', path: string): void {
  const seen = new Set<string>();
  records.forEach((record, index) => {
    if (seen.has(record[member])) throw invalid(`${path}[${index}].${member}`, 'must not be used twice');
    seen.add(record[member]);
  });
}

/** A record without the ledger's share of its key: what lists show. */
export function withoutKeyShare<T extends RecordInput>(record: T): Omit<T, 'keyShare'> {
  return without(record, ['keyShare']);
}

/** A record without key share and manifest: what an access of scope `metadata` shows. */
export function metadataOnly<T extends RecordInput>(record: T): Omit<T, 'keyShare' | 'manifest'> {
  return without(record, ['keyShare', 'manifest']);
}

function without<T extends object, K extends keyof T & string>(record: T, members: readonly K[]): Omit<T, K> {
  const kept = Object.entries(record).filter(([name]) => !(members as readonly string[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, K>;
}
