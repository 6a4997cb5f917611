import { connect, PatientKey, permission, type PatientToken, type Vitaledger } from '@vitaledger/client';
import { canonicalJson } from '@vitaledger/domain';
import { parseTopology, startNetwork, type Network } from '@vitaledger/network';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineName } from './ledger-system.js';
import { hex, SigningDevice } from './signing-device.js';
import { writeHeads } from './written-heads.js';

const IN_FLIGHT = 64;
const DAY_MS = 86_400_000;
/** Of so many patients one has consented to research. */
const CONSENTING = 5;
/** A machine that does other things too lets a transaction wait for too long now and then. */
const ATTEMPTS = 20;
const PAUSE_MS = 3000;

/** Health research may use their records. */
const TERMS = {
  provision: permission({ to: [{ organization: 'ResearchMSP' }], purposes: ['HRESCH'] }),
  dataUse: { permission: { code: 'HMB' as const }, modifiers: [] },
};

/** What one count over all patients took. */
export interface CohortCount {
  readonly patients: number;
  readonly pages: number;
  /** Milliseconds of the longest page, as the service that asks for it sees it. */
  readonly longest: number;
  readonly seconds: number;
  /** MiB that the chaincode's process held at most between two pages. */
  readonly chaincodeMiB: number;
  /** The same of the first half of the pages. */
  readonly halfwayMiB: number;
}

/** A hospital with many patients, of whom every fifth has signed a consent to research, and who counts them. */
export class CohortPopulation {
  readonly #network: Network;
  readonly #clients: Readonly<Record<'registrar' | 'service' | 'researcher' | 'ethics', Vitaledger>>;
  readonly #chaincode: readonly number[];
  #patients = 0;
  #consents = 0;

  private constructor(
    network: Network,
    clients: Readonly<Record<'registrar' | 'service' | 'researcher' | 'ethics', Vitaledger>>,
    chaincode: readonly number[],
  ) {
    this.#network = network;
    this.#clients = clients;
    this.#chaincode = chaincode;
  }

  static async start(
    engine: EngineName,
    directory: string,
    onProgress: (line: string) => void,
  ): Promise<CohortPopulation> {
    const network = await startNetwork({ topology: cohortTopology(), engine, directory, onProgress });
    return CohortPopulation.#on(network);
  }

  /**
   * The same with all its patients from the start, on an embedded ledger, whose state is written without transactions: enrolling 100,000 takes
   * most of an hour and leaves the same.
   */
  static async written(
    patients: number,
    directory: string,
    onProgress: (line: string) => void,
  ): Promise<CohortPopulation> {
    const settings = { topology: cohortTopology(), engine: 'embedded' as const, directory };
    const empty = await startNetwork(settings);
    await empty.stop();
    const device = new SigningDevice();
    const headOf = (index: number) => {
      const patient = hex(128);
      const isConsenting = index % CONSENTING === 0;
      const head = isConsenting ? device.consenting(patient, TERMS) : device.enrolled(patient);
      return { patient, value: canonicalJson(head) };
    };
    await writeHeads(empty.directory.root, patients, headOf, (written) => {
      onProgress(`embedded: ${String(written)} of ${String(patients)} patients`);
    });
    const population = await CohortPopulation.#on(await startNetwork(settings));
    population.#patients = patients;
    population.#consents = Math.ceil(patients / CONSENTING);
    return population;
  }

  static async #on(network: Network): Promise<CohortPopulation> {
    const as = (organization: string, user: string) =>
      connect({
        profile: network.profile(organization),
        identity: network.identity(organization, user).mspDirectory,
      });
    const clients = {
      registrar: await as('hospital', 'registrar'),
      service: await as('hospital', 'service'),
      researcher: await as('research', 'researcher'),
      ethics: await as('ethics', 'ethics'),
    };
    const { processes } = await network.status();
    const chaincode = processes.flatMap(({ pid, kind }) =>
      pid !== undefined && kind === 'chaincode' ? [pid] : [],
    );
    return new CohortPopulation(network, clients, chaincode);
  }

  /** Enrols patients until there are so many. */
  async fill(patients: number, onProgress: (enrolled: number) => void): Promise<void> {
    // One key for all, as a parent's for children: what is measured is the custodian's work, not the devices'.
    const key = await PatientKey.generate();
    let next = this.#patients;
    const work = async (): Promise<void> => {
      while (next < patients) {
        const number = next++;
        const token = await patiently(() =>
          this.#clients.registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' }),
        );
        if (number % CONSENTING === 0) await this.#consent(key, token);
        this.#patients += 1;
        if (this.#patients % 1000 === 0) onProgress(this.#patients);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  }

  async #consent(key: PatientKey, token: PatientToken): Promise<void> {
    const consent = await key.consent({
      patients: [token],
      ...TERMS,
      text: { content: 'Research may use my records.', language: 'en' },
    });
    await patiently(async () => {
      const { complete, deliveries } = await this.#clients.registrar.consents.grant({
        consent,
        patients: [token],
        key,
      });
      if (!complete) throw deliveries.find(({ error }) => error)?.error ?? new Error('not delivered');
    });
    this.#consents += 1;
  }

  /** Asks, counts every patient and answers, for a study of its own. */
  async count(): Promise<CohortCount> {
    const { service, researcher, ethics } = this.#clients;
    const study = await researcher.studies.register({
      title: 'How many',
      purpose: { aims: ['health'], undertakings: [] },
      committee: 'EthicsMSP',
    });
    const document = createHash('sha256').update('letter').digest('hex');
    const until = new Date(Date.now() + DAY_MS).toISOString();
    await ethics.studies.decide(study, { approved: true, document, until });
    const receipt = await researcher.cohorts.ask({ custodian: 'HospitalMSP', study, question: 'consented' });
    const began = performance.now();
    const held: number[] = [];
    let [last, longest] = [began, 0];
    const patients = await service.cohorts.answer(receipt.receipt, {
      onProgress: () => {
        longest = Math.max(longest, performance.now() - last);
        held.push(this.#memory());
        last = performance.now();
      },
    });
    const seconds = (performance.now() - began) / 1000;
    const { count } = await researcher.cohorts.read(receipt);
    if (patients < this.#patients || count < this.#consents - 18 || count > this.#consents)
      throw new Error(`${count} of ${this.#consents} counted among ${patients} of ${this.#patients}`);
    const pages = held.length;
    const halfwayMiB = Math.max(...held.slice(0, Math.ceil(pages / 2)));
    return { patients, pages, longest, seconds, chaincodeMiB: Math.max(...held), halfwayMiB };
  }

  #memory(): number {
    return this.#chaincode.reduce((sum, pid) => sum + residentMiB(pid), 0);
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#clients)) client.close();
    await this.#network.clean();
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** MiB of a process that are in memory; 0 where there is no `/proc`. */
function residentMiB(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
}

function cohortTopology() {
  return parseTopology(
    `
name: cohort-bench
organizations:
  - name: hospital
    mspId: HospitalMSP
    domain: hospital.example
    kinds: [hospital]
    jurisdiction: US-CA
    identities: [{ name: service, role: service }, { name: registrar, role: registrar }]
  - name: research
    mspId: ResearchMSP
    domain: research.example
    kinds: [research]
    jurisdiction: US-MA
    identities: [{ name: researcher, role: researcher }]
  - name: ethics
    mspId: EthicsMSP
    domain: ethics.example
    kinds: [ethics]
    jurisdiction: US-MA
    identities: [{ name: ethics, role: ethics }]
channels:
  - name: care
    members: [hospital, { organization: research, peers: false }, { organization: ethics, peers: false }]
    readers: peers-and-admins
chaincodes:
  - { name: care, channel: care, path: ../chaincode/care, consortium: true }
`,
    join(__dirname, '../..'),
    'the topology of the cohort benchmark',
  );
}
