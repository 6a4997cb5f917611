import { VitaledgerError, type AccessFilter } from '@vitaledger/domain';
import { Command } from 'commander';
import type { AccessReceipt } from '../../access/access.js';
import type { Vitaledger } from '../../connect.js';
import { withLedger } from '../ledger-options.js';
import { show } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { readToken, withKeyFile } from './patient-files.js';
import { recordTable, shownRecords, type ShownRecord } from './released-records.js';

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

async function showOpened(flags: FilterFlags, { access }: Vitaledger, receipt: AccessReceipt): Promise<void> {
  let records: readonly ShownRecord[];
  try {
    records = await shownRecords(flags, receipt.custodian, access.open(receipt));
  } catch (error) {
    throw explained(error, receipt);
  }
  show(
    flags,
    { receipt: receipt.receipt, custodian: receipt.custodian, records },
    recordTable(records) || 'There is no such record.',
  );
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
