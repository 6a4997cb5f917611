import { connect, type ImportOptions, type Vitaledger } from '@vitaledger/client';
import { parseTopology, startNetwork, type Network } from '@vitaledger/network';
import { join } from 'node:path';
import type { EngineName } from './ledger-system.js';
import { MemoryVault } from './memory-vault.js';
import { benchTrials, largestRealTrial } from './trial-records.js';

/** What of a registry is measured, each one at a time. */
export const REGISTRY_READS = [
  'get',
  'asOf',
  'history',
  'searchWords',
  'searchFilters',
  'searchAll',
  'overdue',
] as const;
export type RegistryRead = (typeof REGISTRY_READS)[number];

const BATCHES: ImportOptions = {};
/** For a trial a transaction. */
export const ALONE: ImportOptions = { batchSize: 1, concurrency: 64 };
const PAGE = 5;

/** A registry with many trials, and their sponsor's client. */
export class TrialRegistry {
  readonly #network: Network;
  readonly #sponsor: Vitaledger;
  readonly #numbers: string[] = [];
  #turn = 0;

  private constructor(network: Network, sponsor: Vitaledger) {
    this.#network = network;
    this.#sponsor = sponsor;
  }

  static async start(
    engine: EngineName,
    directory: string,
    onProgress: (line: string) => void,
  ): Promise<TrialRegistry> {
    const network = await startNetwork({ topology: registryTopology(), engine, directory, onProgress });
    const sponsor = await connect({
      profile: network.profile('research'),
      identity: network.identity('research', 'sponsor').mspDirectory,
      vault: new MemoryVault(),
    });
    return new TrialRegistry(network, sponsor);
  }

  /** The sponsor's connection. */
  get ledger(): Vitaledger {
    return this.#sponsor;
  }

  /** Registers trials as an import does, many a transaction. Returns how many per second. */
  async fill(
    count: number,
    onProgress: (registered: number) => void,
    batches: ImportOptions = BATCHES,
  ): Promise<number> {
    const records = benchTrials(this.#numbers.length, count);
    const began = performance.now();
    for await (const { trial, error } of this.#sponsor.trials.import(records, batches)) {
      if (trial === undefined) throw error ?? new Error('a trial of the benchmark was not registered');
      this.#numbers.push(trial);
      if (this.#numbers.length % 1000 === 0) onProgress(this.#numbers.length);
    }
    return (count * 1000) / (performance.now() - began);
  }

  /** One question, about another trial each time. */
  async read(what: RegistryRead): Promise<void> {
    const { trials } = this.#sponsor;
    const trial = this.#numbers[(this.#turn++ * 7919) % this.#numbers.length] ?? '';
    switch (what) {
      case 'get':
        await trials.get(trial);
        return;
      case 'asOf':
        await trials.asOf(trial, new Date().toISOString());
        return;
      case 'history':
        await trials.history(trial);
        return;
      case 'searchWords':
        return firstPage(
          trials.search({ condition: 'hypertension', title: 'treatment trial' }, { pageSize: PAGE }),
          PAGE,
        );
      case 'searchFilters':
        return firstPage(
          trials.search(
            { country: 'Germany', phase: 'PHASE3', start: { from: '2005-01' } },
            { pageSize: PAGE },
          ),
          PAGE,
        );
      case 'searchAll':
        return firstPage(trials.search({}, { pageSize: PAGE }), PAGE);
      case 'overdue':
        return firstPage(
          trials.overdue({ at: '2040-01-01T00:00:00.000Z', sponsor: 'ResearchMSP' }, { pageSize: PAGE }),
          PAGE,
        );
    }
  }

  /** @returns milliseconds of an outcome report on the largest real record; undefined when there is none */
  async outcomesOfLargest(times: number): Promise<readonly number[] | undefined> {
    const record = largestRealTrial();
    if (record === undefined) return undefined;
    const { trial } = await this.#sponsor.trials.register(record);
    const taken: number[] = [];
    for (let turn = 0; turn < times; turn++) {
      const began = performance.now();
      await this.#sponsor.trials.outcomes(trial);
      taken.push(performance.now() - began);
    }
    return taken;
  }

  async close(): Promise<void> {
    this.#sponsor.close();
    await this.#network.clean();
  }
}

async function firstPage(items: AsyncGenerator, size: number): Promise<void> {
  let read = 0;
  for await (const item of items) {
    if (item === undefined) throw new Error('an entry of a page is missing');
    if (++read === size) return;
  }
  throw new Error(`a page has ${read} entries: these trials do not fill it`);
}

function registryTopology() {
  return parseTopology(
    `
name: registry-bench
organizations:
  - name: research
    mspId: ResearchMSP
    domain: research.example
    kinds: [research, sponsor]
    jurisdiction: US-CA
    identities: [{ name: sponsor, role: sponsor }]
  - { name: ethics, mspId: EthicsMSP, domain: ethics.example, kinds: [ethics], jurisdiction: US-CA }
channels:
  - { name: registry, members: [research, ethics] }
chaincodes:
  - { name: registry, channel: registry, path: ../chaincode/registry, consortium: true }
`,
    join(__dirname, '../..'),
    'the topology of the registry benchmark',
  );
}
