import { VitaledgerError, type ErrorCode } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Vitaledger } from '../../connect.js';
import type { FhirImportOptions, FhirImportProgress, FhirImportReport } from '../../exchange/import.js';
import { fileSource } from '../../exchange/import-source.js';
import { exitCodeOf } from '../exit-code.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show, wholeNumber } from '../trials/trial-input.js';
import { withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';
import { patientList } from './patient-list.js';

interface ImportFlags {
  readonly patient?: string;
  readonly patients?: string;
  readonly system?: string;
  readonly batch: number;
  readonly resume?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

interface ImportedFile extends FhirImportReport {
  readonly file: string;
}

export function importCommand(): Command {
  const command: Command = new Command('import')
    .description('import FHIR R4 resources from Bundles (.json) and NDJSON files, such as a bulk export’s')
    .argument('<files...>')
    .option('--patients <file>', 'who is who: lines of a name, such as Patient/17, and a token or id')
    .option('--patient <patient>', 'all are this patient’s: token, or id at your organization')
    .option('--system <name>', 'which system they come from, where several have given ids')
    .option('--batch <number>', 'resources in a transaction', wholeNumber(1), 500)
    .option('--resume', 'go on where an import of the same file was interrupted')
    .option('--dry-run', 'check everything, and write nothing')
    .action((files: readonly string[], flags: ImportFlags) =>
      withLedger(command, async (ledger) => {
        const options = await optionsOf(ledger, flags);
        const imported: ImportedFile[] = [];
        try {
          for (const file of files) {
            const onProgress = progress(file);
            const report = await ledger.fhir.import(fileSource(file), { ...options, onProgress });
            imported.push({ file, ...report });
          }
        } finally {
          if (imported.length > 0) show(flags, { imported }, textOf(imported, flags));
        }
        tellFailures(imported);
      }),
    )
    .addHelpText('after', HELP);
  return withCareOptions(command);
}

const HELP = `
A Bundle of type transaction is registered whole or not at all. Of every other file each resource is registered by itself: what is wrong
with one keeps no other out, and is named with its line or entry. A line may also be
{"patient": <token or id>, "id": <32 hexadecimal digits>, "resource": {…}}.

A resource is known by patient, type and id: what is registered already is left as it is, so an import can be repeated. Where several
systems gave ids, name each one's in all imports of it (--system), or one's Observation/1 passes for the other's. Killed, an import goes
on with --resume. Exit code: 0 when all that is a patient's is registered; else that of the first fault.

Examples:
  vitaledger record import Patient.ndjson Observation.ndjson --patients who-is-who.txt --dry-run
  vitaledger record import bundle.json --patient alice.tokens
  vitaledger record import Observation.ndjson --patients who-is-who.txt --resume --json`;

async function optionsOf(
  ledger: Vitaledger,
  { patient, patients, system, batch, resume, dryRun }: ImportFlags,
): Promise<FhirImportOptions> {
  if (patient !== undefined && patients !== undefined)
    throw new VitaledgerError('INVALID_ARGUMENT', 'Give --patient or --patients, not both');
  return {
    patients: patient === undefined ? await patientList(ledger, patients) : await ownPatient(ledger, patient),
    batchSize: batch,
    ...(system === undefined ? {} : { system }),
    ...(resume ? { resume } : {}),
    ...(dryRun ? { dryRun } : {}),
  };
}

/** A line on standard error that is written again at each step, on a terminal; elsewhere one every ten seconds. */
function progress(file: string): (done: FhirImportProgress) => void {
  const [began, isTerminal] = [performance.now(), process.stderr.isTTY];
  let told = began;
  return ({ position, total, failed }) => {
    const now = performance.now();
    const isLast = position === total;
    if (!isTerminal && !isLast && now - told < 10_000) return;
    told = now;
    const share = total === 0 ? 100 : Math.floor((100 * position) / total);
    const text = `${file}: ${String(position)} of ${String(total)} (${String(share)} %), ${String(failed)} failed`;
    process.stderr.write(isTerminal ? `\r\u001b[K${text}${isLast ? '\n' : ''}` : `${text}\n`);
  };
}

const HEAD = ['file', 'registered', 'there already', 'no patient’s', 'failed'];

function textOf(imported: readonly ImportedFile[], { dryRun }: ImportFlags): string {
  const faults = imported.flatMap((one) =>
    one.faults.map(({ message, code, result }) => `${one.file}: ${message} [${result}, ${code}]`),
  );
  const rows = imported.map(({ file, registered, there, leftOut, failed }) => [
    file,
    ...[registered, there, leftOut, failed].map(String),
  ]);
  const unsettled = imported.some((one) => one.unsettled > 0)
    ? [
        'Leftovers of an interrupted attempt stay in the vault; a registrar’s recovery sweeps them in an hour.',
      ]
    : [];
  return [...faults, table(HEAD, rows), ...unsettled, ...(dryRun ? ['Nothing was written.'] : [])].join('\n');
}

/** So that a script sees that not all went in. */
function tellFailures(imported: readonly ImportedFile[]): void {
  const fault = imported.flatMap(({ faults }) => faults).find(({ result }) => result === 'failed');
  const isFailed = imported.some(({ failed }) => failed > 0);
  if (!isFailed) return;
  const code = (fault?.code ?? 'INVALID_ARGUMENT') as ErrorCode;
  process.exitCode = exitCodeOf(new VitaledgerError(code, ''));
}
