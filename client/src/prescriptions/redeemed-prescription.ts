import type { MedicalActor, RecordMetadata } from '@vitaledger/domain';
import type { MedicationRequest } from 'fhir/r4';
import { ReleasedRecord } from '../access/released-record.js';
import type { Vault } from '../vault/vault.js';
import type { FillToken } from './prescription-token.js';

/** What the prescriber's organization releases against a token. */
export interface PrescriptionDisclosure {
  /** The redemption's id. */
  readonly receipt: string;
  readonly prescription: string;
  /** The exact end. */
  readonly validUntil: string;
  readonly issued: string;
  readonly issuedBy: MedicalActor;
  /** How many fills are authorized, and how many were made. */
  readonly fills: number;
  readonly filled: number;
  readonly record: RecordMetadata;
}

/** A prescription in a pharmacist's hands: its content can be read, and its next fill be made. */
export class RedeemedPrescription {
  readonly token: FillToken;
  readonly disclosure: PrescriptionDisclosure;
  readonly #record: ReleasedRecord;

  constructor(token: FillToken, disclosure: PrescriptionDisclosure, vault: () => Vault) {
    this.token = token;
    this.disclosure = disclosure;
    this.#record = new ReleasedRecord(disclosure.record, vault);
  }

  /**
   * What is prescribed, as the prescriber registered it.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` when the prescriber's vault cannot be reached; `NOT_FOUND` when it was
   *   erased; `INTEGRITY` when it was altered
   */
  async medication(): Promise<MedicationRequest> {
    return (await this.#record.json()) as MedicationRequest;
  }
}
