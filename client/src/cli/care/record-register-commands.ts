import { createReadStream } from 'node:fs';
import { readBundle } from '@vitaledger/domain';
import { Command } from 'commander';
import type { FhirResource } from 'fhir/r4';
import { draftOfResource } from '../../records/draft.js';
import type { RegistrationProgress } from '../../records/registration.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show } from '../trials/trial-input.js';
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
