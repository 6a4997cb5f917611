import { mkdir } from 'node:fs/promises';
import { Command } from 'commander';
import type { ReleasedRecord } from '../../access/released-record.js';
import type { Vitaledger } from '../../connect.js';
import type { FhirExportReport } from '../../exchange/export.js';
import { fileSource } from '../../exchange/import-source.js';
import type { Reconciliation } from '../../exchange/reconcile.js';
import { exitCodes } from '../exit-code.js';
import { writeNewFile } from '../json-file.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';
import { readToken, withKeyFile } from './patient-files.js';
import { fileIn } from './released-records.js';

interface ExportFlags {
  readonly output: string;
  readonly documents?: string;
  readonly purpose: string;
  readonly key?: string;
  readonly json?: true;
}

interface Exported extends FhirExportReport {
  readonly file: string;
  /** Absent for patients, who see what was released to them. */
  readonly reconciliation?: Reconciliation;
}

export function exportCommand(): Command {
  const command: Command = new Command('export')
    .description(
      'write all of a patient’s records as a FHIR Bundle, and say what it holds and what is missing',
    )
    .argument('<patient>', 'token, or id at your organization')
    .requiredOption('-o, --output <file>', 'the Bundle; it must not be there yet')
    .option('--documents <folder>', 'where documents of more than 8 MiB are written')
    .option('--purpose <code>', 'of the audit: HCOMPL, FRAUD, HQUALIMP', 'HCOMPL')
    .option('--key <file>', "the patient's keys: your own records, by your own signature")
    .action((patient: string, flags: ExportFlags) =>
      withLedger(command, async (ledger) => {
        const exported =
          flags.key === undefined
            ? await exportAsAuditor(ledger, patient, flags)
            : await exportOwn(ledger, patient, flags.key, flags);
        show(flags, exported, textOf(exported));
        const { missing, reconciliation } = exported;
        if (missing.length > 0 || (reconciliation && !isWhole(reconciliation)))
          process.exitCode = exitCodes.integrity;
      }),
    )
    .addHelpText(
      'after',
      '\nAs an auditor of the custodian, it holds the Bundle against the ledger, key by key. Exit code 7: not all of it could be had.' +
        '\n\nExamples:\n  vitaledger record export 77d0…c2 -o patient.json --documents scans/' +
        '\n  vitaledger record export alice.tokens --key alice.key.json -o my-records.json',
    );
  return withCareOptions(command);
}

async function exportAsAuditor(ledger: Vitaledger, patient: string, flags: ExportFlags): Promise<Exported> {
  const own = await ownPatient(ledger, patient);
  const { purpose, output } = flags;
  const audited = ledger.records.audit(own, { purpose });
  const report = await written(ledger, audited, flags);
  const reconciliation = await ledger.fhir.reconcile(own, fileSource(output), { purpose });
  return { file: output, ...report, reconciliation };
}

async function exportOwn(
  ledger: Vitaledger,
  patient: string,
  keyFile: string,
  flags: ExportFlags,
): Promise<Exported> {
  const token = await readToken(patient);
  const report = await withKeyFile(keyFile, async (key) =>
    written(ledger, ledger.access.open(await ledger.access.requestOwn(token, key)), flags),
  );
  return { file: flags.output, ...report };
}

async function written(
  { fhir }: Vitaledger,
  records: AsyncIterable<ReleasedRecord>,
  { output, documents }: ExportFlags,
): Promise<FhirExportReport> {
  const onDocument = documents === undefined ? undefined : writeInto(documents);
  const bundle = fhir.export(records, onDocument ? { onDocument } : {});
  await writeNewFile(output, async (file) => {
    for await (const bytes of bundle) await file.writeFile(bytes);
  });
  return bundle.report;
}

/** Writes documents into a folder, each under the id of its record. */
export function writeInto(folder: string): (record: ReleasedRecord) => Promise<void> {
  return async (record) => {
    const file = fileIn(folder, record.metadata.id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeNewFile(file, async (file) => {
      for await (const bytes of record.content()) await file.writeFile(bytes);
    });
  };
}

export function reconcileCommand(): Command {
  const command: Command = new Command('reconcile')
    .description('hold an exported Bundle against the ledger, key by key; exit code 7 where they differ')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<file>', 'the Bundle')
    .option('--purpose <code>', 'of whoever looks: HOPERAT for registrars, HCOMPL for auditors', 'HOPERAT')
    .action((patient: string, file: string, flags: Pick<ExportFlags, 'purpose' | 'json'>) =>
      withLedger(command, async (ledger) => {
        const { purpose } = flags;
        const own = await ownPatient(ledger, patient);
        const reconciliation = await ledger.fhir.reconcile(own, fileSource(file), { purpose });
        show(flags, reconciliation, textOf({ file, exported: [], missing: [], reconciliation }));
        if (!isWhole(reconciliation)) process.exitCode = exitCodes.integrity;
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger record reconcile alice.tokens patient.json');
  return withCareOptions(command);
}

function isWhole({ missing, different, extra }: Reconciliation): boolean {
  return missing.length + different.length + extra.length === 0;
}

const HEAD = ['record', 'class', 'why'];

function textOf({ exported, missing, reconciliation }: Exported): string {
  const rows = [
    ...missing.map(({ record, class: type, code }) => [record, type, `could not be read [${code}]`]),
    ...rowsOf(reconciliation?.missing, 'on the ledger, not in the Bundle'),
    ...rowsOf(reconciliation?.different, 'another content than the registered one'),
    ...rowsOf(reconciliation?.extra, 'in the Bundle, no current record of the patient'),
  ];
  const faults = rows.length === 0 ? [] : [table(HEAD, rows)];
  const held = reconciliation
    ? `${String(reconciliation.matched)} of ${String(reconciliation.onLedger)} records on the ledger are in the Bundle as they were registered.`
    : `${String(exported.length)} records were released and are in the Bundle.`;
  return [...faults, held].join('\n');
}

function rowsOf(keys: Reconciliation['missing'] = [], why: string): readonly (readonly string[])[] {
  return keys.map(({ record, class: type }) => [record, type, why]);
}
