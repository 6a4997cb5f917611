import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Where the results go as JSON. */
  readonly json?: string;
  /** Seconds of each measured load. */
  readonly seconds: number;
  readonly rounds: number;
  /** `undefined`: the embedded ledger, and Fabric when its binaries are there. */
  readonly engine?: 'embedded' | 'fabric' | 'both';
  /** Only this part, which is otherwise left out: each takes many minutes. */
  readonly only?: Part;
  /** Trials in the large registry; trials whose registrations are replayed. */
  readonly trials?: number;
  /** Patients whom the cohort is counted among; whose records are imported. */
  readonly patients?: number;
  /** Consents on the large ledger. */
  readonly consents?: number;
}

const PARTS = ['trials', 'events', 'cohort', 'records', 'decisions', 'vault', 'client'] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `Usage: npm run bench -- [options]

Measures, side by side in one run: submit, evaluate and record registration, on the embedded ledger, on Hyperledger Fabric
(when its programs are in FABRIC_BIN or on PATH), and the client's own ceiling against canned replies; and cold starts.

  --engine <engine>   embedded, fabric or both (default: both, or embedded when Fabric is not there)
  --seconds <n>       seconds of each measured load (default: 1.5)
  --rounds <n>        how often the systems take turns (default: 5)
  --json <file>       write the results as JSON: {"results": [{name, value, unit, reference, gate?, met?}]}
  --only trials       instead: the registry of trials, many beside few: search, reading, import, outcome reports
  --only events       instead: replaying the registry's transactions as blocks, as events, into SQLite tables
  --only cohort       instead: counting a cohort among many patients: the longest transaction, and memory
  --only records      instead: registering and opening records beside creating and reading with a minimal chaincode
  --only decisions    instead: decisions with many consents on the ledger beside few, and the pure decision
  --only vault        instead: a document of 1 GiB into the vault; an import of the records of many people
  --trials <n>        how many are many (default: 100000, which takes many minutes); how many are replayed (default: 4000)
  --patients <n>      how many the cohort is counted among (default: 100000, which takes many minutes); whose
                      records are imported (default: 1000)
  --consents <n>      how many are many (default: 1000000, embedded only)
  --help

Examples:
  npm run bench
  FABRIC_BIN=~/fabric/bin npm run bench -- --json results.json
  npm run bench -- --engine embedded --seconds 3 --rounds 5
  npm run bench -- --only trials --trials 5000 --engine embedded
  npm run bench -- --only events --engine embedded
  npm run bench -- --only records --rounds 3
  npm run bench -- --only decisions --consents 100000
`;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const ENGINES = ['embedded', 'fabric', 'both'] as const;

/** @returns `undefined` when help was asked for */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { json, engine, seconds, rounds, help, only, ...amounts } = parsed(args);
  if (help) return undefined;
  const known = ENGINES.find((one) => one === engine);
  if (engine !== undefined && known === undefined) {
    throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  }
  return {
    ...partOf(only, amounts),
    seconds: numberOf('--seconds', seconds, 0.5, 60),
    rounds: Math.round(numberOf('--rounds', rounds, 1, 50)),
    ...(json === undefined ? {} : { json }),
    ...(known === undefined ? {} : { engine: known }),
  };
}

type Amount = 'trials' | 'patients' | 'consents';

/** What each part takes many of, and how many unless told. */
const AMOUNTS: Readonly<Partial<Record<Part, readonly [name: Amount, usual: string]>>> = {
  trials: ['trials', '100000'],
  events: ['trials', '4000'],
  cohort: ['patients', '100000'],
  decisions: ['consents', '1000000'],
  vault: ['patients', '1000'],
};

function partOf(
  only: string | undefined,
  amounts: Readonly<Partial<Record<Amount, string | undefined>>>,
): Pick<BenchOptions, 'only' | Amount> {
  const part = PARTS.find((one) => one === only);
  if (only !== undefined && part === undefined)
    throw new UsageError(`--only must be one of ${PARTS.join(', ')}`);
  const [own, usual = ''] = (part && AMOUNTS[part]) ?? [];
  const foreign = (Object.keys(amounts) as Amount[]).find(
    (name) => amounts[name] !== undefined && name !== own,
  );
  if (foreign !== undefined) throw new UsageError(`--${foreign} is for ${partsWith(foreign)}`);
  if (part === undefined) return {};
  if (own === undefined) return { only: part };
  const count = Math.round(numberOf(`--${own}`, amounts[own] ?? usual, 1000, 1e6));
  return { only: part, [own]: count };
}

function partsWith(name: Amount): string {
  return PARTS.filter((part) => AMOUNTS[part]?.[0] === name)
    .map((part) => `--only ${part}`)
    .join(' and ');
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        engine: { type: 'string' },
        only: { type: 'string' },
        trials: { type: 'string' },
        patients: { type: 'string' },
        consents: { type: 'string' },
        seconds: { type: 'string', default: '1.5' },
        rounds: { type: 'string', default: '5' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError(`${name} must be a number from ${String(least)} to ${String(most)}`);
}
