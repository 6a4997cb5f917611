import { load, median, type LoadResult } from './load.js';
import { operationNames, type OperationName, type System } from './system.js';

export const IN_FLIGHT = 64;

export interface RoundOptions {
  /** Seconds of each measured load. */
  readonly seconds: number;
  readonly rounds: number;
  readonly onProgress: (line: string) => void;
}

/** What one operation of one system did in all rounds. */
export interface Measurement {
  readonly system: string;
  readonly operation: OperationName;
  /** `IN_FLIGHT` at a time: operations per second; median of the rounds. */
  readonly throughput: number;
  /** CPU per operation under that load, microseconds; medians. */
  readonly cpu: Readonly<Record<string, number>>;
  /** One at a time: milliseconds; median of the rounds' medians. */
  readonly latency: number;
  /** Throughput divided by the ceiling's in the same round, where the ceiling offers the operation. */
  readonly ratio?: Ratio;
  /** Latency divided by the ceiling's in the same round. */
  readonly latencyRatio?: Ratio;
}

/** Of the rounds' ratios. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

interface Sample {
  readonly loaded: LoadResult;
  readonly single: LoadResult;
}

type Samples = Map<OperationName, Map<string, Sample[]>>;

/**
 * Measures every operation on every system that offers it, all systems in turn in each round, so that what else the machine
 * does meets all of them alike. What counts are ratios within a round.
 */
export async function measure(
  systems: readonly System[],
  options: RoundOptions,
): Promise<readonly Measurement[]> {
  const samples: Samples = new Map();
  for (const name of operationNames) {
    for (const system of systems) await warmUp(system, name);
    for (let round = 0; round < options.rounds; round++) {
      // Alternately from either end: who comes second meets a warmer and fuller machine.
      const order = round % 2 === 0 ? systems : [...systems].reverse();
      for (const system of order) {
        const sample = await sampleOf(system, name, options);
        if (sample) remember(samples, name, system.key, sample);
      }
      options.onProgress(progressLine(samples, name, round + 1, options.rounds));
    }
  }
  return summarize(samples);
}

async function warmUp(system: System, name: OperationName): Promise<void> {
  const operation = system.operations[name];
  if (!operation) return;
  const options = { inFlight: IN_FLIGHT, seconds: 0.5, warmUpSeconds: 1, cpu: () => ({}) };
  await named(system, name, load(operation, options));
}

async function sampleOf(
  system: System,
  name: OperationName,
  { seconds }: RoundOptions,
): Promise<Sample | undefined> {
  const operation = system.operations[name];
  if (!operation) return undefined;
  const common = { warmUpSeconds: 0.2, cpu: () => system.cpu() };
  const loaded = await named(system, name, load(operation, { ...common, inFlight: IN_FLIGHT, seconds }));
  const single = await named(system, name, load(operation, { ...common, inFlight: 1, seconds: seconds / 2 }));
  return { loaded, single };
}

async function named<T>(system: System, operation: OperationName, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${system.name}, ${operation}: ${reason}`, { cause });
  }
}

function remember(samples: Samples, name: OperationName, system: string, sample: Sample): void {
  const ofOperation = samples.get(name) ?? new Map<string, Sample[]>();
  samples.set(name, ofOperation);
  ofOperation.set(system, [...(ofOperation.get(system) ?? []), sample]);
}

function progressLine(samples: Samples, name: OperationName, round: number, rounds: number): string {
  const figures = [...(samples.get(name) ?? [])].map(
    ([system, list]) => `${system} ${Math.round(list.at(-1)?.loaded.throughput ?? 0).toString()}/s`,
  );
  return `${name}, round ${String(round)} of ${String(rounds)}: ${figures.join(', ')}`;
}

function summarize(samples: Samples): readonly Measurement[] {
  return [...samples].flatMap(([operation, bySystem]) => {
    const ceiling = bySystem.get('ceiling');
    return [...bySystem].map(([system, list]): Measurement => {
      const comparable = ceiling && system !== 'ceiling';
      return {
        system,
        operation,
        throughput: median(list.map(({ loaded }) => loaded.throughput)),
        latency: median(list.map(({ single }) => single.p50)),
        cpu: medians(list.map(({ loaded }) => loaded.cpu)),
        ...(comparable
          ? {
              ratio: ratioOf(list, ceiling, ({ loaded }) => loaded.throughput),
              latencyRatio: ratioOf(list, ceiling, ({ single }) => single.p50),
            }
          : {}),
      };
    });
  });
}

/** Of each round with itself. */
export function ratioOf<T>(ones: readonly T[], others: readonly T[], value: (sample: T) => number): Ratio {
  const ratios = ones.flatMap((one, round) => {
    const other = others[round];
    return other === undefined ? [] : [value(one) / value(other)];
  });
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

function medians(list: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const names = Object.keys(list[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(list.map((one) => one[name] ?? 0))]));
}
