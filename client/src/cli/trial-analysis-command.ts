import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import type { Content } from '../vault/chunks.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';

/** What a trial commits to before it knows its results. */
export function trialAnalysisCommand(): Command {
  return new Command('analysis')
    .description('randomization lists and unblinding')
    .addCommand(commitListCommand())
    .addCommand(unblindCommand())
    .addCommand(revealListCommand())
    .addCommand(verifyListCommand())
    .addCommand(showCommand());
}

function commitListCommand(): Command {
  const command = new Command('commit-list')
    .description('commit to a randomization list without showing it')
    .argument('<trial>')
    .argument('<file>')
    .action((trial: string, file: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.commitList(trial, contentOf(file)));
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
    .argument('<number>')
    .action((trial: string, number: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        await trialAnalysis.revealList(trial, Number(number));
      }),
    );
  return withLedgerOptions(command);
}

function verifyListCommand(): Command {
  const command = new Command('verify-list')
    .description('hold a file against a list that was revealed; exit code 7 when it is another')
    .argument('<trial>')
    .argument('<number>')
    .argument('<file>')
    .action((trial: string, number: string, file: string) =>
      withLedger(command, async ({ trialAnalysis }) => {
        print(await trialAnalysis.verifyList(trial, Number(number), contentOf(file)));
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

function contentOf(file: string): Content {
  return createReadStream(file) as AsyncIterable<Uint8Array>;
}
