import * as v from 'valibot';
import { invalid } from '../../errors/index.js';
import { checkShape, text } from '../../json/index.js';
import { daysOf, type DaySpan } from '../clocks/index.js';
import { isTrialDate } from '../trial-date.js';
import { bucketsBetween, searchName, searchWords, term, type TermField } from './index-terms.js';
import type { TrialCard } from './trial-card.js';

/** From a day or month to a day or month, both included; open where one is absent. */
export interface DateRange {
  readonly from?: string;
  readonly to?: string;
}

/** What trials are searched by; filters combine, so that each trial found satisfies all. */
export interface TrialQuery {
  /** Words that all stand in one of the trial's conditions. */
  readonly condition?: string;
  /** Words that all stand in the name of one of its interventions. */
  readonly intervention?: string;
  /** Words of its brief or official title. */
  readonly title?: string;
  /** A country as records write it, in whatever case. */
  readonly country?: string;
  /** MSP id of the organization that registered it. */
  readonly sponsor?: string;
  /** Words of the lead sponsor's name. */
  readonly leadSponsor?: string;
  /** Such as `PHASE3`. */
  readonly phase?: string;
  /** Its status on the registry, such as `registered`. */
  readonly status?: string;
  /** Its recruitment status, such as `RECRUITING`. */
  readonly recruitment?: string;
  /** When it starts; a month without a day counts for each of its days. */
  readonly start?: DateRange;
  /** When it ends. */
  readonly completion?: DateRange;
}

const phrase = v.exactOptional(
  text(
    (value) =>
      typeof value === 'string' &&
      value.trim() !== '' &&
      value.length <= 200 &&
      !/\p{Surrogate}/u.test(value),
    'must be a text of 1 to 200 characters',
  ),
);
const day = v.exactOptional(text(isTrialDate, 'must be a date such as 2019-02 or 2019-02-28'));
const range = v.exactOptional(v.strictObject({ from: day, to: day }));

/** The members of a query, for shapes that have more. */
export const trialQueryShape = {
  condition: phrase,
  intervention: phrase,
  title: phrase,
  country: phrase,
  sponsor: phrase,
  leadSponsor: phrase,
  phase: phrase,
  status: phrase,
  recruitment: phrase,
  start: range,
  completion: range,
};

/**
 * Accepts a query.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function checkTrialQuery(query: unknown): TrialQuery {
  return checkShape(v.strictObject(trialQueryShape), query, 'query');
}

/** Members of a query whose words are terms of their own. */
const WORDS: readonly (readonly [
  member: 'condition' | 'intervention' | 'leadSponsor' | 'title',
  field: TermField,
])[] = [
  ['condition', 'condition'],
  ['intervention', 'intervention'],
  ['leadSponsor', 'lead-sponsor'],
  ['title', 'title'],
];
const NAMES = ['country', 'phase', 'status', 'recruitment'] as const;

/**
 * What a trial must be indexed under to be found: one term of each group.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for a text without any word that can be searched, or a range that runs backwards.
 */
export function queryTerms(query: TrialQuery): readonly (readonly string[])[] {
  const groups: string[][] = [];
  for (const [member, field] of WORDS) {
    const value = query[member];
    if (value === undefined) continue;
    const words = searchWords(value);
    if (words.length === 0) throw invalid(`query.${member}`, 'must have a word that can be searched');
    groups.push(...words.map((word) => [term(field, word)]));
  }
  for (const member of NAMES) {
    const value = query[member];
    if (value !== undefined) groups.push([term(member, searchName(value))]);
  }
  if (query.sponsor !== undefined) groups.push([term('sponsor', query.sponsor)]);
  for (const member of ['start', 'completion'] as const) {
    const value = query[member];
    if (value !== undefined) groups.push(rangeTerms(member, value));
  }
  return groups.length === 0 ? [[term('all', '')]] : groups;
}

function rangeTerms(member: 'start' | 'completion', { from, to }: DateRange): string[] {
  const buckets = bucketsBetween(from, to);
  if (buckets.length === 0)
    throw invalid(`query.${member}`, 'must not run backwards, and lie between 1900 and 2099');
  return buckets.map((bucket) => term(member, bucket));
}

/** What terms cannot tell: that words stand in one condition, and days within a month. */
export function matchesQuery(card: TrialCard, query: TrialQuery): boolean {
  return (
    standInOne(card.conditions, query.condition) &&
    standInOne(card.interventions, query.intervention) &&
    liesWithin(card.start, query.start) &&
    liesWithin(card.completion, query.completion)
  );
}

function standInOne(texts: readonly string[], words: string | undefined): boolean {
  if (words === undefined) return true;
  const wanted = searchWords(words);
  return texts.some((one) => {
    const has = new Set(searchWords(one));
    return wanted.every((word) => has.has(word));
  });
}

function liesWithin(date: string | undefined, range: DateRange | undefined): boolean {
  if (range === undefined) return true;
  const days = daysOf(date);
  if (days === undefined) return false;
  const [from, to] = [daysOf(range.from), daysOf(range.to)];
  return overlaps(days, from?.first ?? '', to?.last ?? '9999');
}

function overlaps({ first, last }: DaySpan, from: string, to: string): boolean {
  return last >= from && first <= to;
}
