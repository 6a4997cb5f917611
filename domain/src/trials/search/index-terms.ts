import type { TrialCard } from './trial-card.js';

/** What a trial is found by: one term for every word, code and month. */
export type TermField =
  | 'all'
  | 'completion'
  | 'condition'
  | 'country'
  | 'intervention'
  | 'lead-sponsor'
  | 'phase'
  | 'recruitment'
  | 'sponsor'
  | 'start'
  | 'status'
  | 'title';

const FILLERS = new Set('a an and at by for from in of on or the to with'.split(' '));
const MAX_WORD = 40;

/** A text as search sees it: its words in lower case, each once, without those that stand everywhere. */
export function searchWords(text: string): readonly string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  // Cut by code points, so that no half of a surrogate pair remains.
  const cut = words
    .filter((word) => !FILLERS.has(word))
    .map((word) => Array.from(word).slice(0, MAX_WORD).join(''));
  return [...new Set(cut)];
}

/** A name or code that is compared as a whole, whatever its case and space. */
export function searchName(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/gu, ' ');
}

/** `field=value`, for a key: printable ASCII without a slash. */
export function term(field: TermField, value: string): string {
  return encodeURIComponent(`${field}=${value}`);
}

/** Every term of a trial, each once. */
export function indexTerms(card: TrialCard): readonly string[] {
  const words = (field: TermField, texts: readonly string[]): string[] =>
    texts.flatMap(searchWords).map((word) => term(field, word));
  const names = (field: TermField, texts: readonly string[]): string[] =>
    texts.map((text) => term(field, searchName(text)));
  const dates = (field: TermField, date: string | undefined): string[] =>
    date === undefined ? [] : bucketsOf(date).map((bucket) => term(field, bucket));
  return [
    ...new Set([
      term('all', ''),
      term('sponsor', card.sponsor),
      ...words('title', card.titles),
      ...words('condition', card.conditions),
      ...words('intervention', card.interventions),
      ...words('lead-sponsor', card.leadSponsor === undefined ? [] : [card.leadSponsor]),
      ...names('country', card.countries),
      ...names('phase', card.phases),
      ...names('status', [card.status]),
      ...names('recruitment', [card.recruitment]),
      ...dates('start', card.start),
      ...dates('completion', card.completion),
    ]),
  ];
}

/** The decade, year and month of a date: `202`, `2026`, `2026-03`. */
function bucketsOf(date: string): readonly string[] {
  return [date.slice(0, 3), date.slice(0, 4), date.slice(0, 7)];
}

const [FIRST_MONTH, LAST_MONTH] = [1900 * 12, 2099 * 12 + 11];

/**
 * The fewest decades, years and months that cover the months from `from` to `to` (dates of any precision; from 1900, to 2099 where
 * one is absent).
 */
export function bucketsBetween(from: string | undefined, to: string | undefined): readonly string[] {
  let month = Math.max(FIRST_MONTH, from === undefined ? FIRST_MONTH : monthOf(from));
  const last = Math.min(LAST_MONTH, to === undefined ? LAST_MONTH : monthOf(to));
  const buckets: string[] = [];
  while (month <= last) {
    const length = [120, 12].find((months) => month % months === 0 && month + months - 1 <= last) ?? 1;
    buckets.push(bucket(month, length));
    month += length;
  }
  return buckets;
}

function monthOf(date: string): number {
  return Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
}

function bucket(month: number, length: number): string {
  const year = String(Math.floor(month / 12)).padStart(4, '0');
  if (length === 120) return year.slice(0, 3);
  return length === 12 ? year : `${year}-${String((month % 12) + 1).padStart(2, '0')}`;
}
