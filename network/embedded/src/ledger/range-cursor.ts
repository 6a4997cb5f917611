import type { Cursor, KeyValue, RangeCursor } from './ledger.js';
import { QueryResults } from './query-results.js';
import type { RangeQuery } from './read-write-set.js';
import type { StateItem, StateIterator } from './state-database.js';
import { fromBinary, splitStateKey } from './state-key.js';

function keyOf([stateKey]: StateItem): string {
  return fromBinary(splitStateKey(stateKey).key);
}

/** A range over public state that records what has been read from it (txmgr/query_executor.go, resultsItr). */
export class RecordingCursor implements RangeCursor {
  readonly #items: StateIterator;
  readonly #startKey: string;
  readonly #end: string;
  readonly #results = new QueryResults();
  /** Results that may still be read; a paginated range seems to end after its page. */
  #left: number;
  #lastKey = '';
  #exhausted = false;
  #bookmark: string | undefined;

  /** A `pageSize` of 0 is no limit. */
  constructor(items: StateIterator, range: { start: string; end: string; pageSize: number }) {
    this.#items = items;
    this.#startKey = range.start;
    this.#end = range.end;
    this.#left = range.pageSize === 0 ? Infinity : range.pageSize;
  }

  async next(limit: number): Promise<readonly KeyValue[]> {
    if (this.#exhausted || limit === 0) {
      return [];
    }
    const wanted = Math.min(limit, this.#left);
    const items = wanted === 0 ? [] : await this.#items.next(wanted);
    this.#exhausted = items.length < limit;
    this.#left -= items.length;
    return items.map((item) => {
      const [, { value, version }] = item;
      const key = keyOf(item);
      this.#results.add({ key, version });
      this.#lastKey = key;
      return { key, value };
    });
  }

  async bookmark(): Promise<string> {
    if (this.#bookmark === undefined) {
      const [following] = await this.#items.next(1);
      this.#bookmark = following === undefined ? '' : keyOf(following);
      await this.close();
    }
    return this.#bookmark;
  }

  close(): Promise<void> {
    return this.#items.close();
  }

  /** What goes into the read set; an unread range, too. */
  recorded(): RangeQuery {
    return {
      startKey: this.#startKey,
      endKey: this.#exhausted ? this.#end : this.#lastKey,
      exhausted: this.#exhausted,
      ...this.#results.done(),
    };
  }
}

/** A range over private data, which goes into no read set. */
export class PrivateCursor implements Cursor<KeyValue> {
  constructor(readonly items: StateIterator) {}

  async next(limit: number): Promise<readonly KeyValue[]> {
    const items = await this.items.next(limit);
    return items.map((item) => ({ key: keyOf(item), value: item[1].value }));
  }

  close(): Promise<void> {
    return this.items.close();
  }
}

/** What a peer sees that holds no data of the collection: nothing, and no error. */
export const EMPTY_CURSOR: Cursor<never> = {
  next: () => Promise.resolve([]),
  close: () => Promise.resolve(),
};
