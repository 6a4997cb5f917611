/** What one closed-loop load measured. */
export interface LoadResult {
  readonly operations: number;
  readonly errors: number;
  readonly seconds: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of this process per operation, microseconds. */
  readonly clientCpu: number;
}

export interface LoadOptions {
  readonly inFlight: number;
  readonly seconds: number;
  /** Not measured: connections, just-in-time compilation. */
  readonly warmUpSeconds: number;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Keeps `inFlight` operations going until the time is over, then waits for the last ones. */
export async function load(
  operation: (n: number) => Promise<unknown>,
  options: LoadOptions,
): Promise<LoadResult> {
  let n = 0;
  const latencies: number[] = [];
  let errors = 0;
  let measuring = false;
  const start = performance.now();
  const from = start + options.warmUpSeconds * 1000;
  const until = from + options.seconds * 1000;
  let cpu = process.cpuUsage();

  const worker = async (): Promise<void> => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      if (!measuring && now >= from) {
        measuring = true;
        cpu = process.cpuUsage();
      }
      try {
        await operation(n++);
      } catch {
        errors++;
      }
      const end = performance.now();
      if (now >= from && end <= until) latencies.push(end - now);
    }
  };
  await Promise.all(Array.from({ length: options.inFlight }, worker));
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  return {
    operations: latencies.length,
    errors,
    seconds: options.seconds,
    throughput: latencies.length / options.seconds,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    clientCpu: (used.user + used.system) / Math.max(1, latencies.length),
  };
}
