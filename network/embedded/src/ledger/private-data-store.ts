import { prefixEnd, readUint64, uint32, uint64 } from './key-bytes.js';
import { entriesOf, type KeyValueStore, type Write } from './key-value-store.js';
import type { Version } from './ledger.js';
import { collectionBytes, collectionOfBytes, keyHashOf, type CollectionWrites } from './private-writes.js';
import { decodeKeyValueSet } from './read-write-set-decoder.js';
import { encodeKeyValueSet } from './read-write-set-encoder.js';

/**
 * The private writes of committed blocks, of invalid transactions too, as Fabric keeps them (core/ledger/
 * pvtdatastorage). Blocks carry only their hashes, so this store is, beside the block file, the ledger's other truth: a
 * block's private writes are on disk before the block is.
 *
 * Keys: `d` block transaction collection → writes; `i` collection key-hash block transaction → nothing, the way from a
 * purged key to its values; `y` expiring block, then the rest of a `d` key → nothing; `P` → the last block.
 */
export class PrivateDataStore {
  constructor(readonly store: KeyValueStore) {}

  writes(
    version: Version,
    { namespace, collection, bytes }: CollectionWrites,
    expiringBlock: number | undefined,
  ): Write[] {
    const place = dataPlace(version, namespace, collection);
    const writes: Write[] = [{ key: Buffer.concat([DATA, place]), value: Buffer.from(bytes) }];
    for (const { key } of decodeKeyValueSet(bytes).writes) {
      writes.push({
        key: Buffer.concat([indexPrefix(namespace, collection, keyHashOf(key)), versionBytes(version)]),
        value: EMPTY,
      });
    }
    if (expiringBlock !== undefined) {
      writes.push({ key: Buffer.concat([EXPIRY, uint64(expiringBlock), place]), value: EMPTY });
    }
    return writes;
  }

  /** Belongs into every batch of `writes`: what is above the block file's height is dropped when the ledger opens. */
  lastBlockWrite(block: number): Write {
    return { key: LAST_BLOCK, value: uint64(block) };
  }

  get(version: Version, namespace: string, collection: string): Buffer | undefined {
    return this.store.get(Buffer.concat([DATA, dataPlace(version, namespace, collection)]));
  }

  /** All of a block, in the order of transactions and collections. */
  async *ofBlock(block: number): AsyncGenerator<CollectionWrites & { transaction: number }> {
    const start = Buffer.concat([DATA, uint64(block)]);
    const end = Buffer.concat([DATA, uint64(block + 1)]);
    for await (const [key, bytes] of entriesOf(this.store, { start, end })) {
      const place = placeOf(key.subarray(1));
      yield { ...place, transaction: place.version.transaction, bytes };
    }
  }

  /** The removal of keys from all writes up to the versions that purged them, the purging ones included. */
  async purge(purges: readonly PurgedKey[]): Promise<Write[]> {
    const values = new Map<string, Buffer | undefined>();
    const writes: Write[] = [];
    for (const { namespace, collection, keyHash, version } of purges) {
      const start = indexPrefix(namespace, collection, keyHash);
      const end = Buffer.concat([start, versionBytes({ ...version, transaction: version.transaction + 1 })]);
      for await (const [indexKey] of entriesOf(this.store, { start, end })) {
        const data = Buffer.concat([
          DATA,
          indexKey.subarray(start.length),
          collectionBytes(namespace, collection),
        ]);
        const name = data.toString('latin1');
        const bytes = values.has(name) ? values.get(name) : this.store.get(data);
        values.set(name, bytes && withoutKey(bytes, keyHash));
        writes.push({ key: indexKey, value: undefined });
      }
    }
    for (const [name, value] of values) {
      writes.push({ key: Buffer.from(name, 'latin1'), value });
    }
    return writes;
  }

  /** The removal of what expires with a block. */
  async expire(block: number): Promise<Write[]> {
    if (!this.reaches(0)) {
      return [];
    }
    const start = Buffer.concat([EXPIRY, uint64(block)]);
    const writes: Write[] = [];
    for await (const [key] of entriesOf(this.store, {
      start,
      end: Buffer.concat([EXPIRY, uint64(block + 1)]),
    })) {
      const place = key.subarray(9);
      writes.push({ key, value: undefined }, ...this.#removal(place));
    }
    return writes;
  }

  #removal(place: Buffer): Write[] {
    const data = Buffer.concat([DATA, place]);
    const { namespace, collection, version } = placeOf(place);
    const keys = decodeKeyValueSet(this.store.get(data) ?? EMPTY).writes;
    return [
      { key: data, value: undefined },
      ...keys.map(({ key }) => ({
        key: Buffer.concat([indexPrefix(namespace, collection, keyHashOf(key)), versionBytes(version)]),
        value: undefined,
      })),
    ];
  }

  /** Whether there may be private writes of blocks from `height` on. */
  reaches(height: number): boolean {
    const last = this.store.get(LAST_BLOCK);
    return last !== undefined && readUint64(last, 0) >= height;
  }

  /** Drops what belongs to blocks that never became durable. */
  async dropFrom(height: number): Promise<void> {
    const writes: Write[] = [{ key: LAST_BLOCK, value: height === 0 ? undefined : uint64(height - 1) }];
    const start = Buffer.concat([DATA, uint64(height)]);
    for await (const [key] of entriesOf(this.store, { start, end: prefixEnd(DATA) })) {
      writes.push(...this.#removal(key.subarray(1)));
    }
    for await (const [key] of entriesOf(this.store, { start: EXPIRY, end: prefixEnd(EXPIRY) })) {
      if (placeOf(key.subarray(9)).version.block >= height) {
        writes.push({ key, value: undefined });
      }
    }
    await this.store.write(writes, { sync: true });
  }
}

export interface PurgedKey {
  readonly namespace: string;
  readonly collection: string;
  readonly keyHash: Uint8Array;
  readonly version: Version;
}

const DATA = Buffer.from('d');
const INDEX = Buffer.from('i');
const EXPIRY = Buffer.from('y');
const LAST_BLOCK = Buffer.from('P');
const EMPTY = Buffer.alloc(0);

/** Where values of private writes lie, for compaction. */
export const PRIVATE_WRITES_RANGE = { start: DATA, end: prefixEnd(DATA) };

function versionBytes({ block, transaction }: Version): Buffer {
  return Buffer.concat([uint64(block), uint32(transaction)]);
}

function dataPlace(version: Version, namespace: string, collection: string): Buffer {
  return Buffer.concat([versionBytes(version), collectionBytes(namespace, collection)]);
}

function placeOf(place: Buffer): { version: Version; namespace: string; collection: string } {
  return {
    version: { block: readUint64(place, 0), transaction: place.readUInt32BE(8) },
    ...collectionOfBytes(place.subarray(12)),
  };
}

function indexPrefix(namespace: string, collection: string, keyHash: Uint8Array): Buffer {
  const name = collectionBytes(namespace, collection);
  return Buffer.concat([INDEX, uint32(name.length), name, keyHash]);
}

function withoutKey(bytes: Buffer, keyHash: Uint8Array): Buffer {
  const set = decodeKeyValueSet(bytes);
  return encodeKeyValueSet({
    ...set,
    writes: set.writes.filter(({ key }) => !keyHashOf(key).equals(keyHash)),
    metadataWrites: set.metadataWrites.filter(({ key }) => !keyHashOf(key).equals(keyHash)),
  });
}
