import type { ColdStart } from './cold-start.js';
import type { Measurement, Ratio } from './rounds.js';

/** One figure, as `--json` writes it. */
export interface Result {
  /** `embedded.submit.throughput` */
  readonly name: string;
  readonly value: number;
  /** `1/s`, `ms`, `us`, `ratio`. */
  readonly unit: string;
  /** What it is to be seen against, in the same unit: the ceiling in the same run. Null where there is nothing to compare. */
  readonly reference: number | null;
  /** What is aimed at: `>= 0.4`, `<= 1000`. */
  readonly gate?: string;
  readonly met?: boolean;
}

/** What the embedded ledger is aimed to reach. */
export const GATES = {
  /** Of the ceiling's submit throughput. */
  submitRatio: 0.4,
  readyMs: 1000,
  committedMs: 2000,
} as const;

/** All figures of a run, those with gates first. */
export function resultsOf(
  measurements: readonly Measurement[],
  coldStarts: readonly ColdStart[],
): readonly Result[] {
  const results = [
    ...coldStarts.flatMap(coldStartResults),
    ...measurements.flatMap((one) => measurementResults(one, measurements)),
  ];
  return [
    ...results.filter(({ gate }) => gate !== undefined),
    ...results.filter(({ gate }) => gate === undefined),
  ];
}

function coldStartResults({ engine, ready, up, committed }: ColdStart): Result[] {
  const isGated = engine === 'embedded';
  return [
    ...(ready === undefined ? [] : [atMost(`${engine}.ready`, ready, GATES.readyMs)]),
    isGated
      ? atMost(`${engine}.first-committed`, committed, GATES.committedMs)
      : plain(`${engine}.first-committed`, committed, 'ms'),
    plain(`${engine}.network-up`, up, 'ms'),
  ];
}

function measurementResults(one: Measurement, all: readonly Measurement[]): Result[] {
  const name = `${one.system}.${one.operation}`;
  const ceiling = all.find(({ system, operation }) => system === 'ceiling' && operation === one.operation);
  const isCeiling = ceiling === one;
  return [
    ...ratioResults(name, one),
    plain(`${name}.throughput`, one.throughput, '1/s', isCeiling ? undefined : ceiling?.throughput),
    plain(`${name}.p50`, one.latency, 'ms', isCeiling ? undefined : ceiling?.latency),
    ...Object.entries(one.cpu).map(([what, time]) =>
      plain(`${name}.cpu.${what}`, time, 'us', isCeiling ? undefined : ceiling?.cpu[what]),
    ),
  ];
}

function ratioResults(name: string, { system, operation, ratio, latencyRatio }: Measurement): Result[] {
  if (!ratio || !latencyRatio) return [];
  const throughput = spread(`${name}.throughput-of-ceiling`, ratio);
  const [first, ...rest] = throughput;
  const gated = system === 'embedded' && operation === 'submit' && first !== undefined;
  return [
    ...(gated
      ? [{ ...first, gate: `>= ${GATES.submitRatio}`, met: first.value >= GATES.submitRatio }, ...rest]
      : throughput),
    ...spread(`${name}.p50-of-ceiling`, latencyRatio),
  ];
}

function spread(name: string, { median, least, most }: Ratio): Result[] {
  return [
    plain(name, median, 'ratio', 1),
    plain(`${name}.least`, least, 'ratio', 1),
    plain(`${name}.most`, most, 'ratio', 1),
  ];
}

function atMost(name: string, value: number, limit: number): Result {
  return { ...plain(name, value, 'ms'), gate: `<= ${limit}`, met: value <= limit };
}

function plain(name: string, value: number, unit: string, reference?: number): Result {
  return {
    name,
    value: rounded(value),
    unit,
    reference: reference === undefined ? null : rounded(reference),
  };
}

/** Four digits say more than these figures mean. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
