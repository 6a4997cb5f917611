import { closeSync, existsSync, openSync, readSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkDirectory } from '../engine/network-directory.js';
import { NetworkError } from '../errors/network-error.js';

const LOOK_EVERY_MS = 300;

export interface LogChoice {
  readonly lines: number;
  readonly follow: boolean;
  /** Name of a process; all when absent. */
  readonly process?: string;
}

/** Prints the ends of logs, each line after its process's name. */
export async function showLogs({ logs }: NetworkDirectory, choice: LogChoice): Promise<void> {
  const files = filesFor(logs, choice.process);
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    print(file, lines.slice(Math.max(0, lines.length - choice.lines)));
  }
  if (choice.follow) await follow(files);
}

function filesFor(folder: string, process: string | undefined): readonly string[] {
  const all = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.log'))
        .sort()
    : [];
  const wanted = process === undefined ? all : all.filter((name) => name === `${process}.log`);
  if (wanted.length === 0) {
    const names = all.map((name) => basename(name, '.log')).join(', ');
    throw new NetworkError(
      'FILE_MISSING',
      `There is no such log; there are: ${names === '' ? 'none' : names}.`,
    );
  }
  return wanted.map((name) => join(folder, name));
}

function print(file: string, lines: readonly string[]): void {
  for (const line of lines) console.log(`${basename(file, '.log')}: ${line}`);
}

/** Until the program is ended. */
async function follow(files: readonly string[]): Promise<never> {
  const seen = new Map(files.map((file) => [file, statSync(file).size]));
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    for (const file of files) {
      const { size } = statSync(file);
      const from = seen.get(file) ?? 0;
      // Smaller: it was emptied because it had grown too large.
      const added = readFrom(file, size < from ? 0 : from, size);
      if (added !== '') print(file, added.trimEnd().split('\n'));
      seen.set(file, size);
    }
  }
}

function readFrom(file: string, from: number, to: number): string {
  const buffer = Buffer.alloc(to - from);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, buffer, 0, buffer.length, from);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString('utf8');
}
