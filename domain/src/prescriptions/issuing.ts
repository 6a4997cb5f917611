import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import { checkShape, closed, shapes } from '../json/shape.js';
import { checkPublicJwk, publicJwkShape, type PublicJwk } from '../statements/jwk.js';
import { badSecret } from './counter.js';
import { commitmentOf } from './secrets.js';
import { endOfWeek, validateTerms, type PrescriptionTerms } from './terms.js';

/** What a prescriber's organization is told when a prescription is issued. */
export interface PrescriptionOrder {
  /** 128 random bits; known to prescriber, patient and pharmacies. */
  readonly prescription: string;
  readonly patient: string;
  /** The patient's record, of class MedicationRequest, that is the content. */
  readonly record: string;
  /** Commitment of the secret that opens the content. */
  readonly opens: string;
  /** Kept for the prescriber, so that their organization can cancel too. */
  readonly cancelSecret: string;
  /** What is published, or to be published. */
  readonly terms: PrescriptionTerms;
  /** The exact end, private; the terms' is up to a week later. */
  readonly validUntil: string;
  readonly salt: string;
}

/** A prescription as the prescriber's organization keeps it. */
export interface IssuedPrescription extends PrescriptionOrder {
  readonly issued: string;
  readonly issuedBy: MedicalActor;
  /** Subject of the service that acted for the prescriber. */
  readonly via?: string;
}

/** What a pharmacist shows to have a prescription's content. */
export interface RedemptionRequest {
  readonly prescription: string;
  /** The content's secret, from the patient's token. */
  readonly secret: string;
  /** To whom the answer is encrypted. */
  readonly encryptionKey: PublicJwk;
  readonly salt: string;
}

/** A redemption, private to the prescriber's organization and the pharmacist. */
export interface Redemption {
  /** The transaction id of the request. */
  readonly receipt: string;
  readonly prescription: string;
  readonly actor: MedicalActor;
  readonly via?: string;
  readonly encryptionKey: PublicJwk;
  readonly instant: string;
  /** From this instant on it opens nothing. */
  readonly expires: string;
  readonly salt: string;
}

/** Class of the record that a prescription hands over. */
export const PRESCRIPTION_CLASS = 'MedicationRequest';

const orderShape = closed({
  prescription: shapes.id,
  patient: shapes.id,
  record: shapes.id,
  opens: shapes.digest,
  cancelSecret: shapes.digest,
  terms: v.unknown(),
  validUntil: shapes.instant,
  salt: shapes.salt,
});

const redemptionShape = closed({
  prescription: shapes.id,
  secret: shapes.digest,
  encryptionKey: publicJwkShape,
  salt: shapes.salt,
});

/**
 * Checks a prescription that is to be issued (the contract takes `actor` out first).
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function validateOrder(value: unknown): PrescriptionOrder {
  const { terms: unchecked, ...order } = checkShape(orderShape, value, 'input');
  const terms = validateTerms(unchecked, 'input.terms');
  if (commitmentOf(order.cancelSecret) !== terms.cancel) {
    throw invalid('input.cancelSecret', "must be the secret of the terms' commitment");
  }
  if (endOfWeek(order.validUntil) !== terms.expires) {
    throw invalid('input.terms.expires', 'must be the first Monday, 00:00 UTC, at or after validUntil');
  }
  return { ...order, terms };
}

/** @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path. */
export function validateRedemption(value: unknown): RedemptionRequest {
  const request: RedemptionRequest = checkShape(redemptionShape, value, 'input');
  checkPublicJwk(request.encryptionKey, 'input.encryptionKey');
  return request;
}

/**
 * Checks that the secret opens the prescription at `instant`.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`), `EXPIRED`.
 */
export function checkRedeemable(issued: IssuedPrescription, secret: string, instant: string): void {
  if (commitmentOf(secret) !== issued.opens) throw badSecret();
  checkValid(issued, instant);
}

/** @throws VitaledgerError `EXPIRED` from the exact end on. */
export function checkValid({ validUntil }: Pick<IssuedPrescription, 'validUntil'>, instant: string): void {
  if (instant >= validUntil) {
    throw new VitaledgerError('EXPIRED', 'The prescription has expired; ask the prescriber for a new one.');
  }
}

/** Whether two orders are the same but for their salts, as when issuing was interrupted and is repeated. */
export function isSameOrder(one: PrescriptionOrder, other: PrescriptionOrder): boolean {
  return canonicalJson(essence(one)) === canonicalJson(essence(other));
}

function essence({ prescription, patient, record, opens, terms, validUntil }: PrescriptionOrder): object {
  return { prescription, patient, record, opens, terms, validUntil };
}
