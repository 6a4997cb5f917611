import { readUint64, uint32, writeUint64 } from './key-bytes.js';
import type { EntryIterator, KeyValueReader, KeyValueSnapshot, Write } from './key-value-store.js';
import { stateKeyBytes, stateKeyOf, type StateKey, type StateRange } from './state-key.js';
import {
  decodeVersionedValue,
  encodeVersionedValue,
  type StateUpdate,
  type VersionedValue,
} from './versioned-value.js';

/** Values of the world state at one moment. */
export interface StateReader {
  get(key: StateKey): VersionedValue | undefined;
  iterate(range: StateRange): StateIterator;
}

export interface StateIterator {
  /** Up to `limit` further values in the order of their keys; an empty array at the end. */
  next(limit: number): Promise<StateItem[]>;
  close(): Promise<void>;
}

export type StateItem = readonly [key: StateKey, value: VersionedValue];

/** The world state in a key-value store, or in a snapshot of one. */
export class StoredState implements StateReader {
  constructor(readonly store: KeyValueReader) {}

  get(key: StateKey): VersionedValue | undefined {
    const bytes = this.store.get(stateKeyBytes(key));
    return bytes === undefined ? undefined : decodeVersionedValue(bytes);
  }

  iterate({ start, end }: StateRange): StateIterator {
    return new StoredIterator(this.store.iterate({ start: stateKeyBytes(start), end: stateKeyBytes(end) }));
  }
}

export class StateSnapshot extends StoredState {
  constructor(readonly snapshot: KeyValueSnapshot) {
    super(snapshot);
  }

  close(): Promise<void> {
    return this.snapshot.close();
  }
}

class StoredIterator implements StateIterator {
  constructor(readonly entries: EntryIterator) {}

  async next(limit: number): Promise<StateItem[]> {
    const page = await this.entries.next(limit);
    return page.map(([key, value]) => [stateKeyOf(key), decodeVersionedValue(value)] as const);
  }

  close(): Promise<void> {
    return this.entries.close();
  }
}

export type StateUpdates = ReadonlyMap<StateKey, StateUpdate>;

export function stateWrites(updates: StateUpdates): Write[] {
  const writes: Write[] = [];
  for (const [key, update] of updates) {
    const { value, metadata, version } = update;
    writes.push({
      key: stateKeyBytes(key),
      value: value === undefined ? undefined : encodeVersionedValue({ value, metadata, version }),
    });
  }
  return writes;
}

/**
 * How far the state is: written in the same batch as the updates of the blocks that lead there, so that a crash leaves
 * the one with the other. Blocks beyond it are applied again when the ledger opens.
 */
export interface Savepoint {
  readonly block: number;
  /** Where the next block begins in the block file. */
  readonly end: number;
  readonly lastHash: Buffer;
  /** Empty until block 1. */
  readonly commitHash: Buffer;
}

const SAVEPOINT_KEY = Buffer.from('s');

export function savepointWrite({ block, end, lastHash, commitHash }: Savepoint): Write {
  const numbers = Buffer.allocUnsafe(16);
  writeUint64(numbers, block, 0);
  writeUint64(numbers, end, 8);
  return {
    key: SAVEPOINT_KEY,
    value: Buffer.concat([numbers, uint32(lastHash.length), lastHash, commitHash]),
  };
}

export function readSavepoint(store: KeyValueReader): Savepoint | undefined {
  const bytes = store.get(SAVEPOINT_KEY);
  if (bytes === undefined) {
    return undefined;
  }
  const hashEnd = 20 + bytes.readUInt32BE(16);
  return {
    block: readUint64(bytes, 0),
    end: readUint64(bytes, 8),
    lastHash: bytes.subarray(20, hashEnd),
    commitHash: bytes.subarray(hashEnd),
  };
}

/**
 * A state with updates on top that are not written yet: what the transactions of a block are validated against, when
 * earlier blocks of the same group have not been applied.
 */
export class OverlaidState implements StateReader {
  constructor(
    readonly base: StateReader,
    readonly updates: StateUpdates,
  ) {}

  get(key: StateKey): VersionedValue | undefined {
    const update = this.updates.get(key);
    return update === undefined ? this.base.get(key) : present(update);
  }

  iterate(range: StateRange): StateIterator {
    const base = this.base.iterate(range);
    return this.updates.size === 0 ? base : new OverlaidIterator(base, this.updates, range);
  }
}

function present({ value, metadata, version }: StateUpdate): VersionedValue | undefined {
  return value === undefined ? undefined : { value, metadata, version };
}

class OverlaidIterator implements StateIterator {
  readonly #base: StateIterator;
  readonly #updates: StateUpdates;
  /** Keys of updates that the base has not passed yet, ascending. */
  readonly #keys: StateKey[];
  #page: StateItem[] = [];
  #position = 0;
  #keyPosition = 0;
  #baseDone = false;

  constructor(base: StateIterator, updates: StateUpdates, { start, end }: StateRange) {
    this.#base = base;
    this.#updates = updates;
    this.#keys = [...updates.keys()].filter((key) => key >= start && key < end).sort(byBytes);
  }

  async next(limit: number): Promise<StateItem[]> {
    const items: StateItem[] = [];
    while (items.length < limit) {
      if (this.#position >= this.#page.length && !this.#baseDone) {
        this.#page = await this.#base.next(limit);
        this.#position = 0;
        this.#baseDone = this.#page.length === 0;
      }
      const key = this.#nextKey();
      if (key === undefined) {
        break;
      }
      const value = this.#take(key);
      if (value !== undefined) {
        items.push([key, value]);
      }
    }
    return items;
  }

  #nextKey(): StateKey | undefined {
    const stored = this.#page[this.#position]?.[0];
    const updated = this.#keys[this.#keyPosition];
    return stored === undefined || (updated !== undefined && updated < stored) ? updated : stored;
  }

  #take(key: StateKey): VersionedValue | undefined {
    const stored = this.#page[this.#position];
    let value: VersionedValue | undefined;
    if (stored?.[0] === key) {
      this.#position++;
      value = stored[1];
    }
    if (this.#keys[this.#keyPosition] === key) {
      this.#keyPosition++;
      const update = this.#updates.get(key);
      value = update === undefined ? undefined : present(update);
    }
    return value;
  }

  close(): Promise<void> {
    return this.#base.close();
  }
}

function byBytes(a: StateKey, b: StateKey): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
