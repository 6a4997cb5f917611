import type { Ledger } from '../ledger/ledger.js';
import { readingSizes, readPostings } from './index-blocks.js';
import { postingsOf } from './trial-index.js';

/** Counts the entries that a page reads, so that it ends in time whatever is asked. */
export class ReadBudget {
  #left: number;

  constructor(entries: number) {
    this.#left = entries;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(entries: number): void {
    this.#left -= entries;
  }
}

/** The trials of one term, in the order of their ids, read in chunks where they are needed. */
class PostingList {
  readonly #ledger: Ledger;
  readonly #term: string;
  readonly #budget: ReadBudget;
  #ids: readonly string[] = [];
  #isAtEnd = false;
  #from: string | undefined;
  readonly #sizes = readingSizes();

  constructor(ledger: Ledger, term: string, budget: ReadBudget) {
    this.#ledger = ledger;
    this.#term = term;
    this.#budget = budget;
  }

  /** The first id that is not before `target`. */
  async seek(target: string): Promise<string | undefined> {
    const isBehind = this.#from !== undefined && target >= this.#from;
    const known = isBehind ? this.#knownFrom(target) : undefined;
    if (known !== undefined || (isBehind && this.#isAtEnd)) return known;
    await this.#load(target);
    return this.#ids[0];
  }

  /** Ids are in order, and thousands where trials were registered together. */
  #knownFrom(target: string): string | undefined {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ids[middle] ?? '') < target) low = middle + 1;
      else high = middle;
    }
    return this.#ids[low];
  }

  async #load(from: string): Promise<void> {
    const range = postingsOf(this.#term, from);
    const { entries, read, isAtEnd } = await readPostings(this.#ledger, range, this.#sizes.next().value);
    this.#budget.spend(read + 1);
    [this.#ids, this.#from, this.#isAtEnd] = [entries.map(({ name }) => name), from, isAtEnd];
  }
}

/** What a search comes to next. */
export interface Candidate {
  readonly id: string;
  /** False when the budget ended before it was known whether the trial has a term of each group. */
  readonly isComplete: boolean;
}

/**
 * The trials that have a term of each group, in the order of their ids, from `from` on. Each list is asked for the first id that the
 * others may have too, so that a rare term keeps all from being read.
 */
export async function* trialsWith(
  ledger: Ledger,
  groups: readonly (readonly string[])[],
  from: string,
  budget: ReadBudget,
): AsyncGenerator<Candidate> {
  const lists = groups.map((terms) => terms.map((term) => new PostingList(ledger, term, budget)));
  let target = from;
  for (;;) {
    let agreed = true;
    for (const group of lists) {
      const next = await seekAny(group, target);
      if (next === undefined) return;
      if (next !== target) agreed = false;
      target = next;
    }
    if (!agreed && budget.isSpent) {
      yield { id: target, isComplete: false };
      return;
    }
    if (!agreed) continue;
    yield { id: target, isComplete: true };
    target = after(target);
  }
}

/** The place right behind an id: the ids that begin with it are of no other trial. */
function after(id: string): string {
  return `${id}~`;
}

async function seekAny(group: readonly PostingList[], target: string): Promise<string | undefined> {
  let first: string | undefined;
  for (const list of group) {
    const next = await list.seek(target);
    if (next !== undefined && (first === undefined || next < first)) first = next;
  }
  return first;
}
