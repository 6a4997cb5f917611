import { load, median, type LoadOptions, type LoadResult } from './load.js';
import { operationNames, type OperationName, type System } from './system.js';

export const IN_FLIGHT = 64;

/** How often a round is repeated in which the machine stood still. */
const REPEATS = 3;

export interface RoundOptions {
  /** Seconds of each measured load. */
  readonly seconds: number;
  readonly rounds: number;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
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

/** One operation of one system in one round. */
export interface Sample {
  readonly loaded: LoadResult;
  readonly single: LoadResult;
}

type Samples = ReadonlyMap<OperationName, ReadonlyMap<string, readonly Sample[]>>;

/**
 * Measures every operation on every system that offers it, all systems in turn in each round, so that what else the machine
 * does meets all of them alike. What counts are ratios within a round.
 */
export async function measure(
  systems: readonly System[],
  options: RoundOptions,
): Promise<readonly Measurement[]> {
  const { signal } = options;
  const samples = new Map<OperationName, Map<string, Sample[]>>();
  for (const name of operationNames) {
    const ofOperation = new Map<string, Sample[]>();
    samples.set(name, ofOperation);
    const measured = systems.filter(({ operations }) => operations[name] !== undefined);
    for (const system of measured)
      await run(system, name, { inFlight: IN_FLIGHT, seconds: 0.5, warmUpSeconds: 1, signal });
    for (let round = 0; round < options.rounds; round++) {
      // Alternately from either end: who comes second meets a warmer and fuller machine.
      const order = round % 2 === 0 ? measured : [...measured].reverse();
      const { loaded, single } = await oneRound(order, name, options);
      for (const { key } of measured) {
        const sample = { loaded: resultOf(loaded, key), single: resultOf(single, key) };
        ofOperation.set(key, [...(ofOperation.get(key) ?? []), sample]);
      }
      options.onProgress(progressLine(ofOperation, name, round + 1, options.rounds));
    }
  }
  return summarize(samples);
}

/** Results by the systems' keys. */
export interface Round {
  readonly loaded: ReadonlyMap<string, LoadResult>;
  readonly single: ReadonlyMap<string, LoadResult>;
}

async function oneRound(
  systems: readonly System[],
  name: OperationName,
  { seconds, signal, onProgress }: RoundOptions,
): Promise<Round> {
  const attempt = async (): Promise<Round> => ({
    loaded: await eachInTurn(systems, name, { inFlight: IN_FLIGHT, seconds, signal }),
    single: await eachInTurn(systems, name, { inFlight: 1, seconds: seconds / 2, signal }),
  });
  return repeatedWhileIdle(attempt, (system) => {
    onProgress(`${name}: nothing ended on ${system} in time; the round is repeated`);
  });
}

/**
 * A round in which anything stood still tells nothing about any of the systems, so it is repeated as a whole.
 *
 * @throws Error when it stands still again and again
 */
export async function repeatedWhileIdle(
  attempt: () => Promise<Round>,
  onRepeat: (system: string) => void,
): Promise<Round> {
  for (let repeats = 0; ; repeats++) {
    const round = await attempt();
    const [idle] = [...round.loaded, ...round.single].find(([, { operations }]) => operations === 0) ?? [];
    if (idle === undefined) return round;
    if (repeats === REPEATS) {
      throw new Error(
        `${idle}: nothing ends in time; use more --seconds, or a machine that does nothing else`,
      );
    }
    onRepeat(idle);
  }
}

async function eachInTurn(
  systems: readonly System[],
  name: OperationName,
  load: Pick<LoadOptions, 'inFlight' | 'seconds' | 'signal'>,
): Promise<ReadonlyMap<string, LoadResult>> {
  const results = new Map<string, LoadResult>();
  for (const system of systems) {
    const result = await run(system, name, { ...load, warmUpSeconds: 0.2 });
    results.set(system.key, result);
  }
  return results;
}

function resultOf(results: ReadonlyMap<string, LoadResult>, key: string): LoadResult {
  const result = results.get(key);
  if (!result) throw new RangeError(`${key} was not measured`);
  return result;
}

/** Whatever fails says of which system and operation it was. */
async function run(
  system: System,
  name: OperationName,
  options: Omit<LoadOptions, 'cpu'>,
): Promise<LoadResult> {
  const operation = system.operations[name];
  if (!operation) throw new RangeError(`${system.name} does not offer ${name}`);
  try {
    return await load(operation, { ...options, cpu: () => system.cpu() });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${system.name}, ${name}: ${reason}`, { cause });
  }
}

function progressLine(
  samples: ReadonlyMap<string, readonly Sample[]>,
  name: OperationName,
  round: number,
  rounds: number,
): string {
  const figures = [...samples].map(
    ([system, list]) => `${system} ${Math.round(list.at(-1)?.loaded.throughput ?? 0).toString()}/s`,
  );
  return `${name}, round ${String(round)} of ${String(rounds)}: ${figures.join(', ')}`;
}

/** Medians of all rounds, and ratios to the ceiling in each of them. */
export function summarize(samples: Samples): readonly Measurement[] {
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
