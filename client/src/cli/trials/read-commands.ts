import { VitaledgerError } from '@vitaledger/domain';
import { Command } from 'commander';
import type { Trials } from '../../trials/trials.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { printable, shortened, table } from '../table.js';
import { instant, show, wholeNumber, withJson, writeText } from './trial-input.js';

const withAll = (command: Command): Command => withJson(withLedgerOptions(command));

/** Commands that read one trial. */
export function readCommands(): readonly Command[] {
  return [getCommand(), historyCommand(), clocksCommand(), delaysCommand(), exportCommand()];
}

interface GetFlags {
  readonly json?: true;
  readonly at?: string;
  readonly effective?: string;
}

function getCommand(): Command {
  const command: Command = new Command('get')
    .description('a trial as it stands, or as it stood')
    .argument(
      '<trial>',
      "the registry's number, another registry's, or the sponsor's with its MSP id: ResearchMSP/CP-101",
    )
    .option('--at <instant>', 'as it stood then, as far as the ledger knew', instant)
    .option('--effective <instant>', 'the version in force then', instant)
    .action((trial: string, flags: GetFlags) =>
      withLedger(command, async ({ trials }) => {
        const found = await asOf(trials, trial, flags);
        const { id, status, version, sponsor, digest, registered, record } = found;
        const module = record.protocolSection.identificationModule as { readonly briefTitle?: unknown };
        const rows = Object.entries({
          trial: id,
          title: String(module.briefTitle),
          status,
          version: String(version),
          sponsor,
          registered,
          digest,
        });
        show(flags, found, table(['', ''], rows).trimStart());
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial get NCT01234567\n  vitaledger trial get VL-0f3a91c2b7d84e65 --at 2026-03-01 --json',
    );
  return withAll(command);
}

function asOf(trials: Trials, trial: string, { at, effective }: GetFlags) {
  if (at === undefined && effective === undefined) return trials.get(trial);
  return trials.asOf(trial, at ?? new Date().toISOString(), effective === undefined ? {} : { effective });
}

function historyCommand(): Command {
  const command: Command = new Command('history')
    .description('every version of a trial with its reason, and every step of its life')
    .argument('<trial>')
    .action((trial: string, flags: { readonly json?: true }) =>
      withLedger(command, async ({ trials }) => {
        const [versions, steps] = await Promise.all([trials.history(trial), trials.steps(trial)]);
        const rows = steps.map(({ instant, action, status, version, organization, reason = '' }) => {
          const changes = action === 'amend' ? `${versions[version - 1]?.changes.length ?? 0} fields` : '';
          return [instant, action, status, String(version), changes, organization, shortened(reason)];
        });
        show(
          flags,
          { versions, steps },
          table(['when', 'step', 'status', 'version', 'changed', 'by', 'reason'], rows),
        );
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger trial history NCT01234567');
  return withAll(command);
}

function clocksCommand(): Command {
  const command: Command = new Command('clocks')
    .description('where a trial stands under each regulation')
    .argument('<trial>')
    .option('--at <instant>', 'at that time (default: now)', instant)
    .action((trial: string, flags: { readonly json?: true; readonly at?: string }) =>
      withLedger(command, async ({ trials }) => {
        const report = await trials.clocks(trial, flags.at ?? '');
        const rows = report.clocks.map(({ clock, status, due, citation, doubts }) => [
          clock,
          status,
          due === undefined ? '' : due.first === due.last ? due.first : `${due.first} … ${due.last}`,
          citation,
          shortened(doubts.join('; ')),
        ]);
        const packs = report.packs.map(
          ({ pack, verdict, reasons }) =>
            `${pack}: ${verdict} (${reasons.map(({ text }) => text).join('; ')})`,
        );
        show(
          flags,
          report,
          [...packs.map(printable), table(['clock', 'status', 'due', 'citation', 'doubts'], rows)].join('\n'),
        );
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger trial clocks NCT01234567 --at 2027-01-01');
  return withAll(command);
}

function delaysCommand(): Command {
  const command: Command = new Command('delays')
    .description('certificates of delay, extensions and waivers of the results of a trial')
    .argument('<trial>')
    .action((trial: string, flags: { readonly json?: true }) =>
      withLedger(command, async ({ trials }) => {
        const delays = await trials.delays(trial);
        const rows = delays.map(({ delay, kind, instant, until = '', ended, reason }) => [
          String(delay),
          kind,
          instant,
          until,
          ended
            ? `${ended.event} ${ended.date}${ended.until === undefined ? '' : ` until ${ended.until}`}`
            : '',
          shortened(reason),
        ]);
        const head = ['delay', 'kind', 'submitted', 'asks for', 'ended', 'reason'];
        show(flags, delays, rows.length === 0 ? 'None.' : table(head, rows));
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger trial delays NCT01234567');
  return withAll(command);
}

interface ExportFlags {
  readonly output?: string;
  readonly version?: number;
}

function exportCommand(): Command {
  const command: Command = new Command('export')
    .description(
      "a trial's record in ClinicalTrials.gov v2 form, with those contacts that the own organization holds",
    )
    .argument('<trial>')
    .option('-o, --output <file>', 'where to (default: standard output)')
    .option('--version <number>', 'an earlier version (without contacts)', wholeNumber(1))
    .action((trial: string, { output, version }: ExportFlags) =>
      withLedger(command, async ({ trials }) => {
        const record =
          version === undefined ? (await trials.get(trial)).record : await versionOf(trials, trial, version);
        await writeText(output, `${JSON.stringify(record, undefined, 2)}\n`);
      }),
    )
    .addHelpText('after', '\nExample:\n  vitaledger trial export NCT01234567 -o NCT01234567.json');
  return withLedgerOptions(command);
}

async function versionOf(trials: Trials, trial: string, version: number): Promise<unknown> {
  const found = (await trials.history(trial))[version - 1];
  if (!found) throw new VitaledgerError('NOT_FOUND', `The trial has no version ${version}`);
  return found.record;
}
