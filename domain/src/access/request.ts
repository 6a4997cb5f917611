import * as v from 'valibot';
import { includesPurpose, isKnownPurpose } from '../decision/purposes.js';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import { codingShape, type Coding } from '../records/coding.js';
import { isDateTime } from '../records/dates.js';
import { resourceType } from '../records/record.js';
import { studyNumberShape } from '../research/study.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from '../statements/jwk.js';
import { checkFilter } from './filter.js';

/** `metadata`: what records there are. `content`: also manifests and key shares. */
export type AccessScope = 'metadata' | 'content';

/** Which records are wanted: members AND, entries of one member OR, absent = all. */
export interface AccessFilter {
  /** FHIR resource types. */
  readonly classes?: readonly string[];
  readonly codes?: readonly Coding[];
  /** Clinical date, FHIR date or dateTime, included. */
  readonly from?: string;
  readonly to?: string;
  /** Record ids. */
  readonly records?: readonly string[];
}

/** What a caller asks of a custodian about one patient. */
export interface AccessRequest {
  readonly patient: string;
  readonly scope: AccessScope;
  /** HL7 v3 PurposeOfUse code. */
  readonly purpose: string;
  readonly filter: AccessFilter;
  /** To whom the answer is encrypted. */
  readonly encryptionKey: PublicJwk;
  /** Breaks the glass: why, in words; who asks answers for it in a review. */
  readonly emergency?: { readonly reason: string };
  /** In research: the study that it is for, by the ledger's number. */
  readonly study?: string;
  /** The patient's own signature under this request: a `read` statement of what `records`. */
  readonly statement?: string;
  readonly salt: string;
}

export const MAX_FILTER_ENTRIES = 500;

/** One or more of something, or the member is absent. */
export const some = <T>(entry: v.GenericSchema<unknown, T>) =>
  v.exactOptional(
    v.pipe(
      v.array(entry),
      v.minLength(1, 'must have at least one entry, or be absent'),
      v.maxLength(MAX_FILTER_ENTRIES, `must have at most ${MAX_FILTER_ENTRIES} entries`),
    ),
  );

const date = v.exactOptional(text(isDateTime, 'must be a FHIR date or dateTime'));

/** The members of an {@link AccessFilter}, as schemas. */
export const filterMembers = {
  classes: some(resourceType),
  codes: some(codingShape),
  from: date,
  to: date,
  records: some(shapes.id),
};

const requestShape = closed({
  patient: shapes.id,
  scope: v.picklist(['metadata', 'content'], 'must be metadata or content'),
  purpose: text(isKnownPurpose, 'must be an HL7 v3 PurposeOfUse code such as TREAT'),
  filter: closed(filterMembers),
  encryptionKey: publicJwkShape,
  emergency: v.exactOptional(
    closed({
      reason: text(
        (value) => /^\S(?:[^\p{Cc}]{0,498}\S)?$/u.test(String(value)),
        'must be 1 to 500 characters on one line, without outer spaces',
      ),
    }),
  ),
  study: v.exactOptional(studyNumberShape),
  statement: v.exactOptional(text(() => true, 'must be a compact JWS')),
  salt: shapes.salt,
});

/**
 * Checks an access request (the contract takes `actor` out first).
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `input`.
 */
export function validateRequest(value: unknown): AccessRequest {
  const request: AccessRequest = checkShape(requestShape, value, 'input');
  checkPublicJwk(request.encryptionKey, 'input.encryptionKey');
  checkFilter(request.filter, 'input.filter');
  checkEvidence(request);
  return request;
}

/** What breaks the glass is an emergency, and names it; what a patient signs is asked for at their request; a study is research. */
function checkEvidence({ purpose, emergency, statement, study }: AccessRequest): void {
  if (emergency && !includesPurpose('ETREAT', purpose)) {
    throw invalid(
      'input.emergency',
      'must be left out of requests for other purposes than ETREAT, ERTREAT or BTG',
    );
  }
  if (!emergency && purpose === 'BTG') {
    throw invalid('input.emergency', 'is required: who breaks the glass says why');
  }
  if (study !== undefined && !includesPurpose('HRESCH', purpose)) {
    throw invalid('input.study', 'must be left out of requests for other purposes than HRESCH and below');
  }
  if (statement !== undefined && !includesPurpose('PATRQT', purpose)) {
    throw invalid('input.statement', 'must be left out of requests for other purposes than PATRQT');
  }
}
