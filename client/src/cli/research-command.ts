import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { ListedStudy, StudyProposal, StudyVerdict } from '../research/studies.js';
import { cohortCommand } from './cohort-command.js';
import { readJsonFile } from './json-file.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';
import { printable, table } from './table.js';

/** Research on patients' records: studies, their committees, counts. */
export function researchCommand(): Command {
  const study = new Command('study')
    .description("studies that want patients' data, and what ethics committees say of them")
    .addCommand(registerCommand())
    .addCommand(decideCommand())
    .addCommand(revokeCommand())
    .addCommand(showCommand())
    .addCommand(listCommand());
  return new Command('research')
    .description("research on patients' records")
    .addCommand(study)
    .addCommand(cohortCommand())
    .addHelpText('after', HELP);
}

const HELP = `
Examples:
  vitaledger research study register study.json
  vitaledger research study decide VS-0123456789abcdef --approve letter.pdf --until 2027-03-01T00:00:00.000Z
  vitaledger research cohort ask VS-0123456789abcdef --custodian HospitalMSP --question askable --receipt asked.json
`;

function registerCommand(): Command {
  const command = new Command('register')
    .description('register a study of the own organization; public for ever, and names nobody')
    .argument('<file>', 'what the study says of itself, JSON (docs/data-use.md)')
    .action((file: string) =>
      withLedger(command, async ({ studies }) => {
        const study = await studies.register((await readJsonFile(file)) as StudyProposal);
        console.log(`${study} is waiting for its committee`);
      }),
    );
  return withLedgerOptions(command);
}

interface Decided {
  readonly approve?: string;
  readonly until?: string;
  readonly refuse?: boolean;
  readonly comment?: string;
}

function decideCommand(): Command {
  const command = new Command('decide')
    .description('decide on a study, as the committee that it names')
    .argument('<study>')
    .option(
      '--approve <file>',
      "approve; the file is the committee's letter, of which only the digest leaves this machine",
    )
    .option('--until <instant>', 'the end of the approval (ISO 8601 in UTC with milliseconds)')
    .option('--refuse', 'refuse')
    .option('--comment <text>', 'public for ever')
    .action((study: string, options: Decided) =>
      withLedger(command, async ({ studies }) => {
        await studies.decide(study, await verdictOf(options));
        console.log(stateLine(await studies.get(study)));
      }),
    );
  return withLedgerOptions(command);
}

async function verdictOf({ approve, until, refuse = false, comment }: Decided): Promise<StudyVerdict> {
  const said = comment === undefined ? {} : { comment };
  if (refuse && approve === undefined && until === undefined) return { approved: false, ...said };
  if (!refuse && approve !== undefined && until !== undefined)
    return { approved: true, document: await digestOf(approve), until, ...said };
  throw new VitaledgerError('INVALID_ARGUMENT', 'Say either --approve and --until, or --refuse');
}

async function digestOf(file: string): Promise<string> {
  try {
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  } catch {
    throw new VitaledgerError('NOT_FOUND', `The file cannot be read: ${file}`);
  }
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .description('take an approval back; nothing is released for the study from then on')
    .argument('<study>')
    .requiredOption('--reason <text>', 'public for ever')
    .action((study: string, { reason }: { readonly reason: string }) =>
      withLedger(command, async ({ studies }) => {
        await studies.revoke(study, reason);
        console.log(stateLine(await studies.get(study)));
      }),
    );
  return withLedgerOptions(command);
}

function showCommand(): Command {
  const command = new Command('show')
    .description('a study with every decision on it, JSON')
    .argument('<study>')
    .action((study: string) =>
      withLedger(command, async ({ studies }) => {
        print(await studies.get(study));
      }),
    );
  return withLedgerOptions(command);
}

function listCommand(): Command {
  const command = new Command('list').description('all studies').action(() =>
    withLedger(command, async ({ studies }) => {
      const rows: string[][] = [];
      for await (const { study, state, organization, title } of studies.list())
        rows.push([study, state, organization, title]);
      console.log(table(['study', 'state', 'organization', 'title'], rows));
    }),
  );
  return withLedgerOptions(command);
}

function stateLine({ study, state, decisions }: ListedStudy): string {
  const until = state === 'approved' ? ` until ${decisions.at(-1)?.until ?? ''}` : '';
  return printable(`${study} is ${state}${until}`);
}
