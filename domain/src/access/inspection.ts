import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { isKnownPurpose } from '../decision/purposes.js';
import { checkShape, closed, shapes, text } from '../json/shape.js';
import { codingShape, isSameCoding, type Coding } from '../records/coding.js';
import type { EndedVersion } from '../records/change.js';
import type { RecordMetadata } from '../records/record.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from '../statements/jwk.js';
import { checkFilter, isWanted } from './filter.js';
import { filterMembers, some, type AccessFilter, type AccessScope } from './request.js';

/** Which records the custodian's own staff look at: members AND, entries of one member OR, absent = all. */
export interface InspectionFilter extends AccessFilter {
  /** Security labels, the author's and those a map derived: a record that has any of these. */
  readonly labels?: readonly Coding[];
  /** Only `current` when absent; what was amended or retracted is shown to those who ask for it. */
  readonly status?: readonly VersionStatus[];
}

/** `current`: what readers see. `superseded`: an amendment followed. `retracted`: the record was entered in error. */
export type VersionStatus = 'current' | 'superseded' | 'retracted';

const STATUSES = ['current', 'superseded', 'retracted'] as const;

/** One version of a record as an inspection shows it. */
export type InspectedVersion = (RecordMetadata | EndedVersion) & { readonly status: VersionStatus };

/** What a registrar or auditor asks of the records of a patient of their own organization. */
export interface InspectionRequest {
  readonly patient: string;
  readonly scope: AccessScope;
  /** HL7 v3 PurposeOfUse code that is the role's. */
  readonly purpose: string;
  readonly filter: InspectionFilter;
  /** To whom the answer is encrypted. */
  readonly encryptionKey: PublicJwk;
  readonly salt: string;
}

/** An inspection as the custodian keeps it: who looks, at what, why, until when. */
export interface InspectionDocument {
  /** The transaction id of the request. */
  readonly receipt: string;
  readonly request: Omit<InspectionRequest, 'salt'>;
  readonly actor: MedicalActor;
  /** Subject of the service that acted for the person. */
  readonly via?: string;
  readonly instant: string;
  /** From this instant on it shows nothing. */
  readonly expires: string;
  readonly salt: string;
}

const inspectionShape = closed({
  patient: shapes.id,
  scope: v.picklist(['metadata', 'content'], 'must be metadata or content'),
  purpose: text(isKnownPurpose, 'must be an HL7 v3 PurposeOfUse code such as HOPERAT'),
  filter: closed({
    ...filterMembers,
    labels: some(codingShape),
    status: some(v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`)),
  }),
  encryptionKey: publicJwkShape,
  salt: shapes.salt,
});

/**
 * Checks a request to inspect (the contract takes `actor` out first).
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `input`.
 */
export function validateInspection(value: unknown): InspectionRequest {
  const request: InspectionRequest = checkShape(inspectionShape, value, 'input');
  checkPublicJwk(request.encryptionKey, 'input.encryptionKey');
  checkFilter(request.filter, 'input.filter');
  return request;
}

/** Whether a version of a record is among those that an inspection looks at. */
export function isInspected(version: InspectedVersion, filter: InspectionFilter): boolean {
  const { labels, status = ['current'] } = filter;
  return (
    status.includes(version.status) &&
    isWanted(version, filter) &&
    (labels === undefined || labels.some((label) => version.labels.some((own) => isSameCoding(own, label))))
  );
}
