import { Command } from 'commander';
import type {
  DutiesQuery,
  ListedDuty,
  ListedTrial,
  OverdueQuery,
  TrialQuery,
  Trials,
} from '../../trials/trials.js';
import { withLedger, withLedgerOptions } from '../ledger-options.js';
import { shortened, table } from '../table.js';
import { instant, show, wholeNumber, withJson } from './trial-input.js';

/** Commands that find trials. */
export function searchCommands(): readonly Command[] {
  return [searchCommand(), overdueCommand(), dueCommand()];
}

const FILTERS = [
  'condition',
  'intervention',
  'title',
  'leadSponsor',
  'country',
  'phase',
  'status',
  'recruitment',
  'sponsor',
] as const;

interface SearchFlags extends Partial<Record<(typeof FILTERS)[number], string>> {
  readonly startFrom?: string;
  readonly startTo?: string;
  readonly completionFrom?: string;
  readonly completionTo?: string;
  readonly limit: number;
  readonly bookmark?: string;
  readonly json?: true;
}

function searchCommand(): Command {
  const command: Command = new Command('search')
    .description('trials that satisfy every filter, in the order of their numbers')
    .option('--condition <words>', 'that all stand in one condition')
    .option('--intervention <words>', 'that all stand in one intervention')
    .option('--title <words>', 'of its brief or official title')
    .option('--lead-sponsor <words>', "of the lead sponsor's name")
    .option('--country <name>', 'with a site')
    .option('--phase <code>', 'such as PHASE3')
    .option('--status <status>', 'on the registry, such as registered')
    .option('--recruitment <code>', 'such as RECRUITING')
    .option('--sponsor <MSP id>', 'the organization that registered it')
    .option('--start-from <date>', 'day or month')
    .option('--start-to <date>', 'day or month')
    .option('--completion-from <date>', 'day or month')
    .option('--completion-to <date>', 'day or month')
    .option('--limit <number>', 'how many at most', wholeNumber(1), 50)
    .option('--bookmark <bookmark>', 'go on where the command before ended')
    .action((flags: SearchFlags) =>
      withLedger(command, async ({ trials }) => {
        const query = queryOf(flags);
        const { found, bookmark } = await taken(flags, async (page) => {
          const next = await trials.searchPage(query, page);
          return { found: next.trials, bookmark: next.bookmark };
        });
        const rows = table(['trial', 'status', 'start', 'title'], found.map(rowOf));
        const more = bookmark !== '';
        show(flags, { trials: found, more, ...(more ? { bookmark } : {}) }, withMore(rows, bookmark));
      }),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial search --condition hypertension --phase PHASE3\n  vitaledger trial search --sponsor ResearchMSP --start-from 2026-01 --json',
    );
  return withJson(withLedgerOptions(command));
}

function queryOf(flags: SearchFlags): TrialQuery {
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
  const range = (name: string, from?: string, to?: string): object =>
    from === undefined && to === undefined
      ? {}
      : { [name]: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) } };
  return {
    ...filters,
    ...range('start', flags.startFrom, flags.startTo),
    ...range('completion', flags.completionFrom, flags.completionTo),
  };
}

function rowOf({ id, status, start = '', titles }: ListedTrial): string[] {
  return [id, status, start, shortened(titles[0] ?? '')];
}

const DUTY_FILTERS = ['within', 'at', 'sponsor', 'country', 'clock'] as const;

interface OverdueFlags extends OverdueQuery {
  readonly limit: number;
  readonly bookmark?: string;
  readonly json?: true;
}

/** Options that both lists of duties have. */
function withDutyFilters(command: Command): Command {
  const filtered = command
    .option('--at <instant>', 'at that time (default: now)', instant)
    .option('--sponsor <MSP id>', 'the organization that registered the trial')
    .option('--country <name>', 'with a site')
    .option('--clock <clock>', 'such as us-results; docs/trial-clocks.md lists them')
    .option('--limit <number>', 'how many at most', wholeNumber(1), 50)
    .option('--bookmark <bookmark>', 'go on where the command before ended; name its --at too');
  return withJson(withLedgerOptions(filtered));
}

const askedOf = (flags: OverdueFlags): OverdueQuery =>
  Object.fromEntries(
    DUTY_FILTERS.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );

async function showDuties(trials: Trials, flags: OverdueFlags, more: DutiesQuery = {}): Promise<void> {
  const query = { at: new Date().toISOString(), ...askedOf(flags), ...more };
  const { found, bookmark } = await taken(flags, async (page) => {
    const next = await trials.dutiesPage(query, page);
    return { found: next.duties, bookmark: next.bookmark };
  });
  const rows = table(['due', 'clock', 'status', 'trial', 'title'], found.map(dutyRow));
  const isMore = bookmark !== '';
  const answer = { at: query.at, duties: found, more: isMore, ...(isMore ? { bookmark } : {}) };
  show(flags, answer, withMore(rows, bookmark));
}

function overdueCommand(): Command {
  const command: Command = new Command('overdue')
    .description('duties whose limit has passed, or comes soon, the earliest first')
    .option('--within <days>', 'also those that come due within so many days', wholeNumber(0))
    .action((flags: OverdueFlags) => withLedger(command, ({ trials }) => showDuties(trials, flags)))
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial overdue --clock us-results\n  vitaledger trial overdue --within 30 --sponsor ResearchMSP --country Germany',
    );
  return withDutyFilters(command);
}

function dueCommand(): Command {
  const command: Command = new Command('due')
    .description('duties whose limit has not come, and comes within so many days, the earliest first')
    .argument('<days>', 'how many', wholeNumber(0))
    .action((days: number, flags: OverdueFlags) =>
      withLedger(command, ({ trials }) => showDuties(trials, flags, { within: days, coming: true })),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  vitaledger trial due 30\n  vitaledger trial due 90 --clock us-results --sponsor ResearchMSP --json',
    );
  return withDutyFilters(command);
}

function dutyRow({ due, clock, status, trial }: ListedDuty): string[] {
  return [
    due.first === due.last ? due.first : `${due.first} … ${due.last}`,
    clock,
    status,
    trial.id,
    shortened(trial.titles[0] ?? ''),
  ];
}

interface Taken<T> {
  readonly found: readonly T[];
  /** Where the next ones begin; empty when there are none. */
  readonly bookmark: string;
}

const MOST_A_PAGE = 200;

/** As many as are asked for, page by page. */
async function taken<T>(
  { limit, bookmark: first = '' }: { readonly limit: number; readonly bookmark?: string },
  read: (page: { readonly pageSize: number; readonly bookmark?: string }) => Promise<Taken<T>>,
): Promise<Taken<T>> {
  const found: T[] = [];
  let bookmark = first;
  do {
    const pageSize = Math.min(limit - found.length, MOST_A_PAGE);
    const page = await read({ pageSize, ...(bookmark === '' ? {} : { bookmark }) });
    found.push(...page.found);
    bookmark = page.bookmark;
  } while (bookmark !== '' && found.length < limit);
  return { found, bookmark };
}

function withMore(text: string, bookmark: string): string {
  if (bookmark !== '') return `${text}\n… and more: raise --limit, or go on with --bookmark ${bookmark}`;
  return text === '' ? 'None.' : text;
}
