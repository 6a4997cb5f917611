import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Trials } from '../../trials/trials.js';
import { exitCodeOf } from '../exit-code.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { recordsIn } from './record-files.js';
import { show, wholeNumber, withDryRun, withJson } from './trial-input.js';

interface ImportFlags {
  readonly batch: number;
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
      'files, or folders of them: .json with one record or an array of records, .ndjson or .jsonl with a record a line',
    )
    .option('--batch <number>', 'how many in a transaction, 1 to 100', wholeNumber(1), 100)
    .option('--concurrency <number>', 'how many transactions at a time', wholeNumber(1), 4)
    .action((paths: readonly string[], flags: ImportFlags) =>
      withLedger(command, async ({ trials }) => {
        const files = await filesAt(paths);
        const imported: Imported[] = [];
        try {
          await importAll(trials, files, flags, imported);
        } finally {
          report(imported, flags);
        }
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial import records/ --dry-run\n  vitaledger trial import NCT*.json --json\n  vitaledger trial import all-trials.ndjson --batch 20\n\nA record that cannot be registered keeps no other from it. Repeat an import that was interrupted: what is there is skipped.\nExit code: 0 when every record is on the registry; else that of the first error.',
    );
  return withJson(withDryRun(withLedgerOptions(command)));
}

async function filesAt(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (!found) throw new VitaledgerError('NOT_FOUND', `There is no ${path}`);
    if (found.isDirectory()) {
      const names = (await readdir(path)).filter((name) => /\.(?:json|ndjson|jsonl)$/u.test(name)).sort();
      files.push(...names.map((name) => join(path, name)));
    } else files.push(path);
  }
  return files;
}

async function importAll(
  trials: Trials,
  files: readonly string[],
  { batch: batchSize, concurrency, dryRun }: ImportFlags,
  imported: Imported[],
): Promise<void> {
  const tell = progress();
  const labels: string[] = [];
  const done = (file: string, outcome: Omit<Imported, 'file'>): void => {
    imported.push({ file, ...outcome });
    tell(imported.length);
  };
  async function* readable(): AsyncGenerator {
    for await (const { file, record, error } of recordsIn(files)) {
      if (error) {
        done(file, failure(error));
        continue;
      }
      labels.push(file);
      yield record;
    }
  }
  const options = { batchSize, concurrency, dryRun: dryRun === true };
  for await (const { index, error, ...outcome } of trials.import(readable(), options))
    done(labels[index] ?? '', error ? failure(error) : outcome);
  tell(imported.length, true);
}

function failure(error: VitaledgerError): Omit<Imported, 'file'> {
  process.exitCode ??= exitCodeOf(error);
  return { result: 'failed', error: { code: error.code, message: error.message } };
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
