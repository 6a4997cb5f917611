import type { LogEntry } from '@vitaledger/domain';
import { Command } from 'commander';
import { withLedger } from '../ledger-options.js';
import { shortened, table } from '../table.js';
import { show } from '../trials/trial-input.js';
import { ownCommand, readCommand } from './access-read-commands.js';
import { withCareOptions } from './care-options.js';
import { readToken, withKeyFile } from './patient-files.js';

/** `vitaledger access`: accountable reading of patients' records, and what patients see of it. */
export function accessCommand(): Command {
  return new Command('access')
    .description("read patients' records with their permission, and see who did")
    .addCommand(readCommand())
    .addCommand(ownCommand())
    .addCommand(outcomeCommand())
    .addCommand(logCommand());
}

interface OutcomeFlags {
  readonly custodian: string;
  readonly json?: true;
}

function outcomeCommand(): Command {
  const command: Command = new Command('outcome')
    .description('the decision on a request that you made, with the consents and laws that it rests on')
    .argument('<receipt>')
    .requiredOption('--custodian <MSP id>', 'who was asked')
    .action((receipt: string, { custodian, ...flags }: OutcomeFlags) =>
      withLedger(command, async ({ access }) => {
        const found = await access.outcome({ receipt, custodian });
        const rows = Object.entries(found.decision.classes).map(
          ([name, { outcome, reason, obligations }]) => [
            name === '*' ? 'all others' : name,
            outcome,
            reason,
            obligations.length === 0 ? '' : `${String(obligations.length)} obligations`,
          ],
        );
        const { outcome } = found.decision;
        show(
          flags,
          found,
          `${outcome}, at ${found.instant}; opens records until ${found.expires}\n` +
            table(['kind of record', 'outcome', 'reason', ''], rows),
        );
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger access outcome 4be1…09 --custodian HospitalMSP --json');
  return withCareOptions(command);
}

interface LogFlags {
  readonly key: string;
  readonly patient: string;
  readonly json?: true;
}

function logCommand(): Command {
  const command: Command = new Command('log')
    .description("who asked for the patient's records at a custodian, denials included, oldest first")
    .requiredOption('--key <file>', "the patient's keys")
    .requiredOption('--patient <token>', 'the patient at one custodian')
    .action((flags: LogFlags) =>
      withLedger(command, async ({ access }) => {
        const token = await readToken(flags.patient);
        const entries = await withKeyFile(flags.key, async (key) => {
          const all: LogEntry[] = [];
          for await (const entry of access.log(token, key)) all.push(entry);
          return all;
        });
        show(flags, entries, table(LOG_HEAD, entries.map(logRow)) || 'Nobody has asked.');
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger access log --key alice.key.json --patient alice.tokens');
  return withCareOptions(command);
}

const LOG_HEAD = ['when', 'organization', 'role', 'purpose', 'what', 'outcome', 'because', 'receipt'];

function logRow(entry: LogEntry): readonly string[] {
  const { instant, actor, purpose, filter, scope, outcome, receipt } = entry;
  const about = filter.classes?.join(', ') ?? 'everything';
  return [
    instant,
    actor.mspId,
    actor.role,
    purpose,
    shortened(`${scope} of ${about}`),
    outcome,
    shortened(becauseOf(entry), 80),
    receipt.slice(0, 16),
  ];
}

/** What it rests on: the patient's own consents, or something that stands in their place. */
function becauseOf({ emergency, inspection, evidence, prescription, order, rules }: LogEntry): string {
  if (emergency) return `the glass was broken: ${emergency.reason}`;
  if (inspection) return 'the custodian itself looked, by office';
  if (prescription !== undefined) return 'a prescription';
  if (order !== undefined) return 'an order';
  if (evidence === 'patient') return 'you asked';
  return rules.map(({ consent }) => `consent ${consent.slice(0, 8)}`).join(', ');
}
