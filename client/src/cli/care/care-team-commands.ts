import {
  isMspId,
  isRole,
  isSubject,
  type CareTeam,
  type CareTeamVersion,
  type LeavingParticipant,
} from '@vitaledger/domain';
import { Command, InvalidArgumentError } from 'commander';
import { withLedger } from '../ledger-options.js';
import { table } from '../table.js';
import { instant, show, wholeNumber } from '../trials/trial-input.js';
import { collected, withCareOptions } from './care-options.js';
import { ownPatient } from './own-patient.js';
import { readToken, withKeyFile } from './patient-files.js';

/** `vitaledger patient care-team`: who cares for a patient, so that a consent can name them together. */
export function careTeamCommand(): Command {
  return new Command('care-team')
    .description('who cares for a patient at a custodian, so that a consent can name them together')
    .addCommand(declareCommand())
    .addCommand(changeCommand())
    .addCommand(endCommand())
    .addCommand(listCommand())
    .addCommand(historyCommand());
}

interface DeclareFlags {
  readonly name: string;
  readonly member?: readonly LeavingParticipant[];
  readonly organization?: readonly string[];
  readonly until?: string;
  readonly reason: string;
  readonly json?: true;
}

function declareCommand(): Command {
  const command: Command = new Command('declare')
    .description(
      'declare a team of a patient of your organization; prints the reference that a consent names',
    )
    .argument('<patient>', 'token, or id at your organization')
    .requiredOption('--name <text>', 'as the patient knows it; the patient reads it')
    .option('--member <MSP id/role/subject>', 'who is in it; may be given again', persons)
    .option(
      '--organization <MSP id>',
      'whose people can be in it, now or later; your own unless told; may be given again',
      collected,
    )
    .option('--until <instant>', 'when the team ends', instant)
    .requiredOption('--reason <text>', 'why; the patient reads it')
    .action((patient: string, flags: DeclareFlags) =>
      withLedger(command, async (ledger) => {
        const { name, member = [], organization, until, reason } = flags;
        const declaring = {
          patient: await ownPatient(ledger, patient),
          name,
          participants: member,
          ...(organization === undefined ? {} : { organizations: organization }),
          ...(until === undefined ? {} : { until }),
        };
        const declared = await ledger.careTeams.declare(declaring, { reason });
        show(flags, declared, declared.reference);
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger patient care-team declare alice.tokens --name 'Diabetes team' \\\n" +
        '    --organization HospitalMSP --organization ClinicMSP \\\n' +
        '    --member ClinicMSP/practitioner/8c0f34a17be25d90c1c7a6f2d4e8b013 --reason Admission',
    );
  return withCareOptions(command);
}

interface ChangeFlags {
  readonly version: number;
  readonly join?: readonly LeavingParticipant[];
  readonly leave?: readonly LeavingParticipant[];
  readonly reason: string;
  readonly json?: true;
}

function named(command: Command): Command {
  return command
    .argument('<patient>', 'token, or id at your organization')
    .argument('<team>', 'its id')
    .requiredOption('--version <number>', 'the version that was read, and is to be changed', wholeNumber(1))
    .requiredOption('--reason <text>', 'why; the patient reads it');
}

function changeCommand(): Command {
  const command: Command = named(new Command('change'))
    .description('let persons join a team, or leave it')
    .option('--join <MSP id/role/subject>', 'who joins; may be given again', persons)
    .option('--leave <MSP id/role/subject>', 'who leaves; may be given again', persons)
    .action((patient: string, team: string, { version, join, leave, reason, ...flags }: ChangeFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        const moves = { ...(join ? { join } : {}), ...(leave ? { leave } : {}) };
        const changed = await ledger.careTeams.change(own, { team, version }, moves, { reason });
        show(flags, changed, `${team} is at version ${String(changed.version)}`);
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger patient care-team change alice.tokens 5f0ce1… --version 1 \\\n' +
        "    --leave ClinicMSP/practitioner/8c0f34a17be25d90c1c7a6f2d4e8b013 --reason 'Shift ended'",
    );
  return withCareOptions(command);
}

function endCommand(): Command {
  const command: Command = named(new Command('end'))
    .description('end a team: consents that name it permit nobody by it any more')
    .action((patient: string, team: string, { version, reason, ...flags }: ChangeFlags) =>
      withLedger(command, async (ledger) => {
        const own = await ownPatient(ledger, patient);
        await ledger.careTeams.end(own, { team, version }, { reason });
        show(flags, { team, version: version + 1 }, `${team} has ended`);
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger patient care-team end alice.tokens 5f0ce1… --version 2 --reason Discharge',
    );
  return withCareOptions(command);
}

function listCommand(): Command {
  const command: Command = new Command('list')
    .description("a patient's teams as they stand, for your organization's own staff")
    .argument('<patient>', 'token, or id at your organization')
    .action((patient: string, flags: { readonly json?: true }) =>
      withLedger(command, async (ledger) => {
        const teams = await ledger.careTeams.list(await ownPatient(ledger, patient));
        show(flags, teams, table(HEAD, teams.flatMap(rowsOf)) || 'There is no care team.');
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger patient care-team list alice.tokens');
  return withCareOptions(command);
}

interface HistoryFlags {
  readonly key: string;
  readonly patient: string;
  readonly json?: true;
}

function historyCommand(): Command {
  const command: Command = new Command('history')
    .description('for the patient: every change of their teams at a custodian, who made it and why')
    .requiredOption('--key <file>', "the patient's keys")
    .requiredOption('--patient <token>', 'the patient at one custodian')
    .action((flags: HistoryFlags) =>
      withLedger(command, async ({ careTeams }) => {
        const token = await readToken(flags.patient);
        const versions = await withKeyFile(flags.key, async (key) => {
          const all: CareTeamVersion[] = [];
          for await (const version of careTeams.history(token, key)) all.push(version);
          return all;
        });
        const rows = versions.map(({ changed, ...team }) => [
          team.team,
          String(team.version),
          team.name,
          changed.instant,
          `${changed.by.mspId} ${changed.by.role} ${changed.by.subject}`,
          changed.reason.text,
        ]);
        const head = ['team', 'version', 'name', 'changed', 'by', 'why'];
        show(flags, versions, table(head, rows) || 'There was no care team.');
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger patient care-team history --key alice.key.json --patient alice.tokens',
    );
  return withCareOptions(command);
}

const HEAD = ['team', 'version', 'name', 'who', 'as', 'from', 'to'];

/** A team on a line for each person. */
function rowsOf({ team, version, name, participants, to }: CareTeam): readonly (readonly string[])[] {
  const ended = to === undefined ? name : `${name} (until ${to})`;
  const own = [team, String(version), ended];
  if (participants.length === 0) return [[...own, 'nobody', '', '', '']];
  return participants.map((one, index) => [
    ...(index === 0 ? own : ['', '', '']),
    `${one.mspId}/${one.subject}`,
    one.role,
    one.from,
    one.to ?? '',
  ]);
}

/** Persons of an option: organization, role and the organization's pseudonym. */
function persons(
  text: string,
  earlier: readonly LeavingParticipant[] | undefined,
): readonly LeavingParticipant[] {
  const [mspId, role, subject, ...rest] = text.split('/');
  if (!isMspId(mspId) || !isRole(role) || !isSubject(subject) || rest.length > 0) {
    throw new InvalidArgumentError(
      'It must be an MSP id, a role and a pseudonym, such as ClinicMSP/practitioner/9f86d081884c7d65.',
    );
  }
  return [...(earlier ?? []), { mspId, subject, role }];
}
