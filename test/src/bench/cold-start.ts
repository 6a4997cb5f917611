import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ColdStartTimes } from './cold-start-run.js';
import type { EngineName } from './ledger-system.js';
import { median } from './load.js';

/** Milliseconds; medians of the runs. */
export interface ColdStart extends ColdStartTimes {
  readonly engine: EngineName;
  /** The embedded ledger's own process, with identities that are there: from its start until its gateways listen. */
  readonly ready?: number;
}

/** Starts a network from nothing, `runs` times, each in a folder and a process of its own. */
export async function coldStart(engine: EngineName, folder: string, runs: number): Promise<ColdStart> {
  const times: ColdStartTimes[] = [];
  const ready: number[] = [];
  for (let run = 0; run < runs; run++) {
    const directory = join(folder, `${engine}-${String(run)}`);
    times.push(await networkRun(engine, directory));
    if (engine === 'embedded') ready.push(await ledgerRun(directory));
  }
  return {
    engine,
    up: median(times.map(({ up }) => up)),
    committed: median(times.map(({ committed }) => committed)),
    ...(ready.length > 0 ? { ready: median(ready) } : {}),
  };
}

async function networkRun(engine: EngineName, directory: string): Promise<ColdStartTimes> {
  const child = spawn(process.execPath, [join(__dirname, 'cold-start-run.js'), engine, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The cold start of ${engine} failed with exit code ${String(code)}`);
  return JSON.parse(output) as ColdStartTimes;
}

/** The ledger alone, with a copy of the network's configuration that names a new folder for its data. */
async function ledgerRun(directory: string): Promise<number> {
  const configured = JSON.parse(await readFile(join(directory, 'embedded', 'ledger.json'), 'utf8')) as object;
  const file = join(directory, 'embedded', 'fresh.json');
  await writeFile(file, JSON.stringify({ ...configured, directory: join(directory, 'embedded', 'fresh') }));
  const program = require.resolve('@vitaledger/embedded-ledger/dist/main.js');
  const began = performance.now();
  const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    const line = once(createInterface(child.stdout), 'line');
    const [first] = (await Promise.race([line, ended])) as unknown[];
    const milliseconds = performance.now() - began;
    if (typeof first !== 'string') throw new Error('The embedded ledger ended before it was ready');
    return milliseconds;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
