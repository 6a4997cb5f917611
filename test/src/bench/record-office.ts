import { connect, PatientKey, permission, type AccessReceipt, type Vitaledger } from '@vitaledger/client';
import { startNetwork, type Network } from '@vitaledger/network';
import { observation } from '../harness/patient.js';
import { GatewayClient } from './gateway-client.js';
import type { EngineName } from './ledger-system.js';
import { minimalOperations, type MinimalOperations } from './minimal-operations.js';
import { recordsTopology } from './topology.js';

const actor = { role: 'practitioner', subject: 'b3c1f0a97d2e4c5f8a6e3d2b1c0f9e8d' } as const;
export const BATCH = 500;
const PATIENTS = 20;

/** What of a custodian is measured, beside Fabric's own client and a minimal chaincode. */
export const RECORD_OPERATIONS = ['create', 'register', 'registerBatch', 'read', 'open'] as const;
export type RecordOperation = (typeof RECORD_OPERATIONS)[number];

/** A hospital in a network of five, with patients who let its practitioner read, and the minimal chaincode beside it. */
export class RecordOffice {
  #receipts: readonly AccessReceipt[] = [];
  #turn = 0;

  private constructor(
    private readonly network: Network,
    private readonly gateway: GatewayClient,
    private readonly minimal: MinimalOperations,
    private readonly hospital: Vitaledger,
    private readonly patients: readonly ConsentedPatient[],
  ) {}

  static async start(
    engine: EngineName,
    directory: string,
    onProgress: (line: string) => void,
  ): Promise<RecordOffice> {
    const topology = recordsTopology();
    const network = await startNetwork({ topology, engine, directory, onProgress });
    const gateway = await GatewayClient.connect(network);
    const minimal = await minimalOperations(gateway.contract('minimal', 'minimal'));
    const user = (name: string) => ({
      profile: network.profile('hospital'),
      identity: network.identity('hospital', name).mspDirectory,
    });
    const hospital = await connect({ ...user('service'), actor });
    await using registrar = await connect(user('registrar'));
    const patients: ConsentedPatient[] = [];
    for (let count = 0; count < PATIENTS; count++) patients.push(await consented(registrar, hospital));
    return new RecordOffice(network, gateway, minimal, hospital, patients);
  }

  /** Requests live ten minutes: each round opens its own. */
  async newReceipts(): Promise<void> {
    this.#receipts = await Promise.all(
      this.patients.map(({ patient, record }) => {
        const filter = { records: [record] };
        return this.hospital.access.request({ custodian: 'HospitalMSP', patient, purpose: 'TREAT', filter });
      }),
    );
  }

  /** @returns how many records, or values, it was about */
  async run(operation: RecordOperation): Promise<number> {
    const turn = this.#turn++;
    switch (operation) {
      case 'create':
        await this.minimal.submit();
        return 1;
      case 'read':
        await this.minimal.evaluate();
        return 1;
      case 'register':
        await this.hospital.records.register(this.#patient(turn), observation());
        return 1;
      case 'registerBatch':
        return this.#batch(turn);
      case 'open':
        return this.#open(turn);
    }
  }

  async close(): Promise<void> {
    this.hospital.close();
    this.gateway.close();
    await this.network.clean();
  }

  #patient(turn: number): string {
    return this.patients[turn % this.patients.length]?.patient ?? '';
  }

  /** All of one patient, as two batches of the same patient at the same moment would be too. */
  async #batch(turn: number): Promise<number> {
    const patient = this.#patient(turn);
    const records = Array.from({ length: BATCH }, (_, n) => ({ patient, resource: observation(100 + n) }));
    let registered = 0;
    for await (const batch of this.hospital.records.registerBatch(records))
      registered += batch.records.length;
    return registered;
  }

  async #open(turn: number): Promise<number> {
    const receipt = this.#receipts[turn % this.#receipts.length];
    if (receipt === undefined) throw new RangeError('nothing was requested');
    const { done } = await this.hospital.access.open(receipt).next();
    if (done === true) throw new Error('nothing was released');
    return 1;
  }
}

interface ConsentedPatient {
  readonly patient: string;
  /** The record that is opened. */
  readonly record: string;
}

/** @returns a patient with a record, whose consent lets the hospital's practitioners treat */
async function consented(registrar: Vitaledger, hospital: Vitaledger): Promise<ConsentedPatient> {
  const key = await PatientKey.generate();
  const token = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
  const consent = await key.consent({
    patients: [token],
    provision: permission({ to: [{ organization: 'HospitalMSP' }], purposes: ['TREAT'] }),
    text: { content: 'The hospital may read my records to treat me.', language: 'en' },
  });
  const { complete } = await hospital.consents.grant({ consent, patients: [token], key });
  if (!complete) throw new Error('the consent was not accepted');
  const { records } = await hospital.records.register(token.patient, observation());
  const [record = ''] = records;
  return { patient: token.patient, record };
}
