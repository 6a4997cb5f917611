import { join } from 'node:path';
import type { EngineName } from './ledger-system.js';
import { load, median } from './load.js';
import { BATCH, PAGE, RECORD_OPERATIONS, RecordOffice, type RecordOperation } from './record-office.js';
import type { Result } from './results.js';
import { ratioOf } from './rounds.js';

/** Against the minimal chaincode, with Fabric's own client as it comes, in the same round. */
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

/** What one operation did in a round. */
export interface RecordRate {
  /** Records, or values, per second. */
  readonly rate: number;
  /** CPU time of all processes for each, microseconds. */
  readonly cpu: number;
}

/** In each round. */
export type RecordRounds = Readonly<Record<RecordOperation, readonly RecordRate[]>>;

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
  const measured = Object.fromEntries(RECORD_OPERATIONS.map((one) => [one, []])) as unknown as Record<
    RecordOperation,
    RecordRate[]
  >;
  for (let round = 0; round <= rounds; round++) {
    await office.newReceipts();
    // Alternately from either end: who comes second meets a warmer and fuller machine. The first round warms up.
    const order = round % 2 === 0 ? RECORD_OPERATIONS : [...RECORD_OPERATIONS].reverse();
    for (const operation of order) {
      const rate = await rateOf(office, operation, seconds);
      if (round > 0) measured[operation].push(rate);
    }
    const figures = RECORD_OPERATIONS.map(
      (one) => `${one} ${Math.round(measured[one].at(-1)?.rate ?? 0).toString()}/s`,
    );
    onProgress(`${engine}, round ${String(round)} of ${String(rounds)}: ${figures.join(', ')}`);
  }
  return measured;
}

/** Of what the operation is about. Batches take too long to be counted within a time: some are timed. */
async function rateOf(
  office: RecordOffice,
  operation: RecordOperation,
  seconds: number,
): Promise<RecordRate> {
  if (operation !== 'registerBatch') {
    const { throughput, cpu } = await load(() => office.run(operation), {
      inFlight: IN_FLIGHT,
      seconds,
      warmUpSeconds: 0.2,
      cpu: () => office.cpu(),
    });
    const each = operation === 'openPage' ? PAGE : 1;
    return { rate: throughput * each, cpu: sum(cpu) / each };
  }
  const used = (): number => sum(office.cpu()) + sum(process.cpuUsage());
  const [began, before] = [performance.now(), used()];
  let registered = 0;
  const some = async (): Promise<void> => {
    for (let batch = 0; batch < BATCHES; batch++) registered += await office.run(operation);
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, some));
  return { rate: (registered * 1000) / (performance.now() - began), cpu: (used() - before) / registered };
}

function sum(times: object): number {
  return Object.values(times as Readonly<Record<string, number>>).reduce((total, time) => total + time, 0);
}

/** The figures of an engine, with what is aimed at. */
export function recordResults(engine: EngineName, rounds: RecordRounds): readonly Result[] {
  const result = (name: string, value: number, unit = 'ratio'): Result => ({
    name: `${engine}.records.${name}`,
    value: Number(value.toPrecision(4)),
    unit,
    reference: unit === 'ratio' ? 1 : null,
  });
  const ratio = (name: string, one: RecordOperation, other: RecordOperation): Result =>
    result(name, ratioOf(rounds[one], rounds[other], ({ rate }) => rate).median);
  const gated = (of: Result, least: number): Result => ({
    ...of,
    gate: `>= ${String(least)}`,
    met: of.value >= least,
  });
  return [
    gated(ratio('register-of-create', 'registerBatch', 'create'), RECORD_GATES.register),
    gated(ratio('open-of-read', 'open', 'read'), RECORD_GATES.open),
    ratio('open-of-read.fast-signer', 'open', 'readFastSigner'),
    ratio('open-page-of-read', 'openPage', 'read'),
    ratio('register-of-create.fast-signer', 'registerBatch', 'createFastSigner'),
    ratio('register-one-by-one-of-create', 'register', 'create'),
    // How many reads the processor time of one would do: steadier than the clock where the machine does other things too.
    result('open-of-read.cpu', ratioOf(rounds.read, rounds.open, ({ cpu }) => cpu).median),
    ...RECORD_OPERATIONS.flatMap((operation) => [
      result(operation, median(rounds[operation].map(({ rate }) => rate)), '1/s'),
      result(`${operation}.cpu`, median(rounds[operation].map(({ cpu }) => cpu)), 'us'),
    ]),
  ];
}

/** The figures as a text for a terminal. */
export function recordsReport(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return [
    '',
    'Records beside a minimal chaincode that creates and reads 1 KB by Fabric’s own client as it comes (fast-signer: with the SDK’s',
    'signer); five organizations with a peer each. create: endorsed by a majority; register: by the custodian, with labels,',
    `existence checks and log, one by one, and ${String(BATCH)} a transaction. open: one record a call; page: ${String(PAGE)} records of a patient a call.`,
    'cpu: of all processes together, for each record or value.',
    ...results.map(({ name, value, unit, gate, met }) => {
      const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
      return `  ${name.padEnd(width)}  ${String(value)} ${unit === 'ratio' ? '' : unit}${aim}`.trimEnd();
    }),
  ].join('\n');
}
