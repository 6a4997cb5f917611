import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Where the results go as JSON. */
  readonly json?: string;
  /** Seconds of each measured load. */
  readonly seconds: number;
  readonly rounds: number;
  /** `undefined`: the embedded ledger, and Fabric when its binaries are there. */
  readonly engine?: 'embedded' | 'fabric' | 'both';
  /** Only this part; absent: all but these two. */
  readonly only?: 'trials' | 'events';
  /** Trials in the large registry; trials whose registrations are replayed. */
  readonly trials?: number;
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
  --trials <n>        how many are many (default: 100000, which takes many minutes); how many are replayed (default: 4000)
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
  const { json, engine, seconds, rounds, help, only, trials } = parsed(args);
  if (help) return undefined;
  const known = ENGINES.find((one) => one === engine);
  if (engine !== undefined && known === undefined) {
    throw new UsageError(`--engine must be one of ${ENGINES.join(', ')}`);
  }
  return {
    ...trialsOf(only, trials),
    seconds: numberOf('--seconds', seconds, 0.5, 60),
    rounds: Math.round(numberOf('--rounds', rounds, 1, 50)),
    ...(json === undefined ? {} : { json }),
    ...(known === undefined ? {} : { engine: known }),
  };
}

function trialsOf(
  only: string | undefined,
  trials: string | undefined,
): Pick<BenchOptions, 'only' | 'trials'> {
  if (only === undefined) {
    if (trials !== undefined) throw new UsageError('--trials is for --only trials and --only events');
    return {};
  }
  if (only !== 'trials' && only !== 'events') throw new UsageError('--only must be trials or events');
  const usual = only === 'trials' ? '100000' : '4000';
  return { only, trials: Math.round(numberOf('--trials', trials ?? usual, 1000, 1e6)) };
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
