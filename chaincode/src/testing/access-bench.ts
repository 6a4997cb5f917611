import type { Decision } from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { caller, random, type Bench, type Call } from './bench.js';
import { KeyPair, Patient } from './patient.js';

const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const registrar = caller('HospitalMSP', 'registrar');
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');

/** What the key of a request reads in the answer of `open`. */
export interface Opened {
  readonly receipt: string;
  readonly decision: Decision;
  readonly records: readonly Record<string, unknown>[];
}

/** A patient of the hospital, whose records dr-9 of the clinic asks for unless told otherwise. */
export class AccessBench {
  readonly reader = new KeyPair();

  private constructor(
    readonly bench: Bench,
    readonly patient: Patient,
  ) {}

  static async open(bench: Bench, enrolment: object = {}): Promise<AccessBench> {
    const patient = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment(enrolment) });
    return new AccessBench(bench, patient);
  }

  register(...inputs: readonly object[]): Promise<string> {
    const input = { patient: this.patient.id, records: inputs };
    return this.bench.submit(records, 'register', { as: registrar, input });
  }

  grant(statement = this.patient.consent()): Promise<string> {
    const input = { patient: this.patient.id, statement, salt: random() };
    return this.bench.submit(consents, 'grant', { as: registrar, input });
  }

  /** Presents the secret of the last consent, by way of the pharmacy. */
  revoke(): Promise<string> {
    const secret = [...this.patient.secrets.values()].at(-1) ?? '';
    return this.bench.submit(consents, 'revoke', { as: caller('PharmacyMSP', 'service'), args: [secret] });
  }

  /** Input of `request`. */
  ask(change: object = {}): object {
    return {
      patient: this.patient.id,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: this.reader.jwk,
      salt: random(),
      ...change,
    };
  }

  /** Submits a request; its receipt. */
  async request(change: object = {}, call: Partial<Call> = {}): Promise<string> {
    const input = this.ask(change);
    const answer = await this.bench.submit(access, 'request', {
      as: doctor,
      at: 'HospitalMSP',
      input,
      ...call,
    });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  }

  /** A page of what a receipt opens, as it is answered. */
  async openRaw(
    receipt: string,
    input: object = {},
    call: Partial<Call> = {},
  ): Promise<{ readonly jwe: string; readonly bookmark: string }> {
    const opening = { as: doctor, at: 'HospitalMSP', input: { receipt, ...input }, ...call };
    return JSON.parse(await this.bench.evaluate(access, 'open', opening)) as {
      jwe: string;
      bookmark: string;
    };
  }

  /** The same, read with the key of the request. */
  async open(receipt: string, input: object = {}, call: Partial<Call> = {}): Promise<Opened> {
    return (await this.reader.read((await this.openRaw(receipt, input, call)).jwe)) as Opened;
  }

  /** What the hospital keeps under keys that begin so. */
  stored<T>(prefix: string) {
    return this.bench.channel
      .keys('HospitalMSP')
      .filter((key) => key.startsWith(prefix))
      .map((key) => JSON.parse(this.bench.channel.committed('HospitalMSP', key)?.toString() ?? '') as T);
  }
}
