import { DELAY_KINDS } from '@vitaledger/domain';
import { Argument, Command, Option } from 'commander';
import type { DelayRequest, TrialStepName } from '../../trials/trials.js';
import { readJsonFile } from '../json-file.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { table } from '../table.js';
import { instant, show, wholeNumber, withDryRun, withJson } from './trial-input.js';

interface ChangeFlags {
  readonly dryRun?: true;
  readonly json?: true;
}

const withAll = (command: Command): Command => withJson(withDryRun(withLedgerOptions(command)));
const options = ({ dryRun }: ChangeFlags) => ({ dryRun: dryRun === true });
const done = ({ dryRun }: ChangeFlags, text: string): string =>
  dryRun ? `Would be accepted: ${text}` : text;

/** Commands that change trials. */
export function changeCommands(): readonly Command[] {
  return [
    registerCommand(),
    amendCommand(),
    approveCommand(),
    advanceCommand(),
    delayCommand(),
    endDelayCommand(),
    eraseContactsCommand(),
  ];
}

function registerCommand(): Command {
  const command: Command = new Command('register')
    .description('register a trial; contacts stay with the own organization')
    .argument('<file>', 'a ClinicalTrials.gov v2 record, JSON')
    .action((file: string, flags: ChangeFlags) =>
      withLedger(command, async ({ trials }) => {
        const registered = await trials.register(await readJsonFile(file), options(flags));
        show(
          flags,
          registered,
          done(
            flags,
            `${registered.trial}, version ${registered.version}; it awaits its approval by an ethics board`,
          ),
        );
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial register trial.json --dry-run\n  vitaledger trial register trial.json --json',
    );
  return withAll(command);
}

interface AmendFlags extends ChangeFlags {
  readonly reason: string;
  readonly version?: number;
  readonly effective?: string;
}

function amendCommand(): Command {
  const command: Command = new Command('amend')
    .description('publish a new version of a trial; the versions before stay')
    .argument('<trial>')
    .argument('<file>', 'the whole record as it shall be')
    .requiredOption('--reason <text>', 'why; public for ever. Say which outcomes change, if any do')
    .option('--version <number>', 'the version that is amended (default: the latest)', wholeNumber(1))
    .option('--effective <instant>', 'since when it is in force (default: from now on)', instant)
    .action((trial: string, file: string, flags: AmendFlags) =>
      withLedger(command, async ({ trials }) => {
        const record = await readJsonFile(file);
        const { reason, effective } = flags;
        const version = flags.version ?? (await trials.get(trial)).version;
        const amendment = { version, record, reason, ...(effective ? { effective } : {}) };
        const amended = await trials.amend(trial, amendment, options(flags));
        const rows = amended.changes.map(({ op, pointer }) => [op, pointer]);
        show(
          flags,
          amended,
          `${done(flags, `${amended.trial}, version ${amended.version}`)}\n${table(['', 'field'], rows)}`,
        );
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger trial amend VL-0f3a91c2b7d84e65 trial.json --reason 'Primary outcome: time frame 24 instead of 12 weeks'",
    );
  return withAll(command);
}

interface ApproveFlags extends ChangeFlags {
  readonly refuse?: true;
  readonly digest?: string;
  readonly comment?: string;
}

function approveCommand(): Command {
  const command: Command = new Command('approve')
    .description("decide on a trial's latest version, as an ethics board of another organization")
    .argument('<trial>')
    .requiredOption('--digest <digest>', 'of the version that was reviewed, as `trial get` shows it')
    .option('--refuse', 'send the trial back instead')
    .option('--comment <text>', 'public for ever')
    .action((trial: string, flags: ApproveFlags & { readonly digest: string }) =>
      withLedger(command, async ({ trials }) => {
        const { digest, comment } = flags;
        const decision = {
          approved: flags.refuse !== true,
          digest,
          ...(comment === undefined ? {} : { comment }),
        };
        const decided = await trials.approve(trial, decision, options(flags));
        show(flags, decided, done(flags, `${decided.trial} is ${decided.status}`));
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger trial approve VL-0f3a91c2b7d84e65 --digest 9f86d081…');
  return withAll(command);
}

const STEPS: readonly TrialStepName[] = [
  'recruit',
  'close-recruitment',
  'complete',
  'terminate',
  'withdraw',
  'post-results',
];

function advanceCommand(): Command {
  const command: Command = new Command('advance')
    .description("take a step in a trial's life")
    .argument('<trial>')
    .addArgument(new Argument('<step>').choices(STEPS))
    .requiredOption('--reason <text>', 'why; public for ever')
    .action((trial: string, step: TrialStepName, flags: ChangeFlags & { readonly reason: string }) =>
      withLedger(command, async ({ trials }) => {
        const advanced = await trials.advance(trial, step, flags.reason, options(flags));
        show(flags, advanced, done(flags, `${advanced.trial} is ${advanced.status}`));
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger trial advance ResearchMSP/CP-101 recruit --reason 'First participant enrolled'",
    );
  return withAll(command);
}

interface DelayFlags extends ChangeFlags {
  readonly kind: DelayRequest['kind'];
  readonly reason: string;
  readonly until?: string;
}

function delayCommand(): Command {
  const command: Command = new Command('delay')
    .description('certify a delay of results, or ask for an extension or a waiver (42 CFR 11.44, 11.54)')
    .argument('<trial>')
    .addOption(
      new Option('--kind <kind>', 'two certificates, the extension, the waiver')
        .choices(DELAY_KINDS)
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'public for ever')
    .option('--until <day>', 'the day that an extension asks for')
    .action((trial: string, flags: DelayFlags) =>
      withLedger(command, async ({ trials }) => {
        const { kind, reason, until } = flags;
        const delay = { kind, reason, ...(until === undefined ? {} : { until }) };
        const submitted = await trials.delay(trial, delay, options(flags));
        show(flags, submitted, done(flags, `${submitted.trial}, delay ${submitted.delay}`));
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger trial delay NCT01234567 --kind new-use --reason 'Supplemental application filed'",
    );
  return withAll(command);
}

interface EndFlags extends ChangeFlags {
  readonly event: 'approved' | 'not-approved' | 'withdrawn' | 'granted' | 'denied';
  readonly date: string;
  readonly until?: string;
}

function endDelayCommand(): Command {
  const events = ['approved', 'not-approved', 'withdrawn', 'granted', 'denied'];
  const command: Command = new Command('end-delay')
    .description('say how a delay ended')
    .argument('<trial>')
    .argument('<delay>', 'its number', wholeNumber(1))
    .addOption(new Option('--event <event>', 'how').choices(events).makeOptionMandatory())
    .requiredOption('--date <day>', 'when')
    .option('--until <day>', 'the day that was granted')
    .action((trial: string, delay: number, flags: EndFlags) =>
      withLedger(command, async ({ trials }) => {
        const { event, date, until } = flags;
        const ended = await trials.endDelay(
          trial,
          delay,
          { event, date, ...(until === undefined ? {} : { until }) },
          options(flags),
        );
        show(flags, ended, done(flags, `${ended.trial}, delay ${ended.delay}: ${event}`));
      }),
    )
    .addHelpText(
      'after',
      '\nExample:\n  vitaledger trial end-delay NCT01234567 1 --event approved --date 2026-03-01',
    );
  return withAll(command);
}

function eraseContactsCommand(): Command {
  const command: Command = new Command('erase-contacts')
    .description("erase contacts of a trial from the own organization's store; the registry never had them")
    .argument('<trial>')
    .option('--name <name>', 'only those of this name')
    .action((trial: string, flags: { readonly name?: string; readonly json?: true }) =>
      withLedger(command, async ({ trials }) => {
        const { name } = flags;
        const erased = await trials.eraseContacts(
          trial,
          (contact) => name === undefined || contact.name === name,
        );
        show(flags, { trial, erased }, `${erased} contacts erased`);
      }),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vitaledger trial erase-contacts NCT01234567 --name 'Dr. Anna Beispiel'",
    );
  return withJson(withLedgerOptions(command));
}
