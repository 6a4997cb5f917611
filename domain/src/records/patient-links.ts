import type { PatientLink as FhirPatientLink } from 'fhir/r4';
import * as v from 'valibot';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { closed, shapes } from '../json/shape.js';
import type { ChangeReason } from './change.js';
import type { MedicalActor } from '../consortium/roles.js';

/** A patient as a custodian knows them. */
export interface LinkedPatient {
  /** MSP id. */
  readonly custodian: string;
  /** The id there. */
  readonly patient: string;
}

/** As FHIR R4 Patient.link.type: which of two entries at one custodian counts for what is new. */
export type MergeType = 'replaces' | 'replaced-by';

/** As FHIR R4 Patient.link.type: `seealso`, there is more about the person; `refer`, that is the main source. */
export type ReferenceType = 'seealso' | 'refer';

/** Who said that two entries are of one person, or no longer: a registrar, with a reason, or the patient by signature. */
export interface LinkSaid {
  readonly instant: string;
  /** The registrar. */
  readonly by?: MedicalActor;
  /** Subject of the service that acted for the registrar. */
  readonly via?: string;
  readonly reason?: ChangeReason;
  /** Digest of the statement that the patient, or a delegate, signed; the history has it. */
  readonly statement?: string;
}

/**
 * That two entries are of the same person (FHIR R4 Patient.link, IHE PIXm): at another custodian, or merged here. Said by a
 * registrar or signed by the patient, never found by demographic data.
 */
export interface PatientLink extends LinkedPatient {
  readonly type: ReferenceType | MergeType;
  readonly linked: LinkSaid;
  /** When it was taken back, by whom and why. */
  readonly unlinked?: LinkSaid;
}

/** A patient's links at one custodian, those taken back too: one document. */
export interface PatientLinks {
  readonly patient: string;
  readonly links: readonly PatientLink[];
  readonly salt: string;
}

export const MAX_LINKS = 200;

export const linkedPatientShape = closed({ custodian: shapes.mspId, patient: shapes.id });

export const referenceTypeShape = v.picklist(['seealso', 'refer'], 'must be seealso or refer');

export function isLinked({ unlinked }: PatientLink): boolean {
  return unlinked === undefined;
}

/** @throws VitaledgerError `ALREADY_EXISTS` where the two are linked; `PRECONDITION_FAILED` (`TOO_MANY_LINKS`). */
export function addLink(before: PatientLinks | undefined, link: PatientLink): readonly PatientLink[] {
  const links = before?.links ?? [];
  if (links.some((other) => isLinked(other) && isSame(other, link))) {
    throw new VitaledgerError('ALREADY_EXISTS', 'The two are linked already.', { what: 'link' });
  }
  if (links.length >= MAX_LINKS) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `A patient has at most ${MAX_LINKS} links, those taken back included.`,
      { reason: 'TOO_MANY_LINKS', limit: MAX_LINKS },
    );
  }
  return [...links, link];
}

/** @throws VitaledgerError `NOT_FOUND` where no such link stands; `PERMISSION_DENIED` (`LINKED_BY_REGISTRAR`) for the patient. */
export function endLink(
  before: PatientLinks | undefined,
  other: LinkedPatient,
  unlinked: LinkSaid,
): readonly PatientLink[] {
  const links = before?.links ?? [];
  const found = links.find((link) => isLinked(link) && isSame(link, other));
  if (!found) throw new VitaledgerError('NOT_FOUND', 'There is no such link here.', { what: 'link' });
  if (unlinked.statement !== undefined && found.linked.statement === undefined) {
    throw new VitaledgerError(
      'PERMISSION_DENIED',
      'A registrar of the custodian said so; patients take back what they signed, and ask the custodian to put the rest right.',
      { reason: 'LINKED_BY_REGISTRAR' },
    );
  }
  return links.map((link) => (link === found ? { ...link, unlinked } : link));
}

function isSame(one: LinkedPatient, other: LinkedPatient): boolean {
  return one.custodian === other.custodian && one.patient === other.patient;
}

/** The links that stand, as `Patient.link` of a FHIR R4 Patient. */
export function fhirPatientLinks(links: readonly PatientLink[]): FhirPatientLink[] {
  return links.filter(isLinked).map(({ custodian, patient, type }) => ({
    other: {
      type: 'Patient',
      identifier: { system: 'urn:vitaledger:patient', value: `${custodian}/${patient}` },
    },
    type,
  }));
}
