import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isId, parseJson, readBundle, VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { FhirResource } from 'fhir/r4';
import type { BulkRecord } from '../../records/bulk-load.js';
import { draftOfResource } from '../../records/draft.js';
import type { RegistrationProgress } from '../../records/registration.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show, wholeNumber } from '../trials/trial-input.js';
import { withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';
import { readJsonFile } from '../json-file.js';

interface RegisterFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

export function registerCommand(): Command {
  const command: Command = new Command('register')
    .description('register a FHIR R4 resource, or a Bundle of one patient’s resources, whole or not at all')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<file>', 'JSON; - is standard input')
    .option('--dry-run', 'check the file and say what it holds, and write nothing')
    .action(async (patient: string, file: string, flags: RegisterFlags) => {
      const content = await readJsonFile(file);
      const isBundle = (content as Partial<FhirResource> | null)?.resourceType === 'Bundle';
      if (flags.dryRun) {
        const classes = classesOf(content, isBundle);
        show(flags, { classes }, `${table(['class', 'records'], rowsOf(classes))}\nNothing was written.`);
        return;
      }
      await withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const registered = isBundle
          ? await ledger.records.registerBundle(own, content as object, { onProgress })
          : await ledger.records.register(own, content as FhirResource, { onProgress });
        const { records, transactionId, block } = registered;
        show(flags, { records, transactionId, block: Number(block) }, records.join('\n'));
      });
    })
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger record register alice.tokens condition.json\n' +
        '  vitaledger record register vitaledger:HospitalMSP:77d0…c2 bundle.json --dry-run',
    );
  return withCareOptions(command);
}

function classesOf(content: unknown, isBundle: boolean): Readonly<Record<string, number>> {
  const drafts = isBundle
    ? readBundle(content as object).entries.map(({ resource }) => resource.resourceType)
    : [draftOfResource(content as FhirResource, 'resource').metadata.class];
  const counts: Record<string, number> = {};
  for (const name of drafts) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function rowsOf(counts: Readonly<Record<string, number>>): readonly (readonly string[])[] {
  return Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => [name, String(count)]);
}

/** For people only: a program that reads standard error into a file sees none of it. */
function onProgress({ step, stored, total }: RegistrationProgress): void {
  if (!process.stderr.isTTY) return;
  const text = step === 'vault' ? `${String(stored)} of ${String(total)} contents stored` : step;
  process.stderr.write(`\r\u001b[K${step === 'done' ? '' : text}`);
}

interface DocumentFlags {
  readonly mediaType: string;
  readonly describedBy?: string;
  readonly class?: string;
  readonly date?: string;
  readonly json?: true;
}

export function documentCommand(): Command {
  const command: Command = new Command('document')
    .description('register a document or an image of any size, with the FHIR resource that describes it')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<file>')
    .requiredOption('--media-type <type>', 'such as application/dicom')
    .option('--described-by <file>', 'a DocumentReference, an ImagingStudy, a Media …, as JSON')
    .option('--class <type>', 'without it: the FHIR resource type that the document stands for')
    .option('--date <date>', 'without it: the clinically relevant day')
    .action((patient: string, file: string, flags: DocumentFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const { mediaType, describedBy, class: type, date } = flags;
        const { records, transactionId, block } = await ledger.records.registerDocument(
          own,
          {
            content: createReadStream(file),
            mediaType,
            ...(describedBy === undefined
              ? {}
              : { describedBy: (await readJsonFile(describedBy)) as FhirResource }),
            ...(type === undefined ? {} : { class: type }),
            ...(date === undefined ? {} : { date }),
          },
          { onProgress },
        );
        show(flags, { records, transactionId, block: Number(block) }, records.join('\n'));
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger record document alice.tokens scan.dcm --media-type application/dicom --described-by study.json',
    );
  return withCareOptions(command);
}

interface ImportFlags {
  readonly batch: number;
  readonly json?: true;
}

export function importCommand(): Command {
  const command: Command = new Command('import')
    .description('register resources of many patients from NDJSON, so many in a transaction')
    .argument(
      '<file>',
      'a line each: {"patient": <token or id>, "id": <32 hexadecimal digits>, "resource": {…}}',
    )
    .option('--batch <number>', 'records in a transaction', wholeNumber(1), 500)
    .action((file: string, flags: ImportFlags) =>
      withLedger(command, async (ledger) => {
        let registered = 0;
        const batches: { records: number; transactionId: string }[] = [];
        const records = linesOf(file, (given) => ownPatient(ledger, given));
        for await (const { records: done, transactionId } of ledger.records.registerBatch(records, {
          batchSize: flags.batch,
        })) {
          registered += done.length;
          batches.push({ records: done.length, transactionId });
          process.stderr.write(`${String(registered)} registered\n`);
        }
        show(flags, { registered, batches }, '');
      }),
    )
    .addHelpText(
      'after',
      '\nLines with an id can be imported again after an interruption: what is there is not registered twice, the batch that holds it is refused.' +
        '\n\nExample:\n  vitaledger record import export.ndjson',
    );
  return withCareOptions(command);
}

async function* linesOf(file: string, find: (given: string) => Promise<string>): AsyncGenerator<BulkRecord> {
  const input = createReadStream(file, 'utf8');
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const { patient, resource, id } = parsed(line, number);
    yield { patient: await find(patient), resource, ...(id === undefined ? {} : { id }) };
  }
}

function parsed(line: string, number: number): BulkRecord {
  const value = parseJson(line, `line ${String(number)}`) as Partial<BulkRecord>;
  const { patient, resource, id } = value;
  if (typeof patient === 'string' && typeof resource === 'object' && (id === undefined || isId(id))) {
    return value as BulkRecord;
  }
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `Line ${String(number)} must be an object with patient, resource, and possibly id (32 hexadecimal digits)`,
    { line: number },
  );
}
