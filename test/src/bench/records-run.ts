import { join } from 'node:path';
import type { EngineName } from './ledger-system.js';
import { load, median } from './load.js';
import { BATCH, RECORD_OPERATIONS, RecordOffice, type RecordOperation } from './record-office.js';
import type { Result } from './results.js';
import { ratioOf } from './rounds.js';

/** Against the minimal chaincode, with Fabric's own client, in the same round. */
export const RECORD_GATES = { register: 1.3, open: 0.8 } as const;

const IN_FLIGHT = 32;
const BATCHES_AT_ONCE = 2;
/** Of each of those, in a round. */
const BATCHES = 2;

export interface RecordsRunOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly engines: readonly EngineName[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Records, or values, per second in each round. */
export type RecordRounds = Readonly<Record<RecordOperation, readonly number[]>>;

/** Measures a custodian's work beside the minimal chaincode on the same network, in turn. */
export async function recordsRun(options: RecordsRunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const engine of options.engines) {
    const office = await RecordOffice.start(engine, join(options.folder, engine), options.onProgress);
    try {
      results.push(...recordResults(engine, await roundsOf(office, engine, options)));
    } finally {
      await office.close();
    }
  }
  return results;
}

async function roundsOf(
  office: RecordOffice,
  engine: EngineName,
  { seconds, rounds, onProgress }: RecordsRunOptions,
): Promise<RecordRounds> {
  const rates: Record<RecordOperation, number[]> = {
    create: [],
    register: [],
    registerBatch: [],
    read: [],
    open: [],
  };
  for (let round = 0; round <= rounds; round++) {
    await office.newReceipts();
    // Alternately from either end: who comes second meets a warmer and fuller machine. The first round warms up.
    const order = round % 2 === 0 ? RECORD_OPERATIONS : [...RECORD_OPERATIONS].reverse();
    for (const operation of order) {
      const rate = await rateOf(office, operation, seconds);
      if (round > 0) rates[operation].push(rate);
    }
    const figures = RECORD_OPERATIONS.map(
      (one) => `${one} ${Math.round(rates[one].at(-1) ?? 0).toString()}/s`,
    );
    onProgress(`${engine}, round ${String(round)} of ${String(rounds)}: ${figures.join(', ')}`);
  }
  return rates;
}

/** Per second of what the operation is about. Batches take too long to be counted within a time: some are timed. */
async function rateOf(office: RecordOffice, operation: RecordOperation, seconds: number): Promise<number> {
  if (operation !== 'registerBatch') {
    const inFlight = IN_FLIGHT;
    const { throughput } = await load(() => office.run(operation), {
      inFlight,
      seconds,
      warmUpSeconds: 0.2,
      cpu: () => ({}),
    });
    return throughput;
  }
  const began = performance.now();
  let registered = 0;
  const some = async (): Promise<void> => {
    for (let batch = 0; batch < BATCHES; batch++) registered += await office.run(operation);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, some));
  return (registered * 1000) / (performance.now() - began);
}

/** The figures of an engine, with what is aimed at. */
export function recordResults(engine: EngineName, rounds: RecordRounds): readonly Result[] {
  const ratio = (one: RecordOperation, other: RecordOperation): number =>
    ratioOf(rounds[one], rounds[other], (value) => value).median;
  const gated = (name: string, value: number, least: number): Result => ({
    name: `${engine}.records.${name}`,
    value: rounded(value),
    unit: 'ratio',
    reference: 1,
    gate: `>= ${String(least)}`,
    met: value >= least,
  });
  return [
    gated('register-of-create', ratio('registerBatch', 'create'), RECORD_GATES.register),
    gated('open-of-read', ratio('open', 'read'), RECORD_GATES.open),
    {
      name: `${engine}.records.register-one-by-one-of-create`,
      value: rounded(ratio('register', 'create')),
      unit: 'ratio',
      reference: 1,
    },
    ...RECORD_OPERATIONS.map((operation): Result => {
      const value = rounded(median([...rounds[operation]]));
      return { name: `${engine}.records.${operation}`, value, unit: '1/s', reference: null };
    }),
  ];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The figures as a text for a terminal. */
export function recordsReport(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    '',
    'Records beside a minimal chaincode that creates and reads 1 KB by Fabric’s own client; five organizations with a peer each.',
    `create: endorsed by a majority; register: by the custodian, with labels, existence checks and log, one by one, and ${String(BATCH)} a transaction`,
    ...results.map(({ name, value, unit, gate, met }) => {
      const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
      return `  ${name.padEnd(width)}  ${String(value)} ${unit === 'ratio' ? '' : unit}${aim}`.trimEnd();
    }),
  ].join('\n');
}
