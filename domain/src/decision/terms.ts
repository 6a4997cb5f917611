import type { CodeableConcept, Coding, ConsentProvisionActor, Reference } from 'fhir/r4';
import type { Role } from '../consortium/roles.js';
import { SYSTEMS } from '../records/coding.js';
import { careTeamReference } from './care-team.js';

/** Any member of an organization. */
export function organizationActor(mspId: string): ConsentProvisionActor {
  return recipient(SYSTEMS.organization, mspId);
}

/** One person (or service) by pseudonym. */
export function personActor(mspId: string, subject: string): ConsentProvisionActor {
  return recipient(SYSTEMS.person, `${mspId}/${subject}`);
}

/** Whoever acts in a role: within any organization, or within the one named. */
export function roleActor(role: Role, mspId?: string): ConsentProvisionActor {
  return recipient(SYSTEMS.role, mspId === undefined ? role : `${mspId}/${role}`);
}

/** Whoever is in a care team that a custodian keeps for the patient. */
export function careTeamActor(custodian: string, team: string): ConsentProvisionActor {
  return recipient(SYSTEMS.careTeam, careTeamReference(custodian, team));
}

/** An HL7 v3 PurposeOfUse. */
export function purposeCoding(code: string): Coding {
  return { system: SYSTEMS.purposeOfUse, code };
}

/** A FHIR resource type. */
export function classCoding(resourceType: string): Coding {
  return { system: SYSTEMS.resourceType, code: resourceType };
}

/** A sensitivity (v3-ActCode): ETH, SUD, HIV, PSY … */
export function sensitivityCoding(code: string): Coding {
  return { system: SYSTEMS.sensitivity, code };
}

/** A confidentiality (v3-Confidentiality): U, L, M, N, R, V. */
export function confidentialityCoding(code: string): Coding {
  return { system: SYSTEMS.confidentiality, code };
}

/** One record of the custodian, for `provision.data` with meaning `instance`. */
export function recordReference(record: string): Reference {
  return { identifier: { system: SYSTEMS.record, value: record } };
}

function recipient(system: string, value: string): ConsentProvisionActor {
  const role: CodeableConcept = { coding: [{ system: SYSTEMS.participation, code: 'IRCP' }] };
  return { role, reference: { identifier: { system, value } } };
}
