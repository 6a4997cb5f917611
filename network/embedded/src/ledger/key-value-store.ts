import type { AbstractIterator, AbstractLevel, AbstractSnapshot } from 'abstract-level';
import { ClassicLevel } from 'classic-level';
import { MemoryLevel } from 'memory-level';

import { LedgerStorageError } from './errors.js';

export interface KeyRange {
  readonly start: Buffer;
  /** Exclusive. */
  readonly end: Buffer;
  readonly reverse?: boolean;
}

export type Entry = [key: Buffer, value: Buffer];

export interface EntryIterator {
  /** Up to `limit` further entries; an empty array at the end. */
  next(limit: number): Promise<Entry[]>;
  close(): Promise<void>;
}

/** Reads of one moment, or of now. Point reads are synchronous: an asynchronous one costs four times the CPU. */
export interface KeyValueReader {
  get(key: Buffer): Buffer | undefined;
  iterate(range: KeyRange): EntryIterator;
}

export interface KeyValueSnapshot extends KeyValueReader {
  close(): Promise<void>;
}

export type Write =
  { readonly key: Buffer; readonly value: Buffer } | { readonly key: Buffer; readonly value: undefined };

/** An ordered store of bytes; a batch is atomic. */
export interface KeyValueStore extends KeyValueReader {
  snapshot(): KeyValueSnapshot;
  /** An `undefined` value deletes. With `sync` the batch is on the device when the promise resolves. */
  write(writes: readonly Write[], options: { sync: boolean }): Promise<void>;
  /** All of it, in order. */
  entries(): Promise<Entry[]>;
  /** Removes everything; ends all snapshots before. */
  clear(): Promise<void>;
  /**
   * Rewrites the files that hold the range, so that values that were deleted or overwritten leave the disk. Waits for
   * snapshots that still see them. The bounds of the range must not be keys in use.
   */
  compact(range: KeyRange): Promise<void>;
  /** Ends all snapshots, before closing. */
  releaseSnapshots(): Promise<void>;
  close(): Promise<void>;
}

type Level = AbstractLevel<string | Buffer | Uint8Array, Buffer, Buffer>;

const ENCODING = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;

/** LevelDB in a directory; in memory when there is none. */
export async function openKeyValueStore(directory: string | undefined): Promise<KeyValueStore> {
  if (directory === undefined) {
    const memory = new MemoryLevel<Buffer, Buffer>(ENCODING);
    await memory.open();
    return new LevelStore(memory, {
      write: (operations) => memory.batch(operations),
      compact: () => Promise.resolve(),
    });
  }
  const disk = new ClassicLevel<Buffer, Buffer>(directory, ENCODING);
  try {
    await disk.open();
  } catch (error) {
    throw openError(error, directory);
  }
  return new LevelStore(disk, {
    write: (operations, sync) => disk.batch(operations, { sync }),
    compact: (range) => compactLevelDb(disk, range),
  });
}

/**
 * LevelDB's own compaction only pushes files down to the lowest level that the range is in; a file that is there already
 * keeps what was deleted. Two markers around the range make a new file above it, which is then merged with all of it.
 */
async function compactLevelDb(disk: ClassicLevel<Buffer, Buffer>, { start, end }: KeyRange): Promise<void> {
  await disk.compactRange(start, end, ENCODING);
  await disk.batch([
    { type: 'del', key: start },
    { type: 'del', key: end },
  ]);
  await disk.compactRange(start, end, ENCODING);
}

function openError(error: unknown, directory: string): LedgerStorageError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if ((cause as { code?: string }).code === 'LEVEL_LOCKED') {
    return new LedgerStorageError(
      'LOCKED',
      `the ledger in ${directory} is open in another process: stop that one first`,
      { cause },
    );
  }
  return new LedgerStorageError('DAMAGED', `cannot open the ledger's database in ${directory}`, { cause });
}

type Operation =
  | { readonly type: 'put'; readonly key: Buffer; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: Buffer };

/** Where the two engines differ: a store in memory has nothing to sync and nothing to compact. */
interface Engine {
  write(operations: Operation[], sync: boolean): Promise<void>;
  compact(range: KeyRange): Promise<void>;
}

class LevelStore implements KeyValueStore {
  readonly #snapshots = new Set<LevelSnapshot>();

  constructor(
    readonly level: Level,
    readonly engine: Engine,
  ) {}

  async compact(range: KeyRange): Promise<void> {
    await Promise.all([...this.#snapshots].map(({ closed }) => closed));
    await this.engine.compact(range);
  }

  async releaseSnapshots(): Promise<void> {
    await Promise.all([...this.#snapshots].map((snapshot) => snapshot.close()));
  }

  get(key: Buffer): Buffer | undefined {
    return this.level.getSync(key);
  }

  iterate(range: KeyRange): EntryIterator {
    return new LevelIterator(this.level.iterator(iteratorOptions(range)));
  }

  snapshot(): KeyValueSnapshot {
    const snapshot = new LevelSnapshot(this.level, this.level.snapshot(), () => {
      this.#snapshots.delete(snapshot);
    });
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  async write(writes: readonly Write[], options: { sync: boolean }): Promise<void> {
    if (writes.length === 0) {
      return;
    }
    const operations = writes.map(({ key, value }): Operation =>
      value === undefined ? { type: 'del', key } : { type: 'put', key, value },
    );
    await this.engine.write(operations, options.sync);
  }

  entries(): Promise<Entry[]> {
    return this.level.iterator().all();
  }

  async clear(): Promise<void> {
    await this.releaseSnapshots();
    await this.level.clear();
  }

  close(): Promise<void> {
    return this.level.close();
  }
}

class LevelSnapshot implements KeyValueSnapshot {
  readonly closed: Promise<void>;
  #resolveClosed: () => void = () => undefined;

  constructor(
    readonly level: Level,
    readonly snapshot: AbstractSnapshot,
    readonly onClose: () => void,
  ) {
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get(key: Buffer): Buffer | undefined {
    return this.level.getSync(key, { snapshot: this.snapshot });
  }

  iterate(range: KeyRange): EntryIterator {
    return new LevelIterator(this.level.iterator({ ...iteratorOptions(range), snapshot: this.snapshot }));
  }

  async close(): Promise<void> {
    await this.snapshot.close();
    this.onClose();
    this.#resolveClosed();
  }
}

class LevelIterator implements EntryIterator {
  constructor(readonly iterator: AbstractIterator<Level, Buffer, Buffer>) {}

  /** LevelDB hands over less when the entries are large, so that only nothing means the end. */
  async next(limit: number): Promise<Entry[]> {
    const entries = await this.iterator.nextv(limit);
    while (entries.length > 0 && entries.length < limit) {
      const more = await this.iterator.nextv(limit - entries.length);
      if (more.length === 0) {
        break;
      }
      entries.push(...more);
    }
    return entries;
  }

  close(): Promise<void> {
    return this.iterator.close();
  }
}

function iteratorOptions({ start, end, reverse }: KeyRange) {
  return { gte: start, lt: end, reverse: reverse ?? false };
}

/** All entries of a range, read in pages. */
export async function* entriesOf(reader: KeyValueReader, range: KeyRange): AsyncGenerator<Entry> {
  const iterator = reader.iterate(range);
  try {
    for (;;) {
      const page = await iterator.next(500);
      if (page.length === 0) {
        return;
      }
      yield* page;
    }
  } finally {
    await iterator.close();
  }
}
