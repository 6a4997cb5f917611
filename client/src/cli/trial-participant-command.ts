import { EMERGENCY_CAUSES, VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { EmergencyCause } from '../participation/participants.js';
import { askCohort } from './cohort-command.js';
import { withExamples } from './examples.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';

/** Participants of trials at the own organization, which is the site. */
export function trialParticipantCommand(): Command {
  const group = new Command('participant')
    .description('participants of a trial at its site; their number in the registry')
    .addCommand(screenCommand())
    .addCommand(enrolCommand())
    .addCommand(listCommand())
    .addCommand(withdrawCommand())
    .addCommand(unblindCommand())
    .addCommand(emergenciesCommand())
    .addCommand(countsCommand())
    .addCommand(publishCommand())
    .addCommand(publishedCommand());
  return withExamples(group, EXAMPLES, NOTE);
}

const EXAMPLES = [
  'trial participant screen VS-0123456789abcdef --custodian HospitalMSP --receipt asked.json',
  'trial participant enrol VL-0123456789abcdef --patient 77d0…c2 --consent 5f0c…e1',
  'trial participant list VL-0123456789abcdef',
  'trial participant withdraw 5f0c…e1 --secret 91b2…07',
  'trial participant unblind VL-0123456789abcdef 3ac4…9d --cause overdose',
  'trial participant emergencies VL-0123456789abcdef',
  'trial participant counts VL-0123456789abcdef',
  'trial participant publish VL-0123456789abcdef',
  'trial participant published VL-0123456789abcdef',
];

const NOTE = `A service says whom it acts for: --actor investigator/c41f0be2a97d4e53b8f16d20e9a3c754, or VITALEDGER_ACTOR.
A participant is known by a random id; what the trial calls them has no place on the ledger. Withdrawing is the participant's act alone.`;

function screenCommand(): Command {
  const command = new Command('screen')
    .description(
      'ask a site how many patients may be asked for a trial; the answer is read with "research cohort read"',
    )
    .argument('<study>', "the ledger's number of the trial's study (VS-…)")
    .requiredOption('--custodian <MSP>', 'the site')
    .requiredOption(
      '--receipt <file>',
      'where the receipt goes, with the key that opens the answer; must not be there yet',
    )
    .action(
      (study: string, { custodian, receipt }: { readonly custodian: string; readonly receipt: string }) =>
        withLedger(command, (ledger) =>
          askCohort(ledger, { custodian, study, question: 'askable', purpose: 'CLINTRCH' }, receipt),
        ),
    );
  return withLedgerOptions(command);
}

function enrolCommand(): Command {
  const command = new Command('enrol')
    .description('enrol a patient who has signed a consent to the trial')
    .argument('<trial>')
    .requiredOption('--patient <id>', "the patient's id at this site")
    .requiredOption('--consent <id>', 'that names the trial and permits CLINTRCH only')
    .action((trial: string, { patient, consent }: { readonly patient: string; readonly consent: string }) =>
      withLedger(command, async ({ participants }) => {
        print({ participation: await participants.enrol({ trial, patient, consent }) });
      }),
    );
  return withLedgerOptions(command);
}

function listCommand(): Command {
  const command = new Command('list')
    .description("the trial's participants at this site, each with where they stand")
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ participants }) => {
        for await (const one of participants.list(trial))
          console.log(`${one.participation}  ${one.instant}  ${one.state}`);
      }),
    );
  return withLedgerOptions(command);
}

function withdrawCommand(): Command {
  const command = new Command('withdraw')
    .description("a participant withdraws: presents the secret of the consent, through any member's gateway")
    .argument('<consent>')
    .requiredOption('--secret <hex>', 'that revokes the consent; the participant or who acts for them has it')
    .action((consent: string, { secret }: { readonly secret: string }) =>
      withLedger(command, async ({ consents }) => {
        await consents.revoke({ consent, secret, patients: [] });
        console.log(
          'Withdrawn. Nothing more is released under this consent, and no follow-up is covered by it.\n' +
            'What was collected before stays with the site and the trial (ICH E6; Regulation (EU) 536/2014, art. 28(3)).',
        );
      }),
    );
  return withLedgerOptions(command);
}

function unblindCommand(): Command {
  const command = new Command('unblind')
    .description('log that a single participant was unblinded in an emergency')
    .argument('<trial>')
    .argument('<participation>')
    .requiredOption('--cause <cause>', EMERGENCY_CAUSES.join(', '))
    .action((trial: string, participation: string, { cause }: { readonly cause: string }) =>
      withLedger(command, async ({ participants }) => {
        await participants.emergency({ trial, participation, cause: causeOf(cause) });
      }),
    );
  return withLedgerOptions(command);
}

function causeOf(text: string): EmergencyCause {
  const cause = EMERGENCY_CAUSES.find((one) => one === text);
  if (cause) return cause;
  throw new VitaledgerError('INVALID_ARGUMENT', `--cause must be one of ${EMERGENCY_CAUSES.join(', ')}`);
}

function emergenciesCommand(): Command {
  const command = new Command('emergencies')
    .description('who was unblinded in an emergency at this site')
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ participants }) => {
        for await (const { participation, instant, cause, unblindedBy } of participants.emergencies(trial))
          console.log(`${participation}  ${instant}  ${cause}  ${unblindedBy.role}/${unblindedBy.subject}`);
      }),
    );
  return withLedgerOptions(command);
}

function countsCommand(): Command {
  const command = new Command('counts')
    .description("this site's exact totals, for its own people")
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ participants }) => {
        print(await participants.counts(trial));
      }),
    );
  return withLedgerOptions(command);
}

function publishCommand(): Command {
  const command = new Command('publish')
    .description(
      "publish this site's totals: by batches while the trial recruits, the rest once it no longer does",
    )
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ participants }) => {
        print(await participants.publish(trial));
      }),
    );
  return withLedgerOptions(command);
}

function publishedCommand(): Command {
  const command = new Command('published')
    .description('what all sites have published of a trial')
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ participants }) => {
        print(await participants.published(trial));
      }),
    );
  return withLedgerOptions(command);
}
