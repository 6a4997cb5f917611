import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk, thumbprint } from '../statements/jwk.js';
import { checkHeadSize, type PatientHead, type PatientKeyEntry } from './head.js';

/** What a registrar hands in to enrol a patient. */
export interface Enrolment {
  readonly patient: string;
  /** None for somebody without a device, for whom a registrar records consents on paper, or a guardian. */
  readonly keys: readonly { readonly jwk: PublicJwk; readonly use: 'sig' | 'enc' }[];
  readonly jurisdiction: string;
  readonly ageOut?: string;
  /** 256 random bits, hexadecimal: by which the patient recognizes events. */
  readonly notificationKey: string;
  readonly salt: string;
}

export const MAX_KEYS = 20;

const enrolmentShape = closed({
  patient: shapes.id,
  keys: v.pipe(
    v.array(closed({ jwk: publicJwkShape, use: v.picklist(['sig', 'enc'], 'must be sig or enc') })),
    v.maxLength(MAX_KEYS, `must have at most ${MAX_KEYS} keys`),
  ),
  jurisdiction: shapes.jurisdiction,
  ageOut: v.exactOptional(shapes.instant),
  notificationKey: shapes.digest,
  salt: shapes.salt,
});

/**
 * Checks an enrolment (the contract takes `actor` out first).
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, beginning at `input`.
 */
export function validateEnrolment(value: unknown): Enrolment {
  privateKeyMembers(value);
  const enrolment: Enrolment = checkShape(enrolmentShape, value, 'input');
  enrolment.keys.forEach(({ jwk }, index) => checkPublicJwk(jwk, `input.keys[${index}].jwk`));
  if (enrolment.keys.length > 0 && !enrolment.keys.some(({ use }) => use === 'sig')) {
    throw invalid('input.keys', 'must have a key of use sig: without one the patient can sign nothing');
  }
  const kids = enrolment.keys.map(({ jwk }) => thumbprint(jwk));
  if (new Set(kids).size !== kids.length)
    throw invalid('input.keys', 'must not repeat a key, not even for another use');
  return enrolment;
}

/** A private key sent by mistake deserves more than "unknown member". */
function privateKeyMembers(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !Array.isArray(value.keys)) return;
  value.keys.forEach((key: unknown, index) => {
    if (typeof key === 'object' && key !== null && 'jwk' in key)
      checkPublicJwk(key.jwk, `input.keys[${index}].jwk`);
  });
}

/** The first head of a patient at a custodian; its keys are valid from `instant`. */
export function enrolHead(enrolment: Enrolment, instant: string): PatientHead {
  const keys = enrolment.keys.map(({ jwk, use }): PatientKeyEntry => ({
    kid: thumbprint(jwk),
    jwk,
    use,
    from: instant,
  }));
  const head: PatientHead = {
    patient: enrolment.patient,
    keys,
    jurisdiction: enrolment.jurisdiction,
    ...(enrolment.ageOut === undefined ? {} : { ageOut: enrolment.ageOut }),
    consents: [],
    notificationKey: enrolment.notificationKey,
    sequence: 0,
    previous: null,
    version: 1,
    salt: enrolment.salt,
  };
  checkHeadSize(head);
  return head;
}
