#!/usr/bin/env node
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ControlServer } from './control/index.js';
import { EmbeddedLedger } from './embedded-ledger.js';
import { messageOf, type Log } from './log.js';
import { LedgerConfigurationError, type EmbeddedLedgerOptions } from './options.js';

const statement =
  'The embedded ledger is a development tool: one process, no consensus, not for production data.';

const usage = `Usage: embedded-ledger --config FILE.json [--in-memory] [--verbose]

Runs the peers, the orderer and the channels of a whole network in this process.
${statement}

FILE.json holds the options of EmbeddedLedger.start (see the package's README); paths are relative to it.
"directory" is required. Port and token of the control interface are written to DIRECTORY/control.json.
With --in-memory nothing else is kept there. Prints one line of JSON when it is ready. SIGTERM or SIGINT close it.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      'in-memory': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.config === undefined) {
    (values.help ? process.stdout : process.stderr).write(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  await run(values.config, { isVerbose: values.verbose, inMemory: values['in-memory'] });
}

interface RunOptions {
  readonly isVerbose: boolean;
  readonly inMemory: boolean;
}

async function run(configFile: string, { isVerbose, inMemory }: RunOptions): Promise<void> {
  const stopped = signalled();
  process.stderr.write(`${statement}\n`);
  const options = { ...(await readConfig(configFile)), log: logTo(process.stderr, isVerbose) };
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  const ledger = await EmbeddedLedger.start(inMemory ? { ...options, directory: undefined } : options);
  const controlFile = join(options.directory, 'control.json');
  const control = await ControlServer.start(ledger, controlFile);
  const { peers, channels } = ledger.status();
  process.stdout.write(
    `${JSON.stringify({ ready: true, pid: process.pid, control: controlFile, port: control.address.port, peers, channels })}\n`,
  );
  await stopped;
  await control.close();
  await ledger.close();
}

/** Resolves at the first SIGTERM or SIGINT; also one that comes while the ledger is starting. */
function signalled(): Promise<void> {
  return new Promise((resolvePromise) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolvePromise();
      });
    }
  });
}

async function readConfig(file: string): Promise<EmbeddedLedgerOptions & { directory: string }> {
  const value = await parseFile(file);
  const options = value as EmbeddedLedgerOptions | null;
  if (options === null || typeof options !== 'object' || typeof options.directory !== 'string') {
    throw new LedgerConfigurationError(`${file}: give a "directory" for blocks and state`);
  }
  return resolvePaths(options, dirname(resolve(file))) as EmbeddedLedgerOptions & { directory: string };
}

async function parseFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw new LedgerConfigurationError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

const pathKeys = new Set([
  'directory',
  'mspDirectory',
  'tlsCertificate',
  'tlsKey',
  'signCertificate',
  'signKey',
]);

/** Paths are meant from the configuration's folder; PEM text stays as it is. */
function resolvePaths(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolvePaths(item, folder));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => {
      const isPath = pathKeys.has(key) && typeof item === 'string' && !item.includes('-----BEGIN ');
      return [key, isPath ? resolve(folder, item) : resolvePaths(item, folder)];
    }),
  );
}

function logTo(stream: NodeJS.WritableStream, verbose: boolean): Log {
  const line = (level: string) => (message: string) => {
    stream.write(`${JSON.stringify({ time: new Date().toISOString(), level, message })}\n`);
  };
  return { debug: verbose ? line('debug') : () => undefined, info: line('info'), warn: line('warn') };
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
