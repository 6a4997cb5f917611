import type { EnrolledKey } from '../patient/patient-key.js';
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
}
