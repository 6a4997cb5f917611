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

/** The purposes of use (HL7 v3 PurposeOfUse) that a role may name; each stands for itself and all below it. */
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

/** Purposes that only an emergency role may name, although the hierarchy places them below TREAT. */
export const EMERGENCY_PURPOSES: readonly string[] = ['ETREAT', 'BTG'];

/**
 * The purposes of use a role may name. A code stands for all codes below it, save that
 * {@link EMERGENCY_PURPOSES} need to be permitted by {@link mayUsePurpose}.
 */
export function purposesOf(role: Role): readonly string[] {
  return PURPOSES[role];
}
