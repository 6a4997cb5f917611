import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { DataOffer, DataQuestion } from '../trial-documents/trial-data.js';
import { withExamples } from './examples.js';
import { contentOf } from './file-content.js';
import { readJsonFile, writeNewFile } from './json-file.js';
import { print, withLedger, withLedgerOptions } from './ledger-options.js';

/** Data sets of trials: offered, asked for, granted. */
export function trialDataCommand(): Command {
  const group = new Command('data')
    .description('data sets of a trial: terms, requests, decisions')
    .addCommand(offerCommand())
    .addCommand(requestCommand())
    .addCommand(getCommand())
    .addCommand(decideCommand())
    .addCommand(revokeCommand())
    .addCommand(holdCommand())
    .addCommand(collectCommand())
    .addCommand(logCommand());
  return withExamples(group, EXAMPLES, NOTE);
}

const EXAMPLES = [
  'trial data offer NCT01234567 VD-0123456789abcdef --terms terms.json --committee EthicsMSP',
  'trial data hold NCT01234567 VD-0123456789abcdef participants.csv',
  "trial data request NCT01234567 VD-0123456789abcdef --title 'A meta-analysis' --purpose purpose.json",
  'trial data get VR-0123456789abcdef',
  'trial data decide VR-0123456789abcdef --until 2027-03-01T00:00:00.000Z',
  "trial data decide VR-0123456789abcdef --refuse --comment 'Not what participants were told'",
  'trial data collect VR-0123456789abcdef --output participants.csv',
  "trial data revoke VR-0123456789abcdef --reason 'The plan was not kept'",
  'trial data log NCT01234567 VD-0123456789abcdef',
];

const NOTE = `Terms and purposes are JSON (docs/data-use.md), such as
  {"permission":{"code":"HMB"},"modifiers":[{"code":"PUB"}]}
  {"aims":["health"],"undertakings":["PUB"]}`;

function offerCommand(): Command {
  const command = new Command('offer')
    .description('offer a registered data set under GA4GH DUO terms')
    .argument('<trial>')
    .argument('<document>')
    .requiredOption('--terms <file>', 'data-use terms, JSON (docs/data-use.md)')
    .requiredOption('--committee <MSP>', 'ethics organization that decides on requests')
    .action(
      (trial: string, document: string, options: { readonly terms: string; readonly committee: string }) =>
        withLedger(command, async ({ trialData }) => {
          const terms = (await readJsonFile(options.terms)) as DataOffer['terms'];
          await trialData.offer(trial, document, { terms, committee: options.committee });
        }),
    );
  return withLedgerOptions(command);
}

function requestCommand(): Command {
  const command = new Command('request')
    .description('ask for a data set; public for ever, and names nobody')
    .argument('<trial>')
    .argument('<document>')
    .requiredOption('--title <text>', 'of the study')
    .requiredOption('--purpose <file>', 'what the data are wanted for, JSON (docs/data-use.md)')
    .action(
      (trial: string, document: string, options: { readonly title: string; readonly purpose: string }) =>
        withLedger(command, async ({ trialData }) => {
          const purpose = (await readJsonFile(options.purpose)) as DataQuestion['purpose'];
          print(await trialData.request(trial, document, { title: options.title, purpose }));
        }),
    );
  return withLedgerOptions(command);
}

function getCommand(): Command {
  const command = new Command('get')
    .description('a request, what the terms say of it, and where it stands')
    .argument('<request>')
    .action((request: string) =>
      withLedger(command, async ({ trialData }) => {
        print(await trialData.get(request));
      }),
    );
  return withLedgerOptions(command);
}

function decideCommand(): Command {
  const command = new Command('decide')
    .description('decide on a request: an approval has an end, a refusal has none')
    .argument('<request>')
    .option('--until <instant>', 'approve, until this instant (ISO 8601 in UTC with milliseconds)')
    .option('--refuse', 'refuse')
    .option('--comment <text>', 'public for ever')
    .action(
      (
        request: string,
        options: { readonly until?: string; readonly refuse?: true; readonly comment?: string },
      ) =>
        withLedger(command, async ({ trialData }) => {
          const { until, refuse = false, comment } = options;
          if ((until !== undefined) === refuse)
            throw new VitaledgerError('INVALID_ARGUMENT', 'Say either --until (to approve) or --refuse');
          const said = comment === undefined ? {} : { comment };
          const decision = until === undefined ? { approved: false } : { approved: true, until };
          await trialData.decide(request, { ...decision, ...said });
          print(await trialData.get(request));
        }),
    );
  return withLedgerOptions(command);
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .description('end an approval at once; for the committee and the sponsor')
    .argument('<request>')
    .requiredOption('--reason <text>', 'public for ever')
    .action((request: string, options: { readonly reason: string }) =>
      withLedger(command, async ({ trialData }) => {
        await trialData.revoke(request, options.reason);
        print(await trialData.get(request));
      }),
    );
  return withLedgerOptions(command);
}

function holdCommand(): Command {
  const command = new Command('hold')
    .description("store an offered data set, encrypted, in the sponsor's vault, ready to be collected")
    .argument('<trial>')
    .argument('<document>')
    .argument('<file>')
    .action((trial: string, document: string, file: string) =>
      withLedger(command, async ({ trials, trialData }) => {
        const content = await contentOf(file);
        const { id } = await trials.get(trial);
        await trialData.hold({ trial: id, document }, content);
      }),
    );
  return withLedgerOptions(command);
}

function collectCommand(): Command {
  const command = new Command('collect')
    .description('collect the data set of an approved request; that it is, stays on the public log')
    .argument('<request>')
    .requiredOption('--output <file>', 'where it goes; must not be there yet')
    .action((request: string, options: { readonly output: string }) =>
      withLedger(command, async ({ trialData }) => {
        await writeNewFile(options.output, async (output) => {
          for await (const part of trialData.content(request)) await output.write(part);
        });
      }),
    );
  return withLedgerOptions(command);
}

function logCommand(): Command {
  const command = new Command('log')
    .description('the terms of a data set, with every request for it')
    .argument('<trial>')
    .argument('<document>')
    .action((trial: string, document: string) =>
      withLedger(command, async ({ trialData }) => {
        print(await trialData.log(trial, document));
      }),
    );
  return withLedgerOptions(command);
}
