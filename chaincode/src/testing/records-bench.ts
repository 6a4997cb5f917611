import type { ErasureGround } from '@vitaledger/domain';
import { CorrectionContract } from '../records/correction-contract.js';
import { ErasureContract } from '../records/erasure-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random, type Call } from './bench.js';
import { KeyPair, Patient, recordInput } from './patient.js';

const records = new RecordContract();
const erasures = new ErasureContract();
const corrections = new CorrectionContract();

/** A hospital with an enrolled patient, as its staff works on the patient's records. */
export class RecordsBench {
  readonly reader = new KeyPair();

  private constructor(
    readonly bench: Bench,
    readonly patient: Patient,
  ) {}

  static async open(bench?: Bench): Promise<RecordsBench> {
    const founded = bench ?? (await Bench.founded());
    const self = new RecordsBench(founded, new Patient(founded));
    await self.enrol();
    return self;
  }

  enrol(patient = this.patient): Promise<string> {
    return this.bench.submit(records, 'enrol', {
      as: caller(patient.custodian, 'registrar'),
      input: patient.enrolment(),
    });
  }

  async register(change: object = {}): Promise<ReturnType<typeof recordInput>> {
    const record = recordInput(change);
    const input = { patient: this.patient.id, records: [record] };
    await this.bench.submit(records, 'register', { as: caller('HospitalMSP', 'practitioner'), input });
    return record;
  }

  /** Amends version 1, unless told; returns what it became. */
  async amend(
    id: string,
    change: object = {},
    call: Partial<Call> = {},
  ): Promise<ReturnType<typeof recordInput>> {
    const record = recordInput({ id });
    await this.bench.submit(corrections, 'amend', this.amending({ record, ...change }, call));
    return record;
  }

  amending(change: object, call: Partial<Call> = {}): Call {
    return { as: caller('HospitalMSP', 'practitioner'), input: this.changing(change), ...call };
  }

  retract(id: string, change: object = {}, call: Partial<Call> = {}): Promise<string> {
    return this.bench.submit(corrections, 'retract', this.amending({ record: id, ...change }, call));
  }

  changing(change: object): object {
    const reason = { text: 'typing error' };
    return { patient: this.patient.id, version: 1, reason, salt: random(), ...change };
  }

  /** What an auditor sees, all pages of `pageSize`. */
  async audit(filter: object = {}, pageSize = 100): Promise<Record<string, unknown>[]> {
    const as = caller('HospitalMSP', 'auditor');
    const asked = { scope: 'content', purpose: 'HCOMPL', filter, encryptionKey: this.reader.jwk };
    const input = { patient: this.patient.id, ...asked, salt: random() };
    const { receipt } = JSON.parse(await this.bench.submit(records, 'inspect', { as, input })) as {
      receipt: string;
    };
    const all: Record<string, unknown>[] = [];
    let bookmark = '';
    do {
      const turned = { as, input: { receipt, pageSize, bookmark } };
      const page = JSON.parse(await this.bench.evaluate(records, 'list', turned)) as {
        jwe: string;
        bookmark: string;
      };
      const { records: shown } = (await this.reader.read(page.jwe)) as typeof all & { records: typeof all };
      all.push(...shown);
      ({ bookmark } = page);
    } while (bookmark !== '');
    return all;
  }

  erase(record: string, ground: ErasureGround, call: Partial<Call> = {}): Promise<string> {
    const input = { patient: this.patient.id, record, ground, reason: 'asked for', salt: random() };
    return this.bench.submit(erasures, 'erase', { as: caller('HospitalMSP', 'registrar'), input, ...call });
  }

  /** What is committed at the hospital under a key. */
  stored(key: string): Record<string, unknown> | undefined {
    const bytes = this.bench.channel.committed('HospitalMSP', key);
    return bytes && (JSON.parse(bytes.toString()) as Record<string, unknown>);
  }
}
