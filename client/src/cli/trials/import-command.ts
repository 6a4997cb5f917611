import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Trials } from '../../trials/trials.js';
import { exitCodeOf } from '../exit-code.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { readRecord, show, wholeNumber, withDryRun, withJson } from './trial-input.js';

interface ImportFlags {
  readonly concurrency: number;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What became of one file. */
interface Imported {
  readonly file: string;
  readonly result: 'registered' | 'there already' | 'failed';
  readonly trial?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Registers many records; what is there already is left as it is, so an import can be repeated after it was interrupted. */
export function importCommand(): Command {
  const command: Command = new Command('import')
    .description('register the records in files and folders; those that are registered already are skipped')
    .argument(
      '<paths...>',
      'files, or folders with .json files; each file holds one record, or an array of records',
    )
    .option('--concurrency <number>', 'how many at a time', wholeNumber(1), 32)
    .action((paths: readonly string[], flags: ImportFlags) =>
      withLedger(command, async ({ trials }) => {
        const files = await filesAt(paths);
        const imported = await importAll(trials, files, flags);
        report(imported, flags);
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial import records/ --dry-run\n  vitaledger trial import NCT*.json --json\n\nExit code: 0 when every record is on the registry; else that of the first error.',
    );
  return withJson(withDryRun(withLedgerOptions(command)));
}

async function filesAt(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new VitaledgerError('NOT_FOUND', `There is no ${path}`);
    if (found.isDirectory()) {
      const names = (await readdir(path)).filter((name) => name.endsWith('.json')).sort();
      files.push(...names.map((name) => join(path, name)));
    } else files.push(path);
  }
  return files;
}

interface Failure {
  readonly error: unknown;
}

async function importAll(
  trials: Trials,
  files: readonly string[],
  { concurrency, dryRun }: ImportFlags,
): Promise<readonly Imported[]> {
  const imported: Imported[] = [];
  const tell = progress();
  const waiting = recordsIn(files);
  const work = async (): Promise<void> => {
    for (let next = await waiting.next(); !next.done; next = await waiting.next()) {
      const { file, record } = next.value;
      imported.push(await importOne(trials, file, record, dryRun === true));
      tell(imported.length);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  tell(imported.length, true);
  return imported;
}

/** One file is in memory at a time, however many there are. */
async function* recordsIn(
  files: readonly string[],
): AsyncGenerator<{ readonly file: string; readonly record: unknown }> {
  for (const file of files) {
    const content: unknown = await readRecord(file).catch((error: unknown): Failure => ({ error }));
    if (!Array.isArray(content)) yield { file, record: content };
    else for (const [index, record] of content.entries()) yield { file: `${file}[${index}]`, record };
  }
}

async function importOne(trials: Trials, file: string, record: unknown, dryRun: boolean): Promise<Imported> {
  try {
    if (isFailure(record)) throw record.error as Error;
    const { trial } = await trials.register(record, { dryRun });
    return { file, result: 'registered', ...(dryRun ? {} : { trial }) };
  } catch (error) {
    const { code, message } = described(error);
    const found = error instanceof VitaledgerError ? error.details.trial : undefined;
    const there = code === 'ALREADY_EXISTS' && typeof found === 'string' ? found : undefined;
    if (there !== undefined) return { file, result: 'there already', trial: there };
    process.exitCode ??= exitCodeOf(error);
    return { file, result: 'failed', error: { code, message } };
  }
}

function isFailure(record: unknown): record is Failure {
  return (
    typeof record === 'object' &&
    record !== null &&
    'error' in record &&
    record.error instanceof VitaledgerError
  );
}

function described(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof VitaledgerError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** A line on standard error once a second, and at the end. */
function progress(): (count: number, isLast?: boolean) => void {
  const began = performance.now();
  let told = began;
  return (count, isLast = false) => {
    const now = performance.now();
    if (!isLast && now - told < 1000) return;
    told = now;
    const seconds = (now - began) / 1000;
    process.stderr.write(
      `${seconds.toFixed(1).padStart(6)} s  ${count} records, ${(count / seconds).toFixed(0)} a second\n`,
    );
  };
}

function report(imported: readonly Imported[], flags: ImportFlags): void {
  const count = (result: Imported['result']): number =>
    imported.filter((one) => one.result === result).length;
  const failures = imported.flatMap(({ file, error }) =>
    error ? [`${file}: ${error.message} [${error.code}]`] : [],
  );
  const verb = flags.dryRun ? 'would be registered' : 'registered';
  const summary = `${count('registered')} ${verb}, ${count('there already')} there already, ${count('failed')} failed`;
  show(flags, { imported }, [...failures, summary].join('\n'));
}
