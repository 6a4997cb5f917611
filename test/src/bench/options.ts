import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Where the results go as JSON. */
  readonly json?: string;
  /** Seconds of each measured load. */
  readonly seconds: number;
  readonly rounds: number;
  /** `undefined`: the embedded ledger, and Fabric when its binaries are there. */
  readonly engine?: 'embedded' | 'fabric' | 'both';
  /** Only this part; absent: all but these. */
  readonly only?: 'trials' | 'events' | 'cohort';
  /** Trials in the large registry; trials whose registrations are replayed. */
  readonly trials?: number;
  /** Patients whom the cohort is counted among. */
  readonly patients?: number;
}

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
  --trials <n>        how many are many (default: 100000, which takes many minutes); how many are replayed (default: 4000)
  --patients <n>      how many the cohort is counted among (default: 100000, which takes many minutes)
  --help

Examples:
  npm run bench
  FABRIC_BIN=~/fabric/bin npm run bench -- --json results.json
  npm run bench -- --engine embedded --seconds 3 --rounds 5
  npm run bench -- --only trials --trials 5000 --engine embedded
  npm run bench -- --only events --engine embedded
`;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const ENGINES = ['embedded', 'fabric', 'both'] as const;

/** @returns `undefined` when help was asked for */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { json, engine, seconds, rounds, help, only, trials, patients } = parsed(args);
  if (help) return undefined;
  const known = ENGINES.find((one) => one === engine);
  if (engine !== undefined && known === undefined) {
    throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  }
  return {
    ...partOf(only, trials, patients),
    seconds: numberOf('--seconds', seconds, 0.5, 60),
    rounds: Math.round(numberOf('--rounds', rounds, 1, 50)),
    ...(json === undefined ? {} : { json }),
    ...(known === undefined ? {} : { engine: known }),
  };
}

function partOf(
  only: string | undefined,
  trials: string | undefined,
  patients: string | undefined,
): Pick<BenchOptions, 'only' | 'trials' | 'patients'> {
  if (patients !== undefined && only !== 'cohort') throw new UsageError('--patients is for --only cohort');
  if (only === 'trials' || only === 'events')
    return { only, trials: countOf('--trials', trials ?? USUAL[only]) };
  if (trials !== undefined) throw new UsageError('--trials is for --only trials and --only events');
  if (only === undefined) return {};
  if (only === 'cohort') return { only, patients: countOf('--patients', patients ?? USUAL[only]) };
  throw new UsageError('--only must be trials, events or cohort');
}

const USUAL = { trials: '100000', events: '4000', cohort: '100000' } as const;

function countOf(name: string, text: string): number {
  return Math.round(numberOf(name, text, 1000, 1e6));
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
