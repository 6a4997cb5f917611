/** `npm run bench`: throughput, latency and cold start, side by side in one run. */
import { findBinaries, NetworkError } from '@vitaledger/network';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ceiling } from './ceiling.js';
import { clientReport, clientRun } from './client-run.js';
import { cohortReport, cohortRun } from './cohort-run.js';
import { coldStart, type ColdStart } from './cold-start.js';
import { decisionsReport, decisionsRun } from './decisions-run.js';
import { eventsReport, eventsRun } from './events-run.js';
import { LedgerSystem, type EngineName } from './ledger-system.js';
import { readOptions, USAGE, UsageError, type BenchOptions, type Part } from './options.js';
import { recordsReport, recordsRun } from './records-run.js';
import { reportOf } from './report.js';
import { resultsOf, type Result } from './results.js';
import { measure, type Measurement, type RoundOptions } from './rounds.js';
import type { System } from './system.js';
import { trialsReport, trialsRun } from './trials-run.js';
import { vaultReport, vaultRun } from './vault-run.js';

const INTERRUPTED = 130;
const COLD_STARTS: Readonly<Record<EngineName, number>> = { embedded: 3, fabric: 1 };

async function bench(options: BenchOptions, signal: AbortSignal): Promise<void> {
  const began = performance.now();
  const progress = (line: string): void => {
    signal.throwIfAborted();
    const seconds = ((performance.now() - began) / 1000).toFixed(0).padStart(4);
    console.error(`${seconds} s  ${line}`);
  };
  const names = await enginesOf(options);
  const engines = Object.keys(names) as EngineName[];
  const folder = await mkdtemp(join(tmpdir(), 'vitaledger-bench-'));
  try {
    if (options.only !== undefined) {
      await benchPart(options.only, options, engines, folder, progress);
      return;
    }
    const coldStarts: ColdStart[] = [];
    for (const engine of engines) {
      progress(`cold start of ${names[engine] ?? engine}`);
      coldStarts.push(await coldStart(engine, join(folder, 'cold'), COLD_STARTS[engine]));
    }
    const measurements = await measureAll(names, folder, { ...options, onProgress: progress, signal });
    const results = resultsOf(measurements, coldStarts);
    if (options.json !== undefined)
      await writeFile(options.json, `${JSON.stringify({ results }, null, 2)}\n`);
    progress('done');
    console.log(setUp(options));
    console.log(reportOf(measurements, coldStarts, { ...names, ceiling: Ceiling.title }, results));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchPart(
  part: Part,
  options: BenchOptions,
  engines: readonly EngineName[],
  folder: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const { rounds, seconds, trials = 0, consents = 0, patients = 0 } = options;
  const run = { rounds, seconds, engines, folder, onProgress };
  const parts: Readonly<Record<Part, () => Promise<readonly [readonly Result[], string]>>> = {
    trials: async () => {
      const results = await trialsRun({ ...run, trials });
      return [results, trialsReport(results, trials)];
    },
    events: async () => {
      const results = await eventsRun({ ...run, trials });
      return [results, eventsReport(results, trials)];
    },
    cohort: async () => {
      const results = await cohortRun({ ...run, patients });
      return [results, cohortReport(results, patients)];
    },
    records: async () => {
      const results = await recordsRun(run);
      return [results, recordsReport(results)];
    },
    client: async () => {
      const results = await clientRun(run);
      return [results, clientReport(results)];
    },
    decisions: async () => {
      const results = await decisionsRun({ ...run, consents });
      return [results, decisionsReport(results, consents)];
    },
    vault: async () => {
      const results = await vaultRun({ ...run, patients });
      return [results, vaultReport(results, patients)];
    },
  };
  const [results, report] = await parts[part]();
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ results }, null, 2)}\n`);
  console.log(report);
}

/** Names of the engines to be measured; Fabric with the version of its programs. */
async function enginesOf({ engine }: BenchOptions): Promise<Readonly<Partial<Record<EngineName, string>>>> {
  const names: Partial<Record<EngineName, string>> = {};
  if (engine !== 'fabric') names.embedded = 'embedded ledger';
  if (engine !== 'embedded') {
    try {
      const { version } = await findBinaries();
      names.fabric = `Hyperledger Fabric ${[version.major, version.minor, version.patch].join('.')}`;
    } catch (error) {
      // Without being asked for, Fabric is measured only where it is.
      if (engine !== undefined || !(error instanceof NetworkError)) throw error;
      console.error(`Hyperledger Fabric is not measured: ${error.message}`);
    }
  }
  return names;
}

async function measureAll(
  names: Readonly<Partial<Record<EngineName, string>>>,
  folder: string,
  options: RoundOptions,
): Promise<readonly Measurement[]> {
  const systems: System[] = [];
  try {
    for (const [engine, name] of Object.entries(names) as [EngineName, string][]) {
      options.onProgress(`starting ${name}`);
      const system = await LedgerSystem.start(engine, name, join(folder, engine), () => {
        options.signal?.throwIfAborted();
      });
      systems.push(system);
      if (systems.length === 1) systems.unshift(await Ceiling.start(system.network));
    }
    return await measure(systems, options);
  } finally {
    // Those started last end first: the ceiling uses the certificates of a network.
    for (const system of systems.reverse()) await system.close();
  }
}

function setUp({ seconds, rounds }: BenchOptions): string {
  return [
    '',
    `One run on ${String(availableParallelism())} processors, Node.js ${process.version}; ${String(rounds)} rounds in which the systems take turns,`,
    `${String(seconds)} s each; medians, in brackets least and most. Two organizations with a peer each, one orderer, TLS, all on this`,
    'machine. One client; every transaction is endorsed by one organization. Fabric cuts blocks after 50 ms or 500',
    'transactions, the embedded ledger at once.',
  ].join('\n');
}

/** The first signal ends what is being measured, and with it the networks; the second one ends the program at once. */
function interruption(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(INTERRUPTED);
      console.error('Stopping …');
      interrupt.abort();
    });
  }
  return interrupt.signal;
}

async function main(): Promise<void> {
  const interrupt = interruption();
  try {
    const options = readOptions(process.argv.slice(2));
    if (options) await bench(options, interrupt);
    else process.stdout.write(USAGE);
  } catch (error) {
    if (interrupt.aborted) {
      process.exitCode = INTERRUPTED;
      return;
    }
    process.exitCode = error instanceof UsageError ? 2 : 1;
    if (error instanceof UsageError || error instanceof NetworkError)
      console.error(`bench: ${error.message}`);
    else console.error(error);
  }
}

void main();
