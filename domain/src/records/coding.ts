import { closed, text } from '../json/shape.js';

/** A code of a code system (FHIR R4 Coding, without texts). */
export interface Coding {
  /** URI of the code system. */
  readonly system: string;
  readonly code: string;
}

/** The members of a {@link Coding}, as schemas. */
export const codingMembers = {
  system: text(
    (value) => /^[a-z][a-z0-9+.-]*:\S{1,255}$/i.test(String(value)),
    'must be the URI of a code system',
  ),
  code: text(
    (value) => /^\S(?:[^\t\r\n]{0,126}\S)?$/u.test(String(value)),
    'must be a code of 1 to 128 characters',
  ),
};

export const codingShape = closed(codingMembers);

export function isSameCoding(one: Coding, other: Coding): boolean {
  return one.system === other.system && one.code === other.code;
}

/** Code systems that the rules know. */
export const SYSTEMS = {
  purposeOfUse: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  sensitivity: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  resourceType: 'http://hl7.org/fhir/resource-types',
  mediaType: 'urn:ietf:bcp:13',
  action: 'http://terminology.hl7.org/CodeSystem/consentaction',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  organization: 'urn:vitaledger:organization',
  person: 'urn:vitaledger:person',
  role: 'urn:vitaledger:role',
  careTeam: 'urn:vitaledger:care-team',
  record: 'urn:vitaledger:record',
  legalClass: 'urn:vitaledger:legal-class',
} as const;
