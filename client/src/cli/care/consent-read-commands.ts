import { Command } from 'commander';
import { termsInForce, type HeldConsents } from '../../consents/held.js';
import type { AcceptedStatement } from '../../consents/history.js';
import { withLedger } from '../ledger-options.js';
import { shortened, table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { withCareOptions } from './care-options.js';
import { readToken, withKeyFile } from './patient-files.js';
import { provisionLine } from './provision-words.js';

interface ReadFlags {
  readonly key: string;
  readonly patient: string;
  readonly json?: true;
}

function withReadOptions(command: Command): Command {
  return withCareOptions(
    command
      .requiredOption('--key <file>', "the patient's keys, or a delegate's")
      .requiredOption('--patient <token>', 'the patient at one custodian'),
  );
}

export function listCommand(): Command {
  const command: Command = new Command('list')
    .description('what a custodian holds of the patient’s decisions: all that is in force there')
    .action((flags: ReadFlags) =>
      withLedger(command, async ({ consents }) => {
        const token = await readToken(flags.patient);
        const held = await withKeyFile(flags.key, (key) => consents.list(token, key));
        show(flags, held, heldTable(held));
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger consent list --key alice.key.json --patient alice.tokens',
    );
  return withReadOptions(command);
}

function heldTable(held: HeldConsents): string {
  const { consents, prohibitions } = termsInForce(held);
  const from = new Map(held.consents.map((one) => [one.consent, one.from]));
  const rows = [
    ...consents.map(({ consent, version, provision, recorded, delegation }) => [
      consent,
      String(version),
      from.get(consent) ?? '',
      delegation ? delegation.relationship : recorded ? recorded.form : 'patient',
      shortened(provisionLine(provision), 100),
    ]),
    ...prohibitions.map(({ prohibition, kind, provision }) => [
      prohibition,
      '',
      '',
      'patient',
      shortened(`${kind}: ${provisionLine(provision)}`, 100),
    ]),
    ...(held.careTeams ?? []).map(({ team, version, from: since, name }) => [
      team,
      String(version),
      since,
      'custodian',
      `care team: ${shortened(name, 80)}`,
    ]),
    ...(held.delegations ?? []).map(({ delegation }) => [delegation, '', '', '', 'delegation']),
  ];
  return table(['id', 'version', 'since', 'by', 'what'], rows) || 'Nothing is in force there.';
}

export function historyCommand(): Command {
  const command: Command = new Command('history')
    .description('every statement that a custodian accepted for the patient, none left out, first one first')
    .action((flags: ReadFlags) =>
      withLedger(command, async ({ consents }) => {
        const token = await readToken(flags.patient);
        const statements = await withKeyFile(flags.key, async (key) => {
          const all: AcceptedStatement[] = [];
          for await (const statement of consents.history(token, key)) all.push(statement);
          return all;
        });
        const rows = statements.map((one) => [
          String(one.sequence),
          ...wordsOf(one),
          one.digest.slice(0, 16),
        ]);
        show(flags, statements, table(['', 'when', 'what', 'by', 'digest'], rows) || 'There is none.');
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger consent history --key alice.key.json --patient alice.tokens --json',
    );
  return withReadOptions(command);
}

function wordsOf(statement: AcceptedStatement): readonly [when: string, what: string, by: string] {
  switch (statement.type) {
    case 'signed':
      return [statement.instant, statement.statement.kind, statement.by?.relationship ?? 'patient'];
    case 'recorded':
      return [statement.instant, statement.record.kind, 'registrar'];
    case 'hidden':
      return ['', 'hidden from delegates', ''];
  }
}
