import { writeFile } from 'node:fs/promises';
import { VitaledgerError } from '@vitaledger/domain';
import { InvalidArgumentError, type Command } from 'commander';
import { print } from '../ledger-options.js';

/** Writes a text to a file, or to standard output. Throws INVALID_ARGUMENT when the file cannot be written. */
export async function writeText(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError('INVALID_ARGUMENT', `The file cannot be written: ${file} (${reason})`);
  }
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'the whole answer as JSON');
}

/** Adds `--dry-run`. */
export function withDryRun(command: Command): Command {
  return command.option('--dry-run', 'let the registry check everything, and write nothing');
}

/** An answer as JSON when asked for, else as `text` for people. */
export function show({ json }: { readonly json?: true }, value: unknown, text: string): void {
  if (json) print(value);
  else if (text !== '') process.stdout.write(`${text}\n`);
}

/** An option's argument: a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}

/** An option's argument: an instant, or a day, which stands for its beginning in UTC. */
export function instant(text: string): string {
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00.000Z` : text;
  const time = Date.parse(full);
  if (!Number.isNaN(time) && /^\d{4}-\d\d-\d\dT/.test(full) && full.endsWith('Z'))
    return new Date(time).toISOString();
  throw new InvalidArgumentError(
    'It must be a day or an instant such as 2026-03-01 or 2026-03-01T12:00:00Z.',
  );
}
