import { VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import type { MedicalActor } from '../consortium/roles.js';
import type { DelegatedAct, ProhibitionKind } from '../statements/bodies.js';
import type { PublicJwk } from '../statements/jwk.js';
import type { ConsentBody } from '../statements/statement.js';
import type { CareTeam } from './care-teams.js';
import type { MergedEntry } from './merge.js';

/** A public key of the patient. */
export interface PatientKeyEntry {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly use: 'sig' | 'enc';
  readonly from: string;
  /** The first instant at which it is no longer valid. */
  readonly to?: string;
  /**
   * How it came here, if not by enrolment: signed by the key before (`rotation`); after a loss, confirmed by a delegate
   * and a registrar (`delegate`), or by a registrar alone who proved the patient's identity anew (`registrar`).
   */
  readonly origin?: 'rotation' | 'delegate' | 'registrar';
}

/** Who signed in the patient's place. */
export interface Delegate {
  readonly delegation: string;
  readonly relationship: Relationship;
  readonly jwk: PublicJwk;
  /** When the delegate's key became valid here. */
  readonly from: string;
  /** Public; what the delegate signed after it was revoked does not count. */
  readonly handle: string;
  /** Sensitivities that the delegate's consents do not reach. */
  readonly hidden?: readonly string[];
}

/** `proxy`: named by the patient; `guardian`: recorded by a registrar. */
export type Relationship = 'proxy' | 'guardian';

/** A consent that was given on paper or by word, as a registrar recorded it. */
export interface RecordedConsent {
  readonly body: ConsentBody;
  readonly source: RecordSource;
  readonly registrar: MedicalActor;
}

/** What a registrar's record rests on. */
export interface RecordSource {
  /** `proofing`: the patient's identity was proven anew; `court`: a finding or an order. */
  readonly form: 'paper' | 'verbal' | 'proofing' | 'court';
  /** SHA-256 of the document (for a spoken word, of the note about it), which the custodian keeps. */
  readonly document: string;
}

/**
 * A consent in force: the signed statement itself, so that every decision is made from what the patient signed; or what a
 * registrar recorded of a consent on paper.
 */
export interface ActiveConsent {
  readonly consent: string;
  readonly version: number;
  /** The compact JWS; absent where `recorded` is there. */
  readonly jws?: string;
  /** Present if not the patient but a delegate signed. */
  readonly by?: Delegate;
  readonly recorded?: RecordedConsent;
  /** The public revocation handle. */
  readonly handle: string;
  /** When this custodian accepted it. */
  readonly from: string;
  /** The last millisecond of the root provision's period; absent if it has no end. */
  readonly to?: string;
}

/** A restriction, objection or opt-out in force. */
export interface ActiveProhibition {
  readonly prohibition: string;
  readonly kind: ProhibitionKind;
  /** The compact JWS. */
  readonly jws: string;
  readonly by?: Delegate;
  readonly handle: string;
  readonly from: string;
}

/** A delegation in force; the statement or record that it rests on is in the history. */
export interface ActiveDelegation extends Delegate {
  /** Of a guardian: why there is one. */
  readonly basis?: 'minor' | 'incapacity';
  readonly acts: readonly DelegatedAct[];
  readonly purposes?: readonly string[];
  /** The first instant at which it has ended. */
  readonly to?: string;
  /** Digest of the signed statement, or of the registrar's record. */
  readonly evidence: string;
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
  /** What the patient forbids, whatever the consents say. */
  readonly prohibitions?: readonly ActiveProhibition[];
  /** Who may act for the patient. */
  readonly delegations?: readonly ActiveDelegation[];
  /** Other entries of the same person here: what any of them forbids holds for all. */
  readonly merged?: readonly MergedEntry[];
  /** Who cares for the patient, so that consents can name them. */
  readonly careTeams?: readonly CareTeam[];
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
