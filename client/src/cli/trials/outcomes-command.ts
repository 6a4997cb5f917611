import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import { outcomesPage, sponsorPage } from '../../trials/outcome-page.js';
import { outcomeRows, summaryOn, verdictOn } from '../../trials/outcome-words.js';
import type { Trials } from '../../trials/trials.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { printable, shortened, table } from '../table.js';
import { show, withJson, writeText } from './trial-input.js';

interface OutcomesFlags {
  readonly sponsor?: string;
  readonly html?: string;
  readonly json?: true;
}

/** What became of announced outcomes. */
export function outcomesCommand(): Command {
  const command: Command = new Command('outcomes')
    .description(
      'what became of the outcomes that a trial, or every trial of a sponsor, announced before it began',
    )
    .argument('[trial]')
    .option('--sponsor <MSP id>', 'all trials of this organization instead of one')
    .option('--html <file>', 'also write a page that needs nothing else to be read')
    .action((trial: string | undefined, flags: OutcomesFlags) =>
      withLedger(command, async ({ trials }) => {
        if ((trial === undefined) === (flags.sponsor === undefined))
          throw new VitaledgerError('INVALID_ARGUMENT', 'Give a trial, or --sponsor with an MSP id');
        if (trial !== undefined) await ofTrial(trials, trial, flags);
        else await ofSponsor(trials, flags.sponsor ?? '', flags);
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial outcomes NCT01234567\n  vitaledger trial outcomes NCT01234567 --html switched.html\n  vitaledger trial outcomes --sponsor ResearchMSP --json\n\nHow outcomes are matched, and how well: docs/trial-outcomes.md',
    );
  return withJson(withLedgerOptions(command));
}

async function ofTrial(trials: Trials, trial: string, flags: OutcomesFlags): Promise<void> {
  const report = await trials.outcomes(trial);
  if (flags.html !== undefined) await writeText(flags.html, outcomesPage(report));
  const { baseline, latest, outcomes, reported } = report;
  const head = ['rank', 'outcome', 'what became of it', 'told'];
  const text = [
    `${report.trial}, version ${baseline.version} (${baseline.isBeforeStart ? 'the last before the start' : 'registered after the start'}) against version ${latest.version}`,
    table(head, outcomeRows(outcomes).map(fitted)),
    ...(reported
      ? ['', 'The results against the same version', table(head, outcomeRows(reported.outcomes).map(fitted))]
      : []),
    '',
    verdictOn(report),
  ].join('\n');
  show(flags, report, text);
}

async function ofSponsor(trials: Trials, sponsor: string, flags: OutcomesFlags): Promise<void> {
  const report = await trials.sponsorOutcomes(sponsor);
  if (flags.html !== undefined) await writeText(flags.html, sponsorPage(report));
  const rows = report.trials.map(({ trial, title, registeredLate, verdict, results }) => [
    trial,
    registeredLate ? 'after start' : 'before start',
    verdict,
    results ?? '',
    shortened(title),
  ]);
  const summary = `${printable(sponsor)}: ${summaryOn(report)}`;
  show(
    flags,
    report,
    [table(['trial', 'registered', 'registry', 'results', 'title'], rows), summary]
      .filter((part) => part !== '')
      .join('\n'),
  );
}

const fitted = (row: readonly string[]): string[] => row.map((cell) => shortened(cell, 70));
