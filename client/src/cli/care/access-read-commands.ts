import { join } from 'node:path';
import { VitaledgerError, type AccessFilter } from '@vitaledger/domain';
import { Command } from 'commander';
import type { AccessReceipt } from '../../access/access.js';
import type { ReleasedRecord } from '../../access/released-record.js';
import type { Vitaledger } from '../../connect.js';
import { contentCertificate, type ContentCertificate } from '../../records/verification.js';
import { DurableFiles, isTaken } from '../../vault/durable-file.js';
import { withLedger } from '../ledger-options.js';
import { shortened, table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { readToken, withKeyFile } from './patient-files.js';

interface FilterFlags {
  readonly class?: readonly string[];
  readonly record?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly metadata?: true;
  readonly output?: string;
  readonly json?: true;
}

interface ReadFlags extends FilterFlags {
  readonly patient: string;
  readonly purpose: string;
  readonly study?: string;
  readonly emergency?: string;
}

export function readCommand(): Command {
  const command: Command = new Command('read')
    .description(
      'ask a custodian for a patient’s records, and read what is permitted; the patient sees the request',
    )
    .requiredOption('--patient <token>', 'the patient at one custodian')
    .requiredOption('--purpose <code>', 'what for: an HL7 v3 PurposeOfUse such as TREAT or HRESCH')
    .option('--study <number>', 'in research: for which study')
    .option(
      '--emergency <reason>',
      'break the glass, in role emergency: why, in words that the patient will read',
    )
    .action((flags: ReadFlags) =>
      withLedger(command, async (ledger) => {
        const token = await readToken(flags.patient);
        const { purpose, study, emergency } = flags;
        const receipt = await ledger.access.request({
          ...token,
          purpose,
          filter: filterOf(flags),
          scope: flags.metadata ? 'metadata' : 'content',
          ...(study === undefined ? {} : { study }),
          ...(emergency === undefined ? {} : { emergency: { reason: emergency } }),
        });
        await showOpened(flags, ledger, receipt);
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger access read --patient alice.tokens --purpose TREAT --class Condition --class Observation \\\n' +
        '    --actor practitioner/8c0f…4e --output records/\n' +
        '  vitaledger access read --patient alice.tokens --purpose TREAT --metadata --json',
    );
  return withFilterOptions(withCareOptions(command));
}

interface OwnFlags extends FilterFlags {
  readonly key: string;
  readonly patient: string;
}

export function ownCommand(): Command {
  const command: Command = new Command('own')
    .description('ask for your own records, by your own signature')
    .requiredOption('--key <file>', "the patient's keys")
    .requiredOption('--patient <token>', 'the patient at one custodian')
    .action((flags: OwnFlags) =>
      withLedger(command, async (ledger) => {
        const token = await readToken(flags.patient);
        await withKeyFile(flags.key, async (key) => {
          const scope = flags.metadata ? 'metadata' : 'content';
          const receipt = await ledger.access.requestOwn({ ...token, filter: filterOf(flags), scope }, key);
          await showOpened(flags, ledger, receipt);
        });
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger access own --key alice.key.json --patient alice.tokens --output my-records/',
    );
  return withFilterOptions(withCareOptions(command));
}

function withFilterOptions(command: Command): Command {
  return command
    .option('--class <type>', 'only records of this FHIR resource type; may be given again', collected)
    .option('--record <id>', 'only this record; may be given again', collected)
    .option('--from <date>', 'only records of this day and later')
    .option('--to <date>', 'only records of this day and before')
    .option('--metadata', 'what records there are, without their contents')
    .option('-o, --output <folder>', 'write each content there as a file');
}

function filterOf({ class: classes, record: records, from, to }: FilterFlags): AccessFilter {
  return {
    ...(classes === undefined ? {} : { classes }),
    ...(records === undefined ? {} : { records }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** One record as it is shown; `file` where its content was written, `content` where it is printed. */
interface Shown {
  readonly metadata: ReleasedRecord['metadata'];
  readonly accompanying: ReleasedRecord['accompanying'];
  /** Hand it on with the content: `vitaledger record verify`. */
  readonly certificate: ContentCertificate;
  readonly file?: string;
  readonly content?: unknown;
}

async function showOpened(flags: FilterFlags, { access }: Vitaledger, receipt: AccessReceipt): Promise<void> {
  const shown: Shown[] = [];
  try {
    for await (const record of access.open(receipt)) {
      const certificate = contentCertificate(receipt.custodian, record.metadata);
      shown.push({ ...(await showRecord(flags, record)), certificate });
    }
  } catch (error) {
    throw explained(error, receipt);
  }
  const rows = shown.map(({ metadata, file = '' }) => [
    metadata.id,
    metadata.class,
    metadata.date ?? '',
    shortened(metadata.codes.map(({ code }) => code).join(', ')),
    metadata.labels.map(({ code }) => code).join(' '),
    file,
  ]);
  show(
    flags,
    { receipt: receipt.receipt, custodian: receipt.custodian, records: shown },
    table(['record', 'class', 'date', 'about', 'labels', 'file'], rows) || 'There is no such record.',
  );
}

async function showRecord(flags: FilterFlags, record: ReleasedRecord): Promise<Omit<Shown, 'certificate'>> {
  const { metadata, accompanying } = record;
  if (flags.metadata) return { metadata, accompanying };
  if (flags.output !== undefined) return { metadata, accompanying, file: await write(flags.output, record) };
  const isJson = /^application\/([\w.-]+\+)?json$/.test(metadata.mediaType);
  // What is no text is not for a terminal; with --output it becomes a file.
  return flags.json && isJson
    ? { metadata, accompanying, content: await record.json() }
    : { metadata, accompanying };
}

/** A record's file holds health data: for its owner's eyes only, and never over another one. */
async function write(folder: string, record: ReleasedRecord): Promise<string> {
  const { id, class: type, mediaType, version } = record.metadata;
  const file = join(folder, `${type}-${id}-${String(version)}.${extensionOf(mediaType)}`);
  try {
    // Whole or not at all: a content that turns out to be altered leaves no file.
    await new DurableFiles(folder).create(file, record.content());
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new VitaledgerError('ALREADY_EXISTS', `The file is there already: ${file}`);
  }
  return file;
}

function extensionOf(mediaType: string): string {
  if (mediaType.endsWith('json')) return 'json';
  return /^[a-z]+\/([a-z0-9]+)$/.exec(mediaType)?.[1] ?? 'bin';
}

/** A denial says how to see what it rests on. */
function explained(error: unknown, { receipt, custodian }: AccessReceipt): unknown {
  if (!(error instanceof VitaledgerError) || error.code !== 'CONSENT_DENIED') return error;
  return new VitaledgerError(
    'CONSENT_DENIED',
    `${error.message}. Why: vitaledger access outcome ${receipt} --custodian ${custodian}`,
    error.details,
  );
}
