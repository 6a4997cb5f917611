import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import type { ListedRecord } from '../../records/inspection.js';
import { withLedger } from '../ledger-options.js';
import { shortened, table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';

interface ListFlags {
  readonly class?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly json?: true;
}

export function listCommand(): Command {
  const command: Command = new Command('list')
    .description('a patient’s records, for your registrars; the look is logged for the patient')
    .argument('<patient>', 'token, or id at your organization')
    .option('--class <type>', 'only this FHIR resource type; may be given again', collected)
    .option('--from <date>', 'only records of this day and later')
    .option('--to <date>', 'only records of this day and before')
    .action((patient: string, flags: ListFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const { class: classes, from, to } = flags;
        const filter = {
          ...(classes === undefined ? {} : { classes }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        };
        const records: ListedRecord[] = [];
        for await (const record of ledger.records.list(own, { filter })) records.push(record);
        show(flags, records, table(HEAD, records.map(rowOf)) || 'There is no such record.');
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger record list alice.tokens --class Observation --from 2026-01-01',
    );
  return withCareOptions(command);
}

const HEAD = ['record', 'version', 'status', 'class', 'date', 'about', 'labels'];

function rowOf({
  id,
  version,
  status,
  class: type,
  date = '',
  codes,
  labels,
}: ListedRecord): readonly string[] {
  const about = shortened(codes.map(({ code }) => code).join(', '));
  return [id, String(version), status, type, date, about, labels.map(({ code }) => code).join(' ')];
}

interface VerifyFlags {
  readonly custodian: string;
  readonly salt: string;
  readonly json?: true;
}

export function verifyCommand(): Command {
  const command: Command = new Command('verify')
    .description(
      'hold a content that you were given against what every peer knows of it; exit code 7 when it is another',
    )
    .argument('<file>')
    .requiredOption('--custodian <MSP id>', 'of its certificate: who registered it')
    .requiredOption('--salt <hexadecimal>', 'of its certificate')
    .action((file: string, { custodian, salt, ...flags }: VerifyFlags) =>
      withLedger(command, async ({ records }) => {
        const { status, digest } = await records.verifyContent({ custodian, salt }, createReadStream(file));
        show(flags, { status, digest }, `It is the registered content; it is ${status}.`);
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger record verify report.pdf --custodian HospitalMSP --salt 0c7e…',
    );
  return withCareOptions(command);
}
