/** What one closed-loop load measured. */
export interface LoadResult {
  /** Operations that ended within the measured time. */
  readonly operations: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p50: number;
  /** CPU time per operation, microseconds: of this process, and of others by what they do. */
  readonly cpu: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  readonly inFlight: number;
  readonly seconds: number;
  /** Not measured: connections, just-in-time compilation, the first block. */
  readonly warmUpSeconds: number;
  /** CPU time that the processes of the measured system have used so far, microseconds, by what they do. */
  readonly cpu: () => Readonly<Record<string, number>>;
  /** Ends the load with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps `inFlight` operations going for the time, and measures those that end within it, whenever they began.
 *
 * @throws whatever an operation throws, when those still going on have ended: a load with errors measures nothing
 */
export async function load(
  operation: () => Promise<unknown>,
  { inFlight, seconds, warmUpSeconds, cpu, signal }: LoadOptions,
): Promise<LoadResult> {
  const from = performance.now() + warmUpSeconds * 1000;
  const until = from + seconds * 1000;
  const latencies: number[] = [];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let began = performance.now(); began < until && failures.length === 0; began = performance.now()) {
      try {
        signal?.throwIfAborted();
        await operation();
      } catch (error) {
        failures.push(error);
        return;
      }
      const ended = performance.now();
      if (ended >= from && ended <= until) latencies.push(ended - began);
    }
  };
  const used = cpuBetween(from, until, () => ({ client: ownCpu(), ...cpu() }));
  await Promise.all(Array.from({ length: inFlight }, worker));
  if (failures.length > 0) throw failures[0];
  const operations = latencies.length;
  return {
    operations,
    throughput: operations / seconds,
    p50: median(latencies),
    cpu: Object.fromEntries(Object.entries(await used).map(([name, time]) => [name, time / operations])),
  };
}

/** The middle value; the mean of the two in the middle when their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Reads at the two instants, while the load goes on. */
async function cpuBetween(
  from: number,
  until: number,
  read: () => Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>>> {
  await reach(from);
  const before = read();
  await reach(until);
  return Object.fromEntries(Object.entries(read()).map(([name, time]) => [name, time - (before[name] ?? 0)]));
}

function reach(instant: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, instant - performance.now())));
}
