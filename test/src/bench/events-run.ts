import { TrialReadModel, type Vitaledger } from '@vitaledger/client';
import Database from 'libsql';
import { join } from 'node:path';
import type { EngineName } from './ledger-system.js';
import { median } from './load.js';
import type { Result } from './results.js';
import { ALONE, TrialRegistry } from './trial-registry.js';

/** What replaying a ledger is aimed to reach. */
export const EVENT_GATES = { replayPerSecond: 2000 } as const;

/** Ways to replay a channel from block 0. */
const REPLAYS = ['blocks', 'trials', 'readModel'] as const;
type Replay = (typeof REPLAYS)[number];

export interface EventsRunOptions {
  /** Transactions to replay. */
  readonly trials: number;
  readonly rounds: number;
  readonly engines: readonly EngineName[];
  readonly folder: string;
  readonly onProgress: (line: string) => void;
}

/** Measures how fast a registry's transactions are replayed from block 0: as blocks, as events, into the tables of the read model. */
export async function eventsRun(options: EventsRunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const engine of options.engines) results.push(...(await engineRun(engine, options)));
  return results;
}

async function engineRun(
  engine: EngineName,
  { trials, rounds, folder, onProgress }: EventsRunOptions,
): Promise<readonly Result[]> {
  const registry = await TrialRegistry.start(engine, join(folder, engine), onProgress);
  try {
    const tell = (registered: number): void => {
      onProgress(`${engine}: ${registered} of ${trials} trials`);
    };
    await registry.fill(trials, tell, ALONE);
    const rates: Record<Replay, number[]> = { blocks: [], trials: [], readModel: [] };
    const cpu: Record<Replay, number[]> = { blocks: [], trials: [], readModel: [] };
    for (let round = 0; round <= rounds; round++) {
      for (const replay of REPLAYS) {
        const [began, before] = [performance.now(), process.cpuUsage()];
        await replayed(replay, registry.ledger, trials, join(folder, `${engine}-${round}.db`));
        // The first round warms up.
        if (round === 0) continue;
        const { user, system } = process.cpuUsage(before);
        rates[replay].push((trials * 1000) / (performance.now() - began));
        cpu[replay].push((user + system) / trials);
      }
      onProgress(`${engine}: round ${round} of ${rounds}`);
    }
    return REPLAYS.flatMap((replay) => [
      // The aim is for the stream; what an application does with it is its own.
      replay === 'readModel'
        ? plain(`${engine}.events.${replay}`, median(rates[replay]), '1/s')
        : rateResult(`${engine}.events.${replay}`, median(rates[replay])),
      plain(`${engine}.events.${replay}.cpu`, median(cpu[replay]), 'µs'),
    ]);
  } finally {
    await registry.close();
  }
}

/** Replays until the last trial has come. */
async function replayed(replay: Replay, ledger: Vitaledger, trials: number, file: string): Promise<void> {
  const stop = new AbortController();
  const options = { after: { block: 0n }, signal: stop.signal };
  if (replay === 'blocks') {
    let seen = 0;
    for await (const { transactions } of ledger.events.blocks('registry', options)) {
      seen += transactions.filter(({ isValid, action }) => isValid && isRegistration(action)).length;
      if (seen === trials) return;
    }
    return;
  }
  const events = upTo(trials, ledger.events.trials(options), stop);
  if (replay === 'readModel') {
    await new TrialReadModel(new Database(file)).catchUp(events);
    return;
  }
  for await (const { trial } of events) if (trial === '') throw new Error('an event without a trial');
}

function isRegistration(action: { readonly function: string } | undefined): boolean {
  return action?.function === 'TrialImportContract:register';
}

async function* upTo<T>(count: number, items: AsyncIterable<T>, stop: AbortController): AsyncGenerator<T> {
  let seen = 0;
  for await (const item of items) {
    if (++seen === count) stop.abort();
    yield item;
  }
}

/** The rate of one way to replay, with what is aimed at. */
export function rateResult(name: string, rate: number): Result {
  const { replayPerSecond } = EVENT_GATES;
  return {
    name,
    value: Math.round(rate),
    unit: '1/s',
    reference: null,
    gate: `>= ${replayPerSecond}`,
    met: rate >= replayPerSecond,
  };
}

function plain(name: string, value: number, unit: string): Result {
  return { name, value: Math.round(value), unit, reference: null };
}

/** The figures as a text for a terminal. */
export function eventsReport(results: readonly Result[], trials: number): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map(({ name, value, unit, gate, met }) => {
    const aim = gate === undefined ? '' : `  ${gate}: ${met === true ? 'met' : 'NOT MET'}`;
    return `  ${name.padEnd(width)}  ${String(value)} ${unit}${aim}`;
  });
  return [
    '',
    `${trials} registrations replayed from block 0, transactions a second; cpu: of the client, for each`,
    ...lines,
  ].join('\n');
}
