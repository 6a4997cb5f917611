import type { BlockRecords } from './block-file.js';
import { readUint64, uint32, uint64, writeUint64 } from './key-bytes.js';
import type { EntryIterator, KeyValueReader, Write } from './key-value-store.js';
import type { Cursor, HistoryEntry } from './ledger.js';
import { isDelete, type TransactionReadWriteSet } from './read-write-set.js';
import { decodeReadWriteSet } from './read-write-set-decoder.js';
import { endorsedResults, readTransactionHeader } from './transaction.js';
import { EMPTY_BYTES } from './wire-format.js';

/**
 * Which transactions wrote a key, deletes included. The values stay in the blocks; an entry says where in the block file
 * its transaction's envelope lies (core/ledger/kvledger/history).
 */

/** Where an envelope lies: in the record that begins at `record`, `offset` bytes into the block. */
export interface EnvelopeLocation {
  readonly record: number;
  readonly offset: number;
  readonly length: number;
}

const HISTORY = Buffer.from('h');

function prefixOf(namespace: string, key: string): Buffer {
  const space = Buffer.from(namespace, 'utf8');
  const name = Buffer.from(key, 'utf8');
  // The key's length keeps the entries of "a" apart from those of "ab".
  return Buffer.concat([HISTORY, uint32(space.length), space, uint32(name.length), name]);
}

export function historyWrites(
  set: TransactionReadWriteSet,
  version: { block: number; transaction: number },
  { record, offset, length }: EnvelopeLocation,
): Write[] {
  const value = Buffer.allocUnsafe(16);
  writeUint64(value, record, 0);
  value.writeUInt32BE(offset, 8);
  value.writeUInt32BE(length, 12);
  const suffix = Buffer.concat([uint64(version.block), uint32(version.transaction)]);
  return set.flatMap(({ namespace, writes }) =>
    writes.map((write) => ({ key: Buffer.concat([prefixOf(namespace, write.key), suffix]), value })),
  );
}

const LAST_VERSION = Buffer.alloc(13, 0xff);

/** Newest first (history/query_executer.go). */
export class HistoryCursor implements Cursor<HistoryEntry> {
  readonly #entries: EntryIterator;
  readonly #blocks: BlockRecords;
  readonly #namespace: string;
  readonly #key: string;

  constructor(store: KeyValueReader, blocks: BlockRecords, namespace: string, key: string) {
    const start = prefixOf(namespace, key);
    this.#entries = store.iterate({ start, end: Buffer.concat([start, LAST_VERSION]), reverse: true });
    this.#blocks = blocks;
    this.#namespace = namespace;
    this.#key = key;
  }

  async next(limit: number): Promise<readonly HistoryEntry[]> {
    const page = await this.#entries.next(limit);
    return Promise.all(page.map(([, value]) => this.#entry(value)));
  }

  async #entry(location: Buffer): Promise<HistoryEntry> {
    const envelope = await this.#blocks.slice(
      readUint64(location, 0),
      location.readUInt32BE(8),
      location.readUInt32BE(12),
    );
    const { id, timestamp, data } = readTransactionHeader(envelope);
    const write = decodeReadWriteSet(endorsedResults(data) ?? EMPTY_BYTES)
      .find(({ namespace }) => namespace === this.#namespace)
      ?.writes.find(({ key }) => key === this.#key);
    if (write === undefined) {
      throw new Error(`no namespace or key is found for namespace ${this.#namespace} in transaction ${id}`);
    }
    return { transactionId: id, timestamp, value: write.value, isDelete: isDelete(write) };
  }

  close(): Promise<void> {
    return this.#entries.close();
  }
}
