import type { CareTeam as FhirCareTeam, Reference } from 'fhir/r4';
import type { CareTeam } from '../patient/care-teams.js';
import { SYSTEMS } from '../records/coding.js';

/** A care team as FHIR R4 CareTeam, at the end of its last change; whom it is for is the reader's to say. */
export function fhirCareTeam(
  { team, name, organizations, participants, from, to }: CareTeam,
  { subject, instant }: { readonly subject: Reference; readonly instant: string },
): FhirCareTeam {
  return {
    resourceType: 'CareTeam',
    identifier: [{ system: SYSTEMS.careTeam, value: team }],
    status: to !== undefined && instant >= to ? 'inactive' : 'active',
    name,
    subject,
    period: periodOf(from, to),
    participant: participants.map((one) => ({
      role: [{ coding: [{ system: SYSTEMS.role, code: one.role }] }],
      member: {
        type: 'Practitioner',
        identifier: { system: SYSTEMS.person, value: `${one.mspId}/${one.subject}` },
      },
      onBehalfOf: organization(one.mspId),
      period: periodOf(one.from, one.to),
    })),
    managingOrganization: organizations.map(organization),
  };
}

function periodOf(start: string, end: string | undefined): { readonly start: string; readonly end?: string } {
  return end === undefined ? { start } : { start, end };
}

function organization(mspId: string): Reference {
  return { type: 'Organization', identifier: { system: SYSTEMS.organization, value: mspId } };
}
