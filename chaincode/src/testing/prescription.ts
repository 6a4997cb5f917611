import { commitmentOf, counterOf, prescriptionSecrets, termsOf } from '@vitaledger/domain';
import { PrescriptionContract } from '../prescriptions/prescription-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { caller, random, type Bench } from './bench.js';
import { KeyPair, recordInput, type Patient } from './patient.js';

const records = new RecordContract();
const prescriptions = new PrescriptionContract();

export interface PrescriptionChoice {
  readonly fills?: number;
  readonly validUntil?: string;
  readonly prescriber?: string;
}

/** A prescription of a test: what the prescriber sends, and the secrets that the patient carries. */
export class TestPrescription {
  readonly id = random();
  readonly record = random();
  readonly key = new KeyPair();
  readonly fills: number;
  readonly validUntil: string;
  readonly prescriber: string;
  readonly #secret = random(256);

  constructor(
    readonly bench: Bench,
    readonly patient: Patient,
    {
      fills = 2,
      validUntil = '2026-04-10T22:00:00.000Z',
      prescriber = 'HospitalMSP',
    }: PrescriptionChoice = {},
  ) {
    this.fills = fills;
    this.validUntil = validUntil;
    this.prescriber = prescriber;
  }

  get secrets() {
    return prescriptionSecrets(this.id, this.#secret, this.fills);
  }

  get counter(): string {
    return counterOf(this.id);
  }

  get terms() {
    return termsOf({ prescription: this.id, secret: this.#secret }, this.fills, this.validUntil);
  }

  /** Input of `issue`. */
  order(change: object = {}) {
    return {
      prescription: this.id,
      patient: this.patient.id,
      record: this.record,
      opens: commitmentOf(this.secrets.content),
      cancelSecret: this.secrets.cancel,
      terms: this.terms,
      validUntil: this.validUntil,
      salt: random(),
      ...change,
    };
  }

  /** Arguments of `publish`. */
  publication(): readonly string[] {
    return [this.counter, JSON.stringify(this.terms)];
  }

  /** Input of `redeem`. */
  redemption(change: object = {}) {
    return {
      prescription: this.id,
      secret: this.secrets.content,
      encryptionKey: this.key.jwk,
      salt: random(),
      ...change,
    };
  }

  /** Arguments of `fill`, for the n-th fill. */
  filling(n: number, mark = random(256)): readonly string[] {
    return [this.counter, this.secrets.fills[n - 1] ?? '', mark];
  }

  /** Registers the content. */
  async register(change: object = {}): Promise<void> {
    const record = recordInput({ id: this.record, class: 'MedicationRequest', ...change });
    await this.bench.submit(records, 'register', {
      as: caller(this.prescriber, 'practitioner'),
      input: { patient: this.patient.id, records: [record] },
    });
  }

  /** Registers the content, issues and publishes. */
  async issue(): Promise<this> {
    await this.register();
    const as = caller(this.prescriber, 'practitioner');
    await this.bench.submit(prescriptions, 'issue', { as, input: this.order() });
    await this.bench.submit(prescriptions, 'publish', { as, args: this.publication() });
    return this;
  }
}

/** Input of a pharmacy's note of a dispense. */
export function dispenseNote(change: object = {}) {
  return {
    dispense: random(),
    prescription: random(),
    prescriber: 'HospitalMSP',
    fill: 1,
    receipt: random(256),
    authorized: { value: 30, unit: 'tablet' },
    value: 30,
    salt: random(),
    ...change,
  };
}
