import { Command } from 'commander';
import type { ErasureGround } from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import type { ErasurePreview, ErasureReceipt } from '../../records/erasure.js';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { show, wholeNumber, withDryRun } from '../trials/trial-input.js';
import { withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';
import { readJsonFile } from '../json-file.js';

interface ChangeFlags {
  readonly version: number;
  readonly reason: string;
  readonly rectification?: string;
  readonly json?: true;
}

function withChangeOptions(command: Command): Command {
  return withCareOptions(
    command
      .argument('<patient>', 'token, or id at your organization')
      .argument('<record>')
      .requiredOption('--version <number>', 'the version that was read, and is to be changed', wholeNumber(1))
      .requiredOption('--reason <text>', 'why, on one line; those who may read the record see it')
      .option('--rectification <id>', "the patient's request that it answers"),
  );
}

const changeOf = ({ reason, rectification }: ChangeFlags) => ({
  reason,
  ...(rectification === undefined ? {} : { rectification }),
});

export function amendCommand(): Command {
  const command: Command = withChangeOptions(
    new Command('amend').description(
      'put a new version in the place of a record; the old one stays for audit',
    ),
  )
    .argument('<file>', 'the new version: a FHIR R4 resource, as JSON')
    .action((patient: string, id: string, file: string, flags: ChangeFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const resource = (await readJsonFile(file)) as FhirResource;
        const { version } = flags;
        const amended = await ledger.records.amend(own, { id, version }, resource, changeOf(flags));
        const { transactionId, block } = amended;
        show(
          flags,
          { record: id, version: amended.version, transactionId, block: Number(block) },
          `${id} is at version ${String(amended.version)}`,
        );
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger record amend alice.tokens 91c4…7f condition.json --version 1 --reason 'Laboratory mixed up samples'",
    );
  return command;
}

export function retractCommand(): Command {
  const command: Command = withChangeOptions(
    new Command('retract').description('take a record that was entered in error from all readers, for good'),
  )
    .action((patient: string, id: string, flags: ChangeFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const { version } = flags;
        const { transactionId, block } = await ledger.records.retract(own, { id, version }, changeOf(flags));
        show(flags, { record: id, transactionId, block: Number(block) }, `${id} is retracted`);
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger record retract alice.tokens 91c4…7f --version 2 --reason 'Another patient’s'",
    );
  return command;
}

interface EraseFlags {
  readonly reason: string;
  readonly ground: ErasureGround;
  readonly dryRun?: true;
  readonly json?: true;
}

export function eraseCommand(): Command {
  const command: Command = new Command('erase')
    .description('destroy a record: its keys on the ledger, its contents in the vault; for registrars')
    .argument('<patient>', 'token, or id at your organization')
    .argument('<record>')
    .requiredOption(
      '--reason <text>',
      'why, on one line, for the record of erasures; nothing that identifies the patient',
    )
    .option('--ground <ground>', 'on which ground of law', 'no-longer-necessary')
    .action((patient: string, id: string, flags: EraseFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        if (flags.dryRun) {
          const preview = await ledger.records.previewErasure(own, id);
          show(flags, preview, `${previewText(preview)}\nNothing was erased.`);
          return;
        }
        const { reason, ground } = flags;
        const receipt = await ledger.records.erase(own, id, reason, { ground });
        show(flags, { ...receipt, block: Number(receipt.block ?? 0) }, receiptText(receipt));
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger record erase alice.tokens 91c4…7f --reason 'Request 2026-114' --dry-run",
    );
  return withDryRun(withCareOptions(command));
}

function previewText({ objects, registered, retentions, holds }: ErasurePreview): string {
  return [
    `registered ${registered}, in ${String(objects.length)} versions`,
    ...retentions.map((retention) => `must be kept: ${JSON.stringify(retention)}`),
    ...(holds === 0 ? [] : [`${String(holds)} legal holds keep it`]),
  ].join('\n');
}

function receiptText({ destroyed, remains, backups }: ErasureReceipt): string {
  return [
    table(
      ['destroyed', 'where'],
      destroyed.map(({ what, where }) => [what, where]),
    ),
    table(
      ['remains', 'where', 'until'],
      remains.map(({ what, where, until }) => [what, where, until]),
    ),
    ...backups.map((backup) => `purge from backup: ${JSON.stringify(backup)}`),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
