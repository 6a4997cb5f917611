import {
  checkShape,
  invalid,
  isInstant,
  matchesQuery,
  queryTerms,
  searchName,
  statusOfOpenDuty,
  text,
  type ClockStatus,
  type DaySpan,
  type TrialCard,
  trialQueryShape,
  wholeNumber,
  addPeriod,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { readJson } from '../ledger/json-text.js';
import type { Ledger, PublicEntry, PublicRange } from '../ledger/ledger.js';
import { readingSizes, readPostings } from './index-blocks.js';
import { ReadBudget, trialsWith } from './posting-lists.js';
import {
  ALL_DUTIES,
  cardKey,
  clocksDuties,
  dutiesOf,
  type DutyPosting,
  sponsorsDuties,
} from './trial-index.js';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
/** Index entries that one page reads at most; then it ends early, with a bookmark. */
const MAX_READS = 5000;

/** A trial as lists show it. */
export type ListedTrial = Omit<TrialCard, 'history' | 'duties'>;

const pageSize = v.exactOptional(wholeNumber(1, MAX_PAGE));
const bookmarkOf = (pattern: RegExp) =>
  v.exactOptional(text((value) => pattern.test(String(value)), 'must be the bookmark of the page before'));

const searchShape = v.strictObject({
  ...trialQueryShape,
  pageSize,
  bookmark: bookmarkOf(/^(VL-[0-9a-f]{16}(-[0-9a-f]{2})?)?$/),
});

/**
 * One page of the trials that satisfy every filter, in the order of their numbers.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export async function searchTrials(
  ledger: Ledger,
  json: string,
): Promise<{ readonly trials: readonly ListedTrial[]; readonly bookmark: string }> {
  const {
    pageSize: size = DEFAULT_PAGE,
    bookmark = '',
    ...filters
  } = checkShape(searchShape, readJson(json, 'query'), 'query');
  const budget = new ReadBudget(MAX_READS);
  const trials: ListedTrial[] = [];
  // Each page goes on by one trial at least, however much its filters make it read.
  let looked = 0;
  for await (const { id, isComplete } of trialsWith(ledger, queryTerms(filters), bookmark, budget)) {
    const isFull = trials.length === size || (budget.isSpent && looked > 0);
    if (!isComplete || isFull) return { trials, bookmark: id };
    looked += 1;
    const card = await ledger.get(cardKey(id));
    budget.spend(1);
    if (card && matchesQuery(card, filters)) trials.push(listed(card));
  }
  return { trials, bookmark: '' };
}

const duesShape = v.strictObject({
  at: v.exactOptional(text(isInstant, 'must be an instant such as 2026-03-01T12:00:00.000Z')),
  within: v.exactOptional(wholeNumber(0, 3660)),
  coming: v.exactOptional(v.boolean()),
  sponsor: v.exactOptional(v.string()),
  country: v.exactOptional(v.string()),
  clock: v.exactOptional(v.string()),
  pageSize,
  bookmark: bookmarkOf(/^(\d{4}-\d\d-\d\d\/[a-z0-9-]+\/VL-[0-9a-f]{16}(-[0-9a-f]{2})?)?$/),
});

type DuesQuery = v.InferOutput<typeof duesShape>;

/** A duty that is or will be overdue. */
export interface ListedDuty {
  readonly trial: ListedTrial;
  readonly clock: string;
  readonly due: DaySpan;
  readonly status: ClockStatus;
}

/**
 * One page of the duties whose limit has come by `at`, or comes within so many days from it, the earliest first; or of those alone that are `coming`.
 * They are the duties that are open now.
 *
 * @param now used when the query names no instant.
 */
export async function overdueTrials(
  ledger: Ledger,
  json: string,
  now: string,
): Promise<{ readonly at: string; readonly duties: readonly ListedDuty[]; readonly bookmark: string }> {
  const query = checkShape(duesShape, readJson(json, 'query'), 'query');
  const { at = now, pageSize: size = DEFAULT_PAGE } = query;
  const today = at.slice(0, 10);
  const duties: ListedDuty[] = [];
  let read = 0;
  for await (const { name, value } of postingsIn(ledger, asked(query, today))) {
    if (duties.length === size || read++ === MAX_READS) return { at, duties, bookmark: name };
    const card = await ledger.get(cardKey(value.trial));
    if (!card || !isAsked(card, value.clock, query)) continue;
    const status = statusOfOpenDuty(today, value.due, value.isDoubtful);
    duties.push({ trial: listed(card), clock: value.clock, due: value.due, status });
  }
  return { at, duties, bookmark: '' };
}

/** The duties of those days that a query is about. */
function asked(query: DuesQuery, today: string): PublicRange<DutyPosting> {
  const { within, coming, bookmark = '' } = query;
  // A limit is kept on its day: what is overdue was due the day before at the latest.
  const before = within === undefined ? today : addPeriod(today, { days: within + 1 });
  const first = coming === true ? today : undefined;
  return dutiesOf(scopeOf(query), before, bookmark === '' ? first : bookmark);
}

/** Postings of a range, one after the other, read in chunks. */
async function* postingsIn<T>(ledger: Ledger, range: PublicRange<T>): AsyncGenerator<PublicEntry<T>> {
  let from = range.from;
  for (const keys of readingSizes()) {
    const page = await readPostings(ledger, { ...range, from }, keys);
    yield* page.entries;
    if (page.isAtEnd) return;
    from = `${page.entries.at(-1)?.name ?? ''}~`;
  }
}

interface DutyFilter {
  readonly sponsor?: string;
  readonly country?: string;
  readonly clock?: string;
}

function isAsked(card: TrialCard, dutysClock: string, { sponsor, country, clock }: DutyFilter): boolean {
  const isThere = card.countries.some((one) => searchName(one) === searchName(country ?? ''));
  return (
    (sponsor === undefined || sponsor === card.sponsor) &&
    (clock === undefined || clock === dutysClock) &&
    (country === undefined || isThere)
  );
}

/** The narrowest order that the index keeps. */
function scopeOf({ sponsor, clock }: DutyFilter): string {
  for (const [name, value] of Object.entries({ sponsor, clock })) {
    if (value !== undefined && /\p{Surrogate}/u.test(value)) throw invalid(`query.${name}`, 'must be text');
  }
  if (sponsor !== undefined) return sponsorsDuties(sponsor);
  return clock === undefined ? ALL_DUTIES : clocksDuties(clock);
}

function listed(card: TrialCard): ListedTrial {
  const shown = Object.entries(card).filter(([name]) => name !== 'history' && name !== 'duties');
  return Object.fromEntries(shown) as unknown as ListedTrial;
}
