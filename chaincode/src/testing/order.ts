import { orderCommitment, orderSecrets, type OrderKind, type OrderSide } from '@vitaledger/domain';
import { OrderContract } from '../orders/order-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { caller, random, type Bench } from './bench.js';
import { KeyPair, recordInput, type Patient } from './patient.js';

const orders = new OrderContract();

export interface OrderParties {
  readonly requester: Patient;
  readonly performer: Patient;
  readonly kind?: OrderKind;
}

/** An order between two custodians of one patient, who has another id at each. */
export class TestOrder {
  readonly id = random();
  readonly secret = random(256);
  readonly secrets = orderSecrets(this.id, this.secret);
  readonly key = new KeyPair();
  readonly request: string[] = [];
  readonly report: string[] = [];

  /** A week after it was made. */
  readonly validUntil: string;

  constructor(
    readonly bench: Bench,
    readonly parties: OrderParties,
  ) {
    this.validUntil = new Date(Date.parse(bench.now) + 7 * 86_400_000).toISOString();
  }

  placing(change: object = {}): object {
    const { requester, performer, kind = 'laboratory' } = this.parties;
    return {
      order: this.id,
      kind,
      patient: requester.id,
      performer: performer.custodian,
      records: this.request,
      secret: this.secret,
      validUntil: this.validUntil,
      salt: random(),
      ...change,
    };
  }

  acceptance(change: object = {}): object {
    const { requester, performer, kind = 'laboratory' } = this.parties;
    return {
      order: this.id,
      kind,
      requester: requester.custodian,
      patient: performer.id,
      opens: orderCommitment(this.secrets.report),
      validUntil: this.validUntil,
      salt: random(),
      ...change,
    };
  }

  result(change: object = {}): object {
    return { order: this.id, records: this.report, critical: false, salt: random(), ...change };
  }

  /** Calls it off at the performer's organization. */
  cancelling(change: object = {}): object {
    return this.revoking({ secret: this.secrets.report, ...change });
  }

  /** Calls it off at the requester's own. */
  revoking(change: object = {}): object {
    return { order: this.id, reason: { text: 'the patient moved' }, salt: random(), ...change };
  }

  showing(side: OrderSide, change: object = {}): object {
    const secret = this.secrets[side];
    return { order: this.id, side, secret, encryptionKey: this.key.jwk, salt: random(), ...change };
  }

  /** Registers the records of both sides. */
  async register(report: readonly string[] = ['DiagnosticReport', 'Observation']): Promise<this> {
    const { requester, performer } = this.parties;
    this.request.push(...(await this.#records(requester, ['ServiceRequest', 'Condition'])));
    this.report.push(...(await this.#records(performer, report)));
    return this;
  }

  /** Registers, places and accepts it. */
  async accepted(): Promise<this> {
    await this.register();
    const { requester, performer } = this.parties;
    const placing = { as: caller(requester.custodian, 'practitioner'), input: this.placing() };
    await this.bench.submit(orders, 'place', placing);
    const accepting = { as: caller(performer.custodian, 'laboratory'), input: this.acceptance() };
    await this.bench.submit(orders, 'accept', accepting);
    return this;
  }

  /** As {@link accepted}, with a result. */
  async resulted(change: object = {}): Promise<this> {
    await this.accepted();
    const as = caller(this.parties.performer.custodian, 'laboratory');
    await this.bench.submit(orders, 'result', { as, input: this.result(change) });
    return this;
  }

  async #records(patient: Patient, classes: readonly string[]): Promise<readonly string[]> {
    const records = classes.map((name) => recordInput({ class: name }));
    const as = caller(patient.custodian, 'service');
    const input = { patient: patient.id, records };
    await this.bench.submit(new RecordContract(), 'register', { as, input });
    return records.map(({ id }) => id);
  }
}
