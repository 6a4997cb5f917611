import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Vitaledger } from '../connect.js';
import type { CohortInquiry, CohortQuestion, CohortReceipt } from '../research/cohorts.js';
import { readJsonFile, writeNewFile } from './json-file.js';
import { withLedger, withLedgerOptions } from './ledger-options.js';

/** How many patients a custodian has for a study, in coarse numbers. */
export function cohortCommand(): Command {
  return new Command('cohort')
    .description('how many patients a custodian has for a study, and never who')
    .addCommand(askCommand())
    .addCommand(answerCommand())
    .addCommand(readCommand())
    .addCommand(logCommand());
}

/** Asks, and keeps the receipt in a new file that only its owner can read: it holds the key that opens the answer. */
export async function askCohort(
  { cohorts }: Pick<Vitaledger, 'cohorts'>,
  inquiry: CohortInquiry,
  file: string,
): Promise<void> {
  await writeNewFile(file, async (output) => {
    const receipt = await cohorts.ask(inquiry);
    await output.writeFile(`${JSON.stringify(receipt)}\n`);
  });
  console.log(`Asked ${inquiry.custodian}; the answer is read with ${file} once it has counted`);
}

interface Asked {
  readonly custodian: string;
  readonly question: string;
  readonly purpose: string;
  readonly receipt: string;
}

function askCommand(): Command {
  const command = new Command('ask')
    .description(
      "ask a custodian, for a study that its committee has approved; spends the study's budget there",
    )
    .argument('<study>')
    .requiredOption('--custodian <MSP>', 'whom to ask')
    .requiredOption('--question <question>', 'consented, or askable: who wants to be asked again')
    .option('--purpose <code>', 'HL7 v3 PurposeOfUse', 'HRESCH')
    .requiredOption(
      '--receipt <file>',
      'where the receipt goes, with the key that opens the answer; must not be there yet',
    )
    .action((study: string, { custodian, question, purpose, receipt }: Asked) =>
      withLedger(command, (ledger) =>
        askCohort(ledger, { custodian, study, question: questionOf(question), purpose }, receipt),
      ),
    );
  return withLedgerOptions(command);
}

function questionOf(text: string): CohortQuestion {
  if (text === 'consented' || text === 'askable') return text;
  throw new VitaledgerError('INVALID_ARGUMENT', '--question must be consented or askable');
}

function answerCommand(): Command {
  const command = new Command('answer')
    .description(
      "count and answer every question that waits, as the custodian's own service; what it tells is coarse",
    )
    .action(() =>
      withLedger(command, async ({ cohorts }) => {
        // The list is read to its end first: answering takes questions off it.
        const waiting: string[] = [];
        for await (const receipt of cohorts.pending()) waiting.push(receipt);
        for (const receipt of waiting) await cohorts.answer(receipt);
        console.log(`${String(waiting.length)} answered`);
      }),
    );
  return withLedgerOptions(command);
}

function readCommand(): Command {
  const command = new Command('read')
    .description('read the answer to a question')
    .argument('<receipt>', 'the file that "ask" wrote')
    .action((file: string) =>
      withLedger(command, async ({ cohorts }) => {
        const receipt = receiptOf(await readJsonFile(file));
        const { count, cell } = await cohorts.read(receipt);
        console.log(
          count === 0
            ? `${receipt.custodian}: fewer than ${String(2 * cell - 1)}`
            : `${receipt.custodian}: at least ${String(count)} and at most ${String(count + 2 * (cell - 1))}`,
        );
      }),
    );
  return withLedgerOptions(command);
}

function receiptOf(value: unknown): CohortReceipt {
  if (typeof value === 'object' && value !== null && 'receipt' in value && 'key' in value)
    return value as CohortReceipt;
  throw new VitaledgerError('INVALID_ARGUMENT', 'The file holds no receipt of a question');
}

function logCommand(): Command {
  const command = new Command('log')
    .description('every question that the own organization was asked, with what it told')
    .action(() =>
      withLedger(command, async ({ cohorts }) => {
        for await (const { instant, study, question, actor, answer } of cohorts.log()) {
          const told = answer === undefined ? 'not answered yet' : `at least ${String(answer.count)}`;
          console.log(`${instant}  ${study}  ${question}  ${actor.mspId}/${actor.subject}  ${told}`);
        }
      }),
    );
  return withLedgerOptions(command);
}
