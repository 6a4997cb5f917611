import {
  cardOf,
  delaysOf,
  indexTerms,
  openDuties,
  type OpenDuty,
  type TrialCard,
  type TrialDelay,
  type TrialRecord,
  VitaledgerError,
} from '@vitaledger/domain';
import type { Ledger, PublicKey, PublicRange } from '../ledger/ledger.js';
import { putPostings, removePosting, saySame } from './index-blocks.js';
import type { TrialHead } from './trial.js';

/*
 * Plain keys, so that LevelDB answers: `trial-card/<id>`, a posting `trial-index/<term>/<id>` for every term of a trial, and for each
 * duty that is not met a posting in order of its day, `trial-due/<scope>/<first day>/<clock>/<id>`, among all trials, the sponsor's
 * and the clock's. All are written in the transaction that changes the trial. What trials that were registered together share is in blocks, see
 * `index-blocks.ts`, except their status, which soon changes for each of them.
 */

export type DutyPosting = OpenDuty & { readonly trial: string };

export function cardKey(id: string): PublicKey<TrialCard> {
  return { public: `trial-card/${id}` };
}

/** The trials of a term, by id. */
export function postingsOf(term: string, from?: string): PublicRange<number> {
  return { prefix: `trial-index/${term}/`, from };
}

/** The open duties of a scope in the order of their days, from a name on, up to a day (not included). */
export function dutiesOf(scope: string, before: string, from?: string): PublicRange<DutyPosting> {
  return { prefix: `trial-due/${scope}/`, from, before };
}

export const ALL_DUTIES = 'all';

/** Where the postings of a trial's status begin. */
const STATUS = `trial-index/${encodeURIComponent('status=')}`;

export function sponsorsDuties(sponsor: string): string {
  return encodeURIComponent(`sponsor=${sponsor}`);
}

export function clocksDuties(clock: string): string {
  return encodeURIComponent(`clock=${clock}`);
}

/** What a transaction changed that the index shows. */
export interface IndexedChange {
  readonly record: TrialRecord;
  readonly delays: readonly TrialDelay[];
  readonly instant: string;
  /** Whether the record is a new version; if not, only the delays have changed. */
  readonly isVersion: boolean;
}

/** Puts new trials, of one transaction, into the index. */
export async function indexNewTrials(ledger: Ledger, cards: readonly TrialCard[]): Promise<void> {
  const shared = new Map<string, unknown>();
  for (const card of cards) {
    for (const [key, value] of postings(card)) {
      if (key.startsWith(STATUS)) await ledger.put({ public: key }, value);
      else shared.set(key, value);
    }
    await ledger.put(cardKey(card.id), card);
  }
  await putPostings(ledger, shared);
}

/**
 * Brings the index to what a trial is after this transaction: what is new is added, what no longer holds is removed.
 *
 * @param change absent when only the status has changed.
 */
export async function indexTrial(
  ledger: Ledger,
  head: TrialHead,
  change: IndexedChange | undefined,
): Promise<void> {
  const before = await ledger.get(cardKey(head.id));
  const card = before && cardAfter(head, change, before);
  if (!card) throw new VitaledgerError('INTEGRITY', 'The trial is not indexed.', { trial: head.id });
  const [old, now] = [postings(before), postings(card)];
  for (const [key, value] of old) if (!saySame(now, key, value)) await removePosting(ledger, key);
  for (const [key, value] of now) if (!saySame(old, key, value)) await ledger.put({ public: key }, value);
  await ledger.put(cardKey(head.id), card);
}

function cardAfter(
  { id, sponsor, status, version }: TrialHead,
  change: IndexedChange | undefined,
  before: TrialCard,
): TrialCard {
  if (change?.isVersion) {
    const { record, instant, delays } = change;
    return cardOf({ id, sponsor, status, version }, record, instant, before, delays);
  }
  if (!change) return { ...before, status };
  const subject = { record: change.record, history: before.history, ...delaysOf(change.delays) };
  return { ...before, duties: openDuties(subject, change.instant) };
}

function postings(card: TrialCard): ReadonlyMap<string, unknown> {
  const all = new Map<string, unknown>();
  for (const term of indexTerms(card)) all.set(`${postingsOf(term).prefix}${card.id}`, 1);
  for (const duty of card.duties) {
    const { clock, due } = duty;
    const posting: DutyPosting = { ...duty, trial: card.id };
    for (const scope of [ALL_DUTIES, sponsorsDuties(card.sponsor), clocksDuties(clock)])
      all.set(`${dutiesOf(scope, '').prefix}${due.first}/${clock}/${card.id}`, posting);
  }
  return all;
}
