import { purposesWithin } from '../decision/purposes.js';
import type { OrganizationKind, Role } from './roles.js';

/** Every member runs its own access, whatever it is. */
const ANY_KIND: readonly Role[] = ['admin', 'auditor', 'service'];

/** The roles that an organization of a kind may vouch for. */
export const VOUCHING: Readonly<Record<OrganizationKind, readonly Role[]>> = {
  hospital: ['practitioner', 'emergency', 'pharmacist', 'laboratory', 'investigator', 'registrar'],
  clinic: ['practitioner', 'investigator', 'registrar'],
  pharmacy: ['pharmacist', 'registrar'],
  laboratory: ['laboratory', 'registrar'],
  research: ['researcher', 'investigator'],
  sponsor: ['sponsor', 'investigator'],
  ethics: ['ethics'],
  regulator: ['regulator'],
  'patient-service': ['registrar'],
};

/** Whether an organization of these kinds may vouch for `role`. */
export function mayVouch(kinds: readonly OrganizationKind[], role: Role): boolean {
  if (kinds.length === 0) return false;
  return ANY_KIND.includes(role) || kinds.some((kind) => VOUCHING[kind].includes(role));
}

/** The purposes of use (HL7 v3 PurposeOfUse) of a role; each with all purposes below it. */
const PURPOSES: Readonly<Record<Role, readonly string[]>> = {
  practitioner: ['TREAT', 'CAREMGT', 'PATRQT', 'PUBHLTH'],
  emergency: ['TREAT'],
  pharmacist: ['TREAT', 'HPAYMT'],
  laboratory: ['TREAT', 'PUBHLTH'],
  researcher: ['HRESCH'],
  investigator: ['HRESCH', 'CLINTRL'],
  sponsor: [],
  ethics: [],
  regulator: ['PUBHLTH', 'HCOMPL'],
  registrar: ['HOPERAT', 'HPAYMT', 'PATRQT'],
  auditor: ['HCOMPL', 'FRAUD', 'HQUALIMP'],
  admin: [],
  service: [],
};

/** Breaking the glass is for emergency roles, although the hierarchy places it below TREAT. */
const ONLY_FOR: Readonly<Partial<Record<string, Role>>> = { BTG: 'emergency' };

/**
 * All purposes of use that a role may name, sorted. A sponsor, ethics board or administrator names none: nothing about
 * a patient is theirs to read. A service names those of the person it acts for.
 */
export function purposesOf(role: Role): readonly string[] {
  const purposes = PURPOSES[role].flatMap(purposesWithin);
  return [...new Set(purposes)].filter((purpose) => (ONLY_FOR[purpose] ?? role) === role).sort();
}

/** Whether a role may name a purpose of use. */
export function mayUsePurpose(role: Role, purpose: string): boolean {
  return purposesOf(role).includes(purpose);
}
