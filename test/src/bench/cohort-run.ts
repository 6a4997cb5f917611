import { join } from 'node:path';
import { CohortPopulation, type CohortCount } from './cohort-population.js';
import type { EngineName } from './ledger-system.js';
import type { Result } from './results.js';

/**
 * What counting a cohort is aimed to reach: no transaction longer than that, no memory that grows with the patients. A process takes memory until
 * what it remembers is full, some 20,000 patients; what grew on and on would take a third more in the second half.
 */
export const COHORT_GATES = { longestMs: 2000, memoryRatio: 1.2 } as const;

const SMALL = 1000;

export interface CohortRunOptions {
  /** Patients of the large custodian; the small count is over 1,000. */
  readonly patients: number;
  readonly engines: readonly EngineName[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Counts all patients of a custodian when there are few, and again when there are many. */
export async function cohortRun({
  patients,
  engines,
  folder,
  onProgress,
}: CohortRunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const engine of engines) {
    const count = engine === 'embedded' ? countWritten : countEnrolled;
    const [small, large] = await count([Math.min(SMALL, patients), patients], {
      directory: join(folder, engine),
      onProgress,
    });
    results.push(...cohortResults(engine, small, large));
  }
  return results;
}

type Sizes = readonly [small: number, large: number];
type Counts = readonly [small: CohortCount, large: CohortCount];

interface Counting {
  readonly directory: string;
  readonly onProgress: (line: string) => void;
}

/** Two networks, one after the other. */
async function countWritten([small, large]: Sizes, { directory, onProgress }: Counting): Promise<Counts> {
  const count = async (size: number): Promise<CohortCount> => {
    const folder = join(directory, String(size));
    const population = await CohortPopulation.written(size, folder, onProgress);
    try {
      return await counted(population, onProgress);
    } finally {
      await population.close();
    }
  };
  return [await count(small), await count(large)];
}

/** One network, counted when few are enrolled, and when many are. */
async function countEnrolled([small, large]: Sizes, { directory, onProgress }: Counting): Promise<Counts> {
  const population = await CohortPopulation.start('fabric', directory, onProgress);
  const count = async (size: number): Promise<CohortCount> => {
    await population.fill(size, (enrolled) => {
      onProgress(`fabric: ${String(enrolled)} of ${String(large)} patients`);
    });
    return counted(population, onProgress);
  };
  try {
    return [await count(small), await count(large)];
  } finally {
    await population.close();
  }
}

async function counted(
  population: CohortPopulation,
  onProgress: (line: string) => void,
): Promise<CohortCount> {
  const count = await population.count();
  onProgress(`${String(count.patients)} patients counted in ${count.seconds.toFixed(1)} s`);
  return count;
}

/** The figures of two counts, with what is aimed at. */
export function cohortResults(engine: EngineName, small: CohortCount, large: CohortCount): readonly Result[] {
  const { longestMs, memoryRatio } = COHORT_GATES;
  // A process that has just started holds less than any that works, so the few are no measure of this.
  const ratio = large.chaincodeMiB / large.halfwayMiB;
  return [
    {
      name: `${engine}.cohort.longest`,
      value: rounded(large.longest),
      unit: 'ms',
      reference: rounded(small.longest),
      gate: `<= ${longestMs}`,
      met: large.longest <= longestMs,
    },
    {
      name: `${engine}.cohort.memory.whole-of-first-half`,
      value: rounded(ratio),
      unit: 'ratio',
      reference: null,
      gate: `<= ${memoryRatio}`,
      met: ratio <= memoryRatio,
    },
    {
      name: `${engine}.cohort.memory`,
      value: rounded(large.chaincodeMiB),
      unit: 'MiB',
      reference: rounded(small.chaincodeMiB),
    },
    {
      name: `${engine}.cohort.patients`,
      value: rounded(large.patients / large.seconds),
      unit: '1/s',
      reference: rounded(small.patients / small.seconds),
    },
  ];
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** The figures as a text for a terminal. */
export function cohortReport(results: readonly Result[], patients: number): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, value, unit, reference, gate, met }) => {
    const beside = reference === null ? '' : ` (${String(reference)} ${unit} with few)`;
    const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
    return `  ${name.padEnd(width)}  ${String(value)} ${unit}${beside}${aim}`;
  });
  return [
    '',
    `A count over ${String(patients)} patients, of whom every fifth consented, beside one over 1,000: the longest transaction, and what the chaincode's process holds`,
    ...lines,
  ].join('\n');
}
