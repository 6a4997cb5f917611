#!/usr/bin/env node
import { VitaledgerError } from '@vitaledger/client';
import { NetworkError } from '@vitaledger/network';
import { Demonstration } from './demonstration.js';
import { Narrator } from './narrator/narrator.js';
import { CommandLineEnd, readOptions, type DemoOptions } from './options.js';

const INTERRUPTED = 130;
/** How long the network may take to end before this program ends without waiting for it. */
const LONGEST_END_MS = 20_000;

async function main(): Promise<void> {
  const options = optionsOrNothing();
  if (!options) return;
  const narrator = new Narrator(
    { write: (text) => process.stdout.write(text), isTerminal: process.stdout.isTTY },
    { color: options.color && process.stdout.isTTY && process.env.NO_COLOR === undefined },
  );
  const demonstration = new Demonstration(options, narrator);
  const interrupted = endOnSignal(demonstration);
  try {
    await demonstration.tell();
  } catch (error) {
    // What breaks off because everything is being ended is no failure.
    if (interrupted()) return;
    process.exitCode = failed(error);
  }
}

/** Nothing, when the command line was wrong or asked for help. */
function optionsOrNothing(): DemoOptions | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CommandLineEnd)) throw error;
    (error.exitCode === 0 ? process.stdout : process.stderr).write(error.text);
    process.exitCode = error.exitCode;
    return undefined;
  }
}

/** The first signal ends the network and then the program, the second one the program at once. */
function endOnSignal(demonstration: Demonstration): () => boolean {
  let interrupted = false;
  const end = (): void => {
    // The network's supervisor ends its processes when this one is gone.
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    process.stderr.write('\nStopping the network …\n');
    setTimeout(() => process.exit(INTERRUPTED), LONGEST_END_MS);
    void demonstration.end().then(
      () => process.exit(INTERRUPTED),
      (error: unknown) => {
        failed(error);
        process.exit(INTERRUPTED);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return () => interrupted;
}

/** @returns the exit code: 2 for wrong input, 1 for anything else */
function failed(error: unknown): number {
  const known = error instanceof VitaledgerError || error instanceof NetworkError;
  if (known) process.stderr.write(`\ndemo: ${error.message} [${error.code}]\n`);
  else
    process.stderr.write(
      `\ndemo: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return known && isAboutInput(error.code) ? 2 : 1;
}

function isAboutInput(code: string): boolean {
  return code === 'INVALID_ARGUMENT' || code === 'NOT_FOUND';
}

void main();
