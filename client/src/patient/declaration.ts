import type {
  ChainLink,
  ConsentProvision,
  Declaration,
  DelegatedAct,
  KeysBody,
  LinkBody,
  ProhibitionKind,
  PublicJwk,
  WithdrawalBody,
} from '@vitaledger/domain';
import type { EnrolledKey } from './patient-key.js';
import type { PatientToken } from './patient-token.js';

/** A signed statement on its way to custodians. */
export interface SignedStatement {
  /** Compact JWS (RFC 7515). */
  readonly jws: string;
  /** What the next statement of the chain names as the one before. */
  readonly digest: string;
  /** By MSP id: the patient (by mark) and the place in their chain at each custodian it is addressed to. */
  readonly custodians: Readonly<Record<string, ChainLink>>;
}

/** Everything that is signed but consents and reads. */
export interface SignedDeclaration extends SignedStatement {
  readonly kind: Declaration['kind'];
  /** Of the prohibition or delegation, or what is withdrawn; empty for keys. */
  readonly id: string;
}

/** What the patient forbids. */
export interface ProhibitionTerms {
  readonly patients: readonly PatientToken[];
  readonly kind: ProhibitionKind;
  /** A `deny` without exceptions; absent for an opt-out, which always forbids the same. */
  readonly provision?: ConsentProvision;
  /** For an opt-out of treatment by other organizations; of secondary use when absent. */
  readonly use?: 'primary-use';
}

/** Whom the patient lets act for them, in what, and how long. */
export interface DelegationTerms {
  readonly patients: readonly PatientToken[];
  /** The delegate's public signing key. */
  readonly to: PublicJwk;
  readonly acts: readonly DelegatedAct[];
  /** Purposes of use that the delegate may consent to; any when absent. */
  readonly purposes?: readonly string[];
  /** Sensitivities (v3-ActCode) that stay closed to the delegate. */
  readonly hidden?: readonly string[];
  /** ISO 8601 in UTC with milliseconds; from acceptance on when absent. */
  readonly from?: string;
  /** ISO 8601 in UTC with milliseconds; until it is revoked when absent. */
  readonly until?: string;
  /** The text that the patient was shown; only its digest is signed. */
  readonly text: { readonly content: string; readonly language: string };
}

/** What a patient takes back, and where it is known. */
export interface Withdrawal extends WithdrawalBody {
  readonly patients: readonly PatientToken[];
}

/** What a patient tells one custodian of another. */
export interface LinkTerms extends Pick<LinkBody, 'type' | 'unlink'> {
  /** To whom it is told. */
  readonly at: PatientToken;
  readonly other: PatientToken;
}

/** New keys that a delegate confirms after a loss. */
export interface KeyChange {
  readonly patients: readonly PatientToken[];
  readonly add: readonly EnrolledKey[];
  /** Thumbprints, or all that there were. */
  readonly retire?: KeysBody['retire'];
}
