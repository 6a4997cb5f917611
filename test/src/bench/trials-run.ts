import { join } from 'node:path';
import type { EngineName } from './ledger-system.js';
import { median } from './load.js';
import type { Result } from './results.js';
import { ratioOf } from './rounds.js';
import { REGISTRY_READS, TrialRegistry, type RegistryRead } from './trial-registry.js';

/** What the registry of trials is aimed to reach. */
export const TRIAL_GATES = { readRatio: 1.5, importPerSecond: 200, outcomesMs: 50 } as const;

const SMALL = 1000;
const READS_PER_ROUND = 40;

export interface TrialsRunOptions {
  /** Trials in the large registry; the small one has 1,000, or a tenth if that is less. */
  readonly trials: number;
  readonly rounds: number;
  readonly engines: readonly EngineName[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Medians of one read in each round, milliseconds, in the small and in the large registry. */
interface ReadRounds {
  readonly read: RegistryRead;
  readonly small: readonly number[];
  readonly large: readonly number[];
}

/** Measures the registry with many trials beside one with few, in turn, so that what else the machine does meets both. */
export async function trialsRun(options: TrialsRunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const engine of options.engines) {
    results.push(...(engine === 'embedded' ? await embeddedRun(options) : await fabricRun(options)));
  }
  return results;
}

async function embeddedRun({
  trials,
  rounds,
  folder,
  onProgress,
}: TrialsRunOptions): Promise<readonly Result[]> {
  const registries: TrialRegistry[] = [];
  const filled = async (name: string, count: number): Promise<{ registry: TrialRegistry; rate: number }> => {
    const registry = await TrialRegistry.start('embedded', join(folder, name), () => undefined);
    registries.push(registry);
    const rate = await registry.fill(count, (registered) => {
      onProgress(`${name}: ${registered} of ${count} trials`);
    });
    return { registry, rate };
  };
  try {
    const large = await filled('large', trials);
    const small = await filled('small', Math.min(SMALL, Math.floor(trials / 10)));
    const reads: ReadRounds[] = [];
    for (const read of REGISTRY_READS) {
      reads.push(await readRounds(read, small.registry, large.registry, rounds));
      onProgress(`${read} measured`);
    }
    const outcomes = await large.registry.outcomesOfLargest(20);
    if (outcomes === undefined) onProgress('SKIPPED: no real record for the outcome report');
    return embeddedResults(reads, large.rate, outcomes);
  } finally {
    for (const registry of registries.reverse()) await registry.close();
  }
}

async function readRounds(
  read: RegistryRead,
  small: TrialRegistry,
  large: TrialRegistry,
  rounds: number,
): Promise<ReadRounds> {
  await timed(small, read);
  await timed(large, read);
  const taken: { small: number[]; large: number[] } = { small: [], large: [] };
  for (let round = 0; round < rounds; round++) {
    // Alternately, call by call: the machine may be slow for either.
    const [ofSmall, ofLarge]: [number[], number[]] = [[], []];
    for (let call = 0; call < READS_PER_ROUND; call++) {
      ofSmall.push(await timed(small, read));
      ofLarge.push(await timed(large, read));
    }
    taken.small.push(median(ofSmall));
    taken.large.push(median(ofLarge));
  }
  return { read, ...taken };
}

async function timed(registry: TrialRegistry, read: RegistryRead): Promise<number> {
  const began = performance.now();
  await registry.read(read);
  return performance.now() - began;
}

async function fabricRun({ folder, onProgress }: TrialsRunOptions): Promise<readonly Result[]> {
  const registry = await TrialRegistry.start('fabric', join(folder, 'fabric'), onProgress);
  try {
    const rate = await registry.fill(SMALL, () => undefined);
    return [{ name: 'fabric.trials.import', value: rounded(rate), unit: '1/s', reference: null }];
  } finally {
    await registry.close();
  }
}

/** The figures of a run, with what is aimed at. */
export function embeddedResults(
  reads: readonly ReadRounds[],
  rate: number,
  outcomes: readonly number[] | undefined,
): readonly Result[] {
  const ratios = reads.map(({ read, small, large }): Result => {
    const ratio = ratioOf(large, small, (value) => value).median;
    return gated(
      `embedded.trials.${read}.large-of-small`,
      ratio,
      'ratio',
      `<= ${TRIAL_GATES.readRatio}`,
      ratio <= TRIAL_GATES.readRatio,
    );
  });
  const times = reads.map(({ read, small, large }): Result => {
    const value = rounded(median([...large]));
    return { name: `embedded.trials.${read}.p50`, value, unit: 'ms', reference: rounded(median([...small])) };
  });
  const imported = gated(
    'embedded.trials.import',
    rate,
    '1/s',
    `>= ${TRIAL_GATES.importPerSecond}`,
    rate >= TRIAL_GATES.importPerSecond,
  );
  const report = outcomes === undefined ? [] : [median([...outcomes])];
  const reported = report.map((value) =>
    gated(
      'embedded.trials.outcomes',
      value,
      'ms',
      `<= ${TRIAL_GATES.outcomesMs}`,
      value <= TRIAL_GATES.outcomesMs,
    ),
  );
  return [...ratios, imported, ...reported, ...times];
}

function gated(name: string, value: number, unit: string, gate: string, met: boolean): Result {
  return { name, value: rounded(value), unit, reference: null, gate, met };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The figures as a text for a terminal. */
export function trialsReport(results: readonly Result[], trials: number): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, value, unit, reference, gate, met }) => {
    const beside = reference === null ? '' : ` (${String(reference)} ${unit} with few)`;
    const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
    return `  ${name.padEnd(width)}  ${String(value)} ${unit}${beside}${aim}`;
  });
  return [
    '',
    `Registry of ${String(trials)} trials beside one of ${String(Math.min(SMALL, Math.floor(trials / 10)))}; two organizations with a peer each, both endorse`,
    ...lines,
  ].join('\n');
}
