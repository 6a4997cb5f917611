import * as v from 'valibot';
import { isKnownConfidentiality, isKnownSensitivity } from '../decision/labels.js';
import { invalid } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import { checkShape, closed, text, wholeNumber } from '../json/shape.js';
import { codingMembers } from '../records/coding.js';

/** Codes that say something sensitive, and the labels that a record with one of them gets. */
export interface SensitivityRule {
  /** Every URI under which the code system is met: a code under an alias says the same. */
  readonly systems: readonly string[];
  /** Codes as they stand. */
  readonly codes?: readonly string[];
  /** Codes that begin so, letter case and dots aside: for ICD-10, whose codes spell out their hierarchy. */
  readonly beginning?: readonly string[];
  /** Sensitivities of v3-ActCode: `HIV`, `OPIOIDUD`. */
  readonly labels: readonly string[];
  /** A code of v3-Confidentiality. */
  readonly confidentiality?: string;
  /** What the rule rests on. */
  readonly source: string;
}

/** Which codes make a record sensitive: versioned data that the consortium adopts. */
export interface SensitivityMap {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly rules: readonly SensitivityRule[];
}

/** Bytes of a map's canonical JSON: it is read at every registration. */
export const MAX_MAP_BYTES = 256 * 1024;

const line = text(
  (value) => /^\S(?:[^\p{Cc}]{0,298}\S)?$/u.test(String(value)),
  'must be 1 to 300 characters on one line, without outer spaces',
);

/** Ids of maps and packs: `vitaledger-sensitivity`, `us-hipaa`. */
export const dataId = text(
  (value) => /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/.test(String(value)),
  'must be 1 to 64 lower-case letters, digits and inner dashes',
);

const some = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.pipe(v.array(entry), v.minLength(1, 'must have at least one entry'));

const mapShape = closed({
  id: dataId,
  version: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  title: line,
  rules: some(
    closed({
      systems: some(codingMembers.system),
      codes: v.exactOptional(some(codingMembers.code)),
      beginning: v.exactOptional(
        some(text((value) => /^[A-Z0-9]{1,8}$/.test(String(value)), 'must be 1 to 8 capitals and digits')),
      ),
      labels: some(
        text((value) => isKnownSensitivity(String(value)), 'must be a sensitivity of v3-ActCode such as HIV'),
      ),
      confidentiality: v.exactOptional(
        text((value) => isKnownConfidentiality(String(value)), 'must be a code of v3-Confidentiality'),
      ),
      source: line,
    }),
  ),
});

/**
 * Checks a sensitivity map.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of the first fault.
 */
export function validateMap(value: unknown): SensitivityMap {
  const map: SensitivityMap = checkShape(mapShape, value, 'map');
  map.rules.forEach(({ codes, beginning }, index) => {
    if (!codes && !beginning) throw invalid(`map.rules[${index}]`, 'must have codes or beginning');
  });
  if (Buffer.byteLength(canonicalJson(map), 'utf8') > MAX_MAP_BYTES) {
    throw invalid('map', `must be at most ${MAX_MAP_BYTES} bytes of canonical JSON`);
  }
  return map;
}
