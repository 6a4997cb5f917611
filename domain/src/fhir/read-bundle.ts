import type { FhirResource } from 'fhir/r4';
import { VitaledgerError } from '../errors/index.js';
import { MAX_JSON_DEPTH } from '../json/index.js';
import { type BundleFault, checkBundle } from './check-bundle.js';
import { isMembers, isTooDeep, type JsonMembers } from './json-path.js';
import { locateJsonFault } from './json-fault.js';

/** One resource of a bundle that will be one record. */
export interface BundleEntry {
  /** Position in `Bundle.entry`, from 0. */
  readonly index: number;
  /** `Bundle.entry[index].resource`, the head of the path of any later fault in it. */
  readonly path: string;
  readonly fullUrl: string | undefined;
  readonly resource: FhirResource;
}

/** A checked FHIR R4 Bundle of records. */
export interface RecordBundle {
  readonly type: 'transaction' | 'collection';
  readonly entries: readonly BundleEntry[];
}

/**
 * Reads a FHIR R4 Bundle of type `transaction` or `collection` (R4 bundle.html, http.html#transaction).
 *
 * The bundle is accepted whole or not at all.
 *
 * @param input JSON text, its UTF-8 bytes, or the parsed object. An object is not changed and is shared with the result.
 * @throws VitaledgerError `INVALID_ARGUMENT`; `details.path` is the JSON path of the first fault, `details.faults` how many
 * there are ({@link bundleFaults} lists them). Messages never quote what the bundle says about a person.
 */
export function readBundle(input: string | Uint8Array | object): RecordBundle {
  const bundle = parseBundle(input);
  const [first, ...others] = checkBundle(bundle);
  if (first !== undefined) throw refusal(first, others.length + 1);
  const type = bundle.type === 'transaction' ? 'transaction' : 'collection';
  const entries = bundle.entry as readonly JsonMembers[];
  return { type, entries: entries.map(readEntry) };
}

/**
 * Everything that keeps a bundle from being read, in document order.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when the input is not a JSON object at all.
 */
export function bundleFaults(input: string | Uint8Array | object): readonly BundleFault[] {
  return checkBundle(parseBundle(input));
}

function readEntry(entry: JsonMembers, index: number): BundleEntry {
  return {
    index,
    path: `Bundle.entry[${index}].resource`,
    fullUrl: entry.fullUrl as string | undefined,
    resource: entry.resource as FhirResource,
  };
}

function refusal(first: BundleFault, count: number): VitaledgerError {
  const more = count === 1 ? '' : ` (and ${count - 1} more)`;
  return new VitaledgerError('INVALID_ARGUMENT', `${first.path} ${first.rule}${more}`, {
    path: first.path,
    faults: count,
  });
}

function parseBundle(input: string | Uint8Array | object): JsonMembers {
  const value = parseInput(input);
  if (!isMembers(value)) throw notABundle('must be a FHIR Bundle, a JSON object');
  if (isTooDeep(value)) throw notABundle(`is nested deeper than ${MAX_JSON_DEPTH} levels`);
  return value;
}

function parseInput(input: string | Uint8Array | object): unknown {
  if (input instanceof Uint8Array) return parseText(decode(input));
  return typeof input === 'string' ? parseText(input) : input;
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw notABundle('is compressed with gzip; decompress it first');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notABundle('is not UTF-8 text');
  }
}

function parseText(text: string): unknown {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch {
    // The engine's message quotes the text, which is about a person.
    throw notJson(json);
  }
}

function notJson(text: string): VitaledgerError {
  if (text.trim() === '') return notABundle('is empty; give a FHIR Bundle in JSON');
  const fault = locateJsonFault(text);
  if (fault === undefined) return notABundle('is not well-formed JSON');
  const { line, column, truncated } = fault;
  const where = { line, column };
  if (truncated) {
    return notABundle(
      `ends in the middle of the JSON, at line ${line}, column ${column}; fetch it again`,
      where,
    );
  }
  return notABundle(`is not well-formed JSON at line ${line}, column ${column}`, where);
}

function notABundle(rule: string, where: { line?: number; column?: number } = {}): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `The bundle ${rule}`, { ...where, path: 'Bundle' });
}
