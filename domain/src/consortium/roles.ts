/** What an organization is. One organization can be several. */
export const ORGANIZATION_KINDS = [
  'hospital',
  'clinic',
  'pharmacy',
  'laboratory',
  'research',
  'sponsor',
  'ethics',
  'regulator',
  'patient-service',
] as const;

export type OrganizationKind = (typeof ORGANIZATION_KINDS)[number];

/** What a certificate (attribute `vitaledger.role`), or a service for a person, can claim. */
export const ROLES = [
  'practitioner',
  'emergency',
  'pharmacist',
  'laboratory',
  'researcher',
  'investigator',
  'sponsor',
  'ethics',
  'regulator',
  'registrar',
  'auditor',
  'admin',
  'service',
] as const;

export type Role = (typeof ROLES)[number];

export function isRole(value: unknown): value is Role {
  return (ROLES as readonly unknown[]).includes(value);
}

/** Who acts: a person or service by pseudonym, within an organization, in a role the organization vouches for. */
export interface MedicalActor {
  readonly mspId: string;
  /** `vitaledger.subject`: a random pseudonym that only the organization can resolve. */
  readonly subject: string;
  readonly role: Role;
}
