import { connect, PatientKey, permission, type AccessReceipt, type Vitaledger } from '@vitaledger/client';
import { startNetwork, type Network } from '@vitaledger/network';
import { observation } from '../harness/patient.js';
import { GatewayClient, type SignerKind } from './gateway-client.js';
import { cpuOf, ledgerProcesses, type EngineName } from './ledger-system.js';
import { minimalOperations, type MinimalOperations } from './minimal-operations.js';
import { recordsTopology } from './topology.js';

const actor = { role: 'practitioner', subject: 'b3c1f0a97d2e4c5f8a6e3d2b1c0f9e8d' } as const;
export const BATCH = 500;
/** Records that `openPage` opens at once. */
export const PAGE = 10;
const PATIENTS = 20;

/**
 * What of a custodian is measured, beside a minimal chaincode that creates and reads: by Fabric's client as it comes, and by Fabric's client
 * with the SDK's faster signer. `open` opens a record alone, `openPage` several of a patient.
 */
export const RECORD_OPERATIONS = [
  'create',
  'createFastSigner',
  'register',
  'registerBatch',
  'read',
  'readFastSigner',
  'open',
  'openPage',
] as const;
export type RecordOperation = (typeof RECORD_OPERATIONS)[number];

/** A hospital in a network of five, with patients who let its practitioner read, and the minimal chaincode beside it. */
export class RecordOffice {
  #receipts: Receipts = { open: [], openPage: [] };
  #turn = 0;

  private constructor(
    private readonly network: Network,
    private readonly pids: ReadonlyMap<number, string>,
    private readonly gateways: readonly GatewayClient[],
    private readonly minimal: Readonly<Record<SignerKind, MinimalOperations>>,
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
    const own = await GatewayClient.connect(network);
    const stock = await GatewayClient.connect(network, { signer: 'stock' });
    const minimal = {
      own: await minimalOperations(own.contract('minimal', 'minimal')),
      stock: await minimalOperations(stock.contract('minimal', 'minimal')),
    };
    const user = (name: string) => ({
      profile: network.profile('hospital'),
      identity: network.identity('hospital', name).mspDirectory,
    });
    const hospital = await connect({ ...user('service'), actor });
    await using registrar = await connect(user('registrar'));
    const patients: ConsentedPatient[] = [];
    for (let count = 0; count < PATIENTS; count++) patients.push(await consented(registrar, hospital));
    const pids = await ledgerProcesses(network);
    return new RecordOffice(network, pids, [own, stock], minimal, hospital, patients);
  }

  /** Requests live ten minutes: each round opens its own. */
  async newReceipts(): Promise<void> {
    const requested = (count: number): Promise<readonly AccessReceipt[]> =>
      Promise.all(
        this.patients.map(({ patient, records }) => {
          const filter = { records: records.slice(0, count) };
          return this.hospital.access.request({
            custodian: 'HospitalMSP',
            patient,
            purpose: 'TREAT',
            filter,
          });
        }),
      );
    this.#receipts = { open: await requested(1), openPage: await requested(PAGE) };
  }

  /** CPU time that the ledger's and the contracts' processes have used so far, microseconds. */
  cpu(): Readonly<Record<string, number>> {
    return cpuOf(this.pids);
  }

  /** @returns how many records, or values, it was about */
  run(operation: RecordOperation): Promise<number> {
    return this.#operations[operation](this.#turn++);
  }

  readonly #operations: Readonly<Record<RecordOperation, (turn: number) => Promise<number>>> = {
    create: () => one(this.minimal.stock.submit()),
    createFastSigner: () => one(this.minimal.own.submit()),
    read: () => one(this.minimal.stock.evaluate()),
    readFastSigner: () => one(this.minimal.own.evaluate()),
    register: (turn) => one(this.hospital.records.register(this.#patient(turn), observation())),
    registerBatch: (turn) => this.#batch(turn),
    open: (turn) => this.#open('open', turn),
    openPage: (turn) => this.#open('openPage', turn),
  };

  async close(): Promise<void> {
    this.hospital.close();
    for (const gateway of this.gateways) gateway.close();
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

  async #open(operation: keyof Receipts, turn: number): Promise<number> {
    const receipts = this.#receipts[operation];
    const receipt = receipts[turn % receipts.length];
    if (receipt === undefined) throw new RangeError('nothing was requested');
    let released = 0;
    for await (const { metadata } of this.hospital.access.open(receipt)) if (metadata.manifest) released++;
    if (released !== (operation === 'open' ? 1 : PAGE)) throw new Error('not everything was released');
    return released;
  }
}

async function one(done: Promise<unknown>): Promise<number> {
  await done;
  return 1;
}

interface Receipts {
  readonly open: readonly AccessReceipt[];
  readonly openPage: readonly AccessReceipt[];
}

interface ConsentedPatient {
  readonly patient: string;
  readonly records: readonly string[];
}

/** @returns a patient with records, whose consent lets the hospital's practitioners treat */
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
  const drafts = Array.from({ length: PAGE }, () => ({ patient: token.patient, resource: observation() }));
  const records: string[] = [];
  for await (const batch of hospital.records.registerBatch(drafts))
    records.push(...batch.records.map(({ record }) => record));
  return { patient: token.patient, records };
}
