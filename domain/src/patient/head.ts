import { VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import type { PublicJwk } from '../statements/jwk.js';

/** A public key of the patient. */
export interface PatientKeyEntry {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly use: 'sig' | 'enc';
  readonly from: string;
  /** The first instant at which it is no longer valid. */
  readonly to?: string;
}

/** A consent in force: the signed statement itself, so that every decision is made from what the patient signed. */
export interface ActiveConsent {
  readonly consent: string;
  readonly version: number;
  /** The compact JWS. */
  readonly jws: string;
  /** The public revocation handle. */
  readonly handle: string;
  /** When this custodian accepted it. */
  readonly from: string;
  /** The last millisecond of the root provision's period; absent if it has no end. */
  readonly to?: string;
}

/** What a custodian knows of a patient for deciding. Private; at most {@link MAX_HEAD_BYTES}. */
export interface PatientHead {
  readonly patient: string;
  readonly keys: readonly PatientKeyEntry[];
  readonly jurisdiction: string;
  /** When guardianship by age ends, never the birth date. */
  readonly ageOut?: string;
  readonly consents: readonly ActiveConsent[];
  /** Under which events are tagged so that the patient recognizes them: 256 bits, hexadecimal. */
  readonly notificationKey: string;
  /** Number of statements accepted. */
  readonly sequence: number;
  /** Digest of the last accepted statement. */
  readonly previous: string | null;
  /** Number of times this document was written. */
  readonly version: number;
  /** New with every write: the hash of each version is public. */
  readonly salt: string;
}

export const MAX_HEAD_BYTES = 64 * 1024;

/**
 * Refuses a head that grew too large.
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` (`HEAD_TOO_LARGE`).
 */
export function checkHeadSize(head: PatientHead): void {
  if (Buffer.byteLength(canonicalJson(head), 'utf8') > MAX_HEAD_BYTES) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'The consents in force would take more than 64 KB; revoke and close those no longer wanted, or combine them',
      { reason: 'HEAD_TOO_LARGE', limit: MAX_HEAD_BYTES },
    );
  }
}
