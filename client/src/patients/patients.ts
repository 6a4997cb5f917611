import {
  digestOf,
  handleOf,
  type ConsentBody,
  type RegistrarRecord,
  type WithdrawalBody,
} from '@vitaledger/domain';
import type { DeliveryReport } from '../consents/delivery.js';
import { relay } from '../consents/relay.js';
import type { DelegationTerms, SignedDeclaration } from '../patient/declaration.js';
import type { EnrolledKey, PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { newId, newSalt, newSecret } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

/** What a registrar enrols a patient with, once it is proven who they are. No name and no birth date: those stay outside. */
export interface Enrolment {
  /** The patient's public keys ({@link PatientKey.publicKeys}). */
  readonly keys: readonly EnrolledKey[];
  /** ISO 3166: `DE`, `US-CA`. */
  readonly jurisdiction: string;
  /** When guardianship by age ends; ISO 8601 in UTC with milliseconds. */
  readonly ageOut?: string;
  /** 128 random bits, hexadecimal, different at each custodian; made when absent. */
  readonly patient?: string;
}

/** New keys of a patient who lost theirs. */
export interface Recovery {
  readonly patient: string;
  /** SHA-256 of the note about how the patient's identity was proven, hexadecimal. */
  readonly document: string;
  /** Of the patient's new {@link PatientKey.publicKeys}. */
  readonly keys: readonly EnrolledKey[];
  /** A delegate's statement that names the keys; without one the registrar answers alone, and the keys are marked so. */
  readonly confirmation?: Pick<SignedDeclaration, 'jws'>;
}

/** A consent that was given on paper or by word, as a registrar records it. */
export interface PaperConsent extends Pick<
  ConsentBody,
  'provision' | 'policyRule' | 'dataUse' | 'recontact'
> {
  readonly patient: string;
  /** What the patient agreed to, in their language. */
  readonly text: { readonly content: string; readonly language: string };
  readonly source: { readonly form: 'paper' | 'verbal'; readonly document: string };
}

/** A recorded consent, and the secret that takes it back. */
export interface RecordedConsentReceipt {
  readonly consent: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
}

/** Who acts for a patient, on which ground, and until when. */
export interface Guardianship extends Omit<DelegationTerms, 'patients'> {
  readonly patient: string;
  readonly basis: 'minor' | 'incapacity';
  /** SHA-256 of the birth certificate, order or finding, hexadecimal. */
  readonly document: string;
}

/** A guardian's delegation, and the secret that ends it. */
export interface GuardianReceipt {
  readonly delegation: string;
  /** 64 hexadecimal digits. */
  readonly secret: string;
}

/** A recorded consent that is taken back on paper, by word, or by a court. */
export interface RecordedWithdrawal extends WithdrawalBody {
  readonly patient: string;
  readonly source: { readonly form: 'paper' | 'verbal' | 'court'; readonly document: string };
}

/** The patients of one's own organization. */
export class Patients {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Enrols a patient with one's own organization as custodian.
   *
   * @returns the token by which others can ask this custodian about the patient
   * @throws VitaledgerError `PERMISSION_DENIED` unless called by a registrar; `ALREADY_EXISTS`; `INVALID_ARGUMENT`
   * @example
   * ```typescript
   * const token = await ledger.patients.enrol({ keys: key.publicKeys, jurisdiction: 'DE' });
   * ```
   */
  async enrol(enrolment: Enrolment, options: OperationOptions = {}): Promise<PatientToken> {
    const custodian = this.#session.mspId;
    const { keys, jurisdiction, ageOut, patient = newId() } = enrolment;
    const input = {
      patient,
      keys,
      jurisdiction,
      ...(ageOut === undefined ? {} : { ageOut }),
      notificationKey: newSecret(),
      salt: newSalt(),
      ...actorOf(this.#session),
    };
    await this.#session
      .channel('care')
      .submit({ function: 'RecordContract:enrol', custodian, input }, options);
    return { custodian, patient };
  }

  /**
   * Puts a patient's new key in the place of the old one, at each custodian.
   *
   * @param rotation what {@link PatientKey.rotate} of the old key returned, and where the patient is known
   * @returns where the new key is in force; use it there, and deliver the statement again (`consents.declare`) where it is not
   */
  async rotate(
    rotation: {
      readonly statement: SignedDeclaration;
      readonly key: PatientKey;
      readonly patients: readonly PatientToken[];
    },
    options: OperationOptions = {},
  ): Promise<DeliveryReport> {
    return relay(this.#session, 'declare', rotation, options);
  }

  /**
   * Records new keys for a patient who lost theirs, by one's own organization's registrar: after proving their identity anew, or with the statement of
   * a delegate ({@link PatientKey.confirmKeys}). All earlier keys are retired; consents stay in force. The keys are marked with how they came.
   *
   * @param recovery `document`: SHA-256 of the note about the proof of identity, which the organization keeps
   */
  async recover(recovery: Recovery, options: OperationOptions = {}): Promise<void> {
    const { patient, document, keys, confirmation } = recovery;
    const source = { form: 'proofing', document } as const;
    const record: RegistrarRecord = confirmation
      ? { kind: 'confirmed-keys', statement: confirmation.jws, source }
      : { kind: 'keys', body: { add: keys, retire: 'all' }, source };
    await this.#record(patient, record, options);
  }

  /**
   * Records a consent that a patient gave on paper or by word. Receipts that rest on it say so.
   *
   * @returns the consent's id and the secret that revokes it: print it ({@link formatRevocation}) and give it to the patient; the ledger
   * does not have it. Who lost it asks the registrar ({@link recordWithdrawal}), or withdraws with a key of their own
   */
  async recordConsent(paper: PaperConsent, options: OperationOptions = {}): Promise<RecordedConsentReceipt> {
    const { patient, text, source, ...terms } = paper;
    const [consent, secret] = [newId(), newSecret()];
    const body = {
      consent,
      version: 1,
      handle: handleOf(secret),
      ...terms,
      text: { digest: digestOf(text.content), language: text.language },
    };
    await this.#record(patient, { kind: 'consent', body, source }, options);
    return { consent, secret };
  }

  /**
   * Records who decides for a minor (until the age-out date of the enrolment) or for somebody who cannot.
   *
   * @returns the delegation's id, and the secret by which the guardian can lay it down
   */
  async recordGuardian(guardian: Guardianship, options: OperationOptions = {}): Promise<GuardianReceipt> {
    const { patient, to: delegate, basis, document, text, ...scope } = guardian;
    const [delegation, secret] = [newId(), newSecret()];
    const body = {
      delegation,
      handle: handleOf(secret),
      delegate,
      ...scope,
      basis,
      text: { digest: digestOf(text.content), language: text.language },
    };
    await this.#record(patient, { kind: 'guardian', body, source: { form: 'court', document } }, options);
    return { delegation, secret };
  }

  /** Records that a patient took something back on paper or by word, or that a court ended a guardian's part. */
  async recordWithdrawal(withdrawal: RecordedWithdrawal, options: OperationOptions = {}): Promise<void> {
    const { patient, source, withdraws, id } = withdrawal;
    await this.#record(patient, { kind: 'withdrawal', body: { withdraws, id }, source }, options);
  }

  async #record(patient: string, record: RegistrarRecord, options: OperationOptions): Promise<void> {
    const custodian = this.#session.mspId;
    const input = { patient, record, salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: 'ConsentContract:record', custodian, input };
    await this.#session.channel('care').submit(call, options);
  }
}
