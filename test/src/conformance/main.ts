import { findBinaries, type Network } from '@vitaledger/network';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Actors } from './actors.js';
import type { CaseGroup } from './cases/case.js';
import { groups } from './cases/index.js';
import { names, readChecklist } from './checklist.js';
import { describeDifference } from './compare.js';
import { endConformanceNetwork, startConformanceNetwork } from './network.js';
import { judge, play, type Verdict } from './replay.js';
import { readDeviations, readTraces, writeTraces, type Trace } from './traces.js';

interface Report {
  traces: number;
  passed: number;
  failed: number;
  /** Ids of the listed deviations that were met. */
  deviations: string[];
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
    engine: { type: 'string' },
    group: { type: 'string', multiple: true },
    row: { type: 'string' },
  },
});
const chosen = casesOf(options.row).filter(({ name }) => options.group?.includes(name) ?? true);

/** The cases of a row of the checklist, or all. */
function casesOf(id: string | undefined): readonly CaseGroup[] {
  if (id === undefined) return groups;
  const patterns = readChecklist().find((row) => row.id === id)?.traces;
  if (patterns === undefined) throw new Error(`the checklist has no row ${id}`);
  return groups.map(({ name, cases }) => ({
    name,
    cases: cases.filter((one) => patterns.some((pattern) => names(pattern, `${name}/${one.name}`))),
  }));
}

async function fabricVersion(): Promise<string> {
  const { version } = await findBinaries();
  return `${String(version.major)}.${String(version.minor)}.${String(version.patch)}`;
}

async function record(actors: Actors): Promise<void> {
  const fabric = await fabricVersion();
  for (const { name, cases } of chosen) {
    const traces: Trace[] = [];
    for (const one of cases) {
      traces.push({ name: one.name, row: one.row, steps: await play(actors, one) });
      console.log(`recorded ${name}/${one.name}`);
    }
    writeTraces({ fabric, group: name, traces });
  }
}

/** A network must deviate from its own recording nowhere; only the embedded ledger may, where it is listed. */
async function compare(actors: Actors, network: Network, report: Report): Promise<void> {
  const isFabric = network.engine !== 'embedded';
  const deviations = isFabric ? [] : readDeviations();
  const version = isFabric ? await fabricVersion() : undefined;
  for (const { name, cases } of chosen) {
    const recorded = new Map(readTraces(name, version)?.traces.map((trace) => [trace.name, trace]));
    for (const one of cases) {
      const trace = recorded.get(one.name);
      const id = `${name}/${one.name}`;
      tell(report, id, trace && judge(id, trace, await play(actors, one), deviations));
    }
  }
}

/** Counts a verdict, and says what is wrong; without one, no trace was recorded. */
function tell(report: Report, id: string, verdict: Verdict | undefined): void {
  report.traces += 1;
  if (verdict?.unlisted.length === 0) {
    report.passed += 1;
  } else {
    report.failed += 1;
    console.log(`FAILED ${id}${verdict ? '' : ': no trace was recorded'}`);
    for (const difference of verdict?.unlisted ?? []) console.log(`  ${describeDifference(difference)}`);
  }
  report.deviations = [...new Set([...report.deviations, ...(verdict?.deviations ?? [])])];
}

async function run(engine: 'embedded' | 'fabric', report: Report): Promise<void> {
  const started = performance.now();
  const network = await startConformanceNetwork(engine);
  try {
    const actors = await Actors.connect(network);
    try {
      if (options.record && engine === 'fabric') await record(actors);
      else await compare(actors, network, report);
    } finally {
      actors.close();
    }
  } finally {
    await endConformanceNetwork(network);
  }
  console.log(`${engine}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** Replays the traces against the embedded ledger; with Fabric's binaries, against Fabric first. */
async function main(): Promise<void> {
  const report: Report = { traces: 0, passed: 0, failed: 0, deviations: [] };
  const hasFabric = await findBinaries().then(
    () => true,
    () => false,
  );
  if (options.record && !hasFabric)
    throw new Error('--record needs Fabric’s binaries on FABRIC_BIN or PATH.');
  if ((hasFabric && options.engine !== 'embedded') || options.engine === 'fabric')
    await run('fabric', report);
  if (options.engine !== 'fabric') await run('embedded', report);
  console.log(
    `${String(report.traces)} traces, ${String(report.passed)} passed, ${String(report.failed)} failed; ` +
      `listed deviations met: ${report.deviations.join(', ') || 'none'}`,
  );
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  process.exitCode = report.failed === 0 ? 0 : 1;
}

void main();
