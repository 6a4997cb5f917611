import { Command } from 'commander';
import { withExamples } from './examples.js';
import { contentOf } from './file-content.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';
import { wholeNumber } from './trials/trial-input.js';

/** What a trial commits to before it knows its results. */
export function trialAnalysisCommand(): Command {
  const group = new Command('analysis')
    .description('randomization lists and unblinding')
    .addCommand(commitListCommand())
    .addCommand(unblindCommand())
    .addCommand(revealListCommand())
    .addCommand(verifyListCommand())
    .addCommand(showCommand());
  return withExamples(group, EXAMPLES);
}

const EXAMPLES = [
  'trial analysis commit-list NCT01234567 randomization.csv',
  'trial analysis unblind NCT01234567 --plan 9f86d081… --reason "Database locked"',
  'trial analysis unblind NCT01234567 --plan none --reason "Database locked"',
  'trial analysis reveal-list NCT01234567 1',
  'trial analysis verify-list NCT01234567 1 randomization.csv',
  'trial analysis show NCT01234567',
];

function commitListCommand(): Command {
  const command = new Command('commit-list')
    .description('commit to a randomization list without showing it')
    .argument('<trial>')
    .argument('<file>')
    .action((trial: string, file: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.commitList(trial, await contentOf(file)));
      }),
    );
  return withLedgerOptions(command);
}

function unblindCommand(): Command {
  const command = new Command('unblind')
    .description('record that the data were unblinded for analysis')
    .argument('<trial>')
    .requiredOption('--plan <digest>', 'of the registered analysis plan; "none" declares that there was none')
    .requiredOption('--reason <text>', 'why; public for ever')
    .action((trial: string, options: { readonly plan: string; readonly reason: string }) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.unblind(trial, options));
      }),
    );
  return withLedgerOptions(command);
}

function revealListCommand(): Command {
  const command = new Command('reveal-list')
    .description('show which list was committed to, after the unblinding')
    .argument('<trial>')
    .argument('<number>', 'of the list, from 1', wholeNumber(1))
    .action((trial: string, number: number) =>
      withLedger(command, async ({ trialAnalysis }) => {
        await trialAnalysis.revealList(trial, number);
      }),
    );
  return withLedgerOptions(command);
}

function verifyListCommand(): Command {
  const command = new Command('verify-list')
    .description('hold a file against a list that was revealed; exit code 7 when it is another')
    .argument('<trial>')
    .argument('<number>', 'of the list, from 1', wholeNumber(1))
    .argument('<file>')
    .action((trial: string, number: number, file: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.verifyList(trial, number, await contentOf(file)));
      }),
    );
  return withLedgerOptions(command);
}

function showCommand(): Command {
  const command = new Command('show')
    .description('what was committed to and when, with every version of the analysis plan')
    .argument('<trial>')
    .action((trial: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.get(trial));
      }),
    );
  return withLedgerOptions(command);
}
