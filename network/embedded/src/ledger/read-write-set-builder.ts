import type { ledger } from '@hyperledger/fabric-protos';

import { sha256 } from './block-codec.js';
import type { Version } from './ledger.js';
import { keyHashOf, toTxPvtReadWriteSet, type CollectionWrites } from './private-writes.js';
import type {
  CollectionHashedReadWriteSet,
  HashedMetadataWrite,
  HashedRead,
  HashedWrite,
  KeyRead,
  KeyWrite,
  MetadataEntry,
  MetadataWrite,
  NamespaceReadWriteSet,
  RangeQuery,
} from './read-write-set.js';
import { encodeKeyValueSet, encodeReadWriteSet } from './read-write-set-encoder.js';
import { toBinary } from './state-key.js';
import { EMPTY_BYTES } from './wire-format.js';

/** Values by name, in the order of the names' UTF-8 bytes (util.GetValuesBySortedKeys). */
class ByName<T> {
  readonly #values = new Map<string, T>();

  set(name: string, value: T): void {
    this.#values.set(name, value);
  }

  getOrAdd(name: string, create: () => T): T {
    let value = this.#values.get(name);
    if (value === undefined) {
      value = create();
      this.#values.set(name, value);
    }
    return value;
  }

  sorted(): [name: string, value: T][] {
    return [...this.#values]
      .map(([name, value]) => ({ order: toBinary(name), name, value }))
      .sort((a, b) => (a.order < b.order ? -1 : 1))
      .map(({ name, value }) => [name, value]);
  }

  values(): T[] {
    return this.sorted().map(([, value]) => value);
  }
}

class CollectionSet {
  readonly reads = new ByName<HashedRead>();
  readonly writes = new ByName<HashedWrite>();
  readonly metadataWrites = new ByName<HashedMetadataWrite>();
  readonly privateWrites = new ByName<KeyWrite>();
  readonly privateMetadataWrites = new ByName<MetadataWrite>();

  /** `undefined` when nothing was written. */
  privateBytes(): Buffer | undefined {
    const bytes = encodeKeyValueSet({
      reads: [],
      rangeQueries: [],
      writes: this.privateWrites.values(),
      metadataWrites: this.privateMetadataWrites.values(),
    });
    return bytes.length === 0 ? undefined : bytes;
  }

  build(collection: string, privateBytes: Buffer | undefined): CollectionHashedReadWriteSet {
    return {
      collection,
      reads: this.reads.values(),
      writes: this.writes.values(),
      metadataWrites: this.metadataWrites.values(),
      privateHash: privateBytes === undefined ? EMPTY_BYTES : sha256(privateBytes),
    };
  }
}

class NamespaceSet {
  readonly reads = new ByName<KeyRead>();
  readonly writes = new ByName<KeyWrite>();
  readonly metadataWrites = new ByName<MetadataWrite>();
  readonly rangeQueries = new Map<string, RangeQuery>();
  readonly collections = new ByName<CollectionSet>();

  build(namespace: string, privateWrites: CollectionWrites[]): NamespaceReadWriteSet {
    const collections = this.collections.sorted().map(([collection, set]) => {
      const bytes = set.privateBytes();
      if (bytes !== undefined) {
        privateWrites.push({ namespace, collection, bytes });
      }
      return set.build(collection, bytes);
    });
    return {
      namespace,
      reads: this.reads.values(),
      rangeQueries: [...this.rangeQueries.values()],
      writes: this.writes.values(),
      metadataWrites: this.metadataWrites.values(),
      collections,
    };
  }
}

function keyWrite(key: string, value: Uint8Array): KeyWrite {
  return { key, isDelete: value.length === 0, value };
}

function sortedEntries(metadata: ReadonlyMap<string, Uint8Array>): MetadataEntry[] {
  const entries = new ByName<MetadataEntry>();
  for (const [name, value] of metadata) {
    entries.set(name, { name, value });
  }
  return entries.values();
}

/**
 * Collects what a simulation reads and writes; the last write of a key counts. Keys, namespaces and collections come out
 * in the order of their UTF-8 bytes, range queries in the order of their calls
 * (core/ledger/kvledger/txmgmt/rwsetutil/rwset_builder.go).
 */
export class ReadWriteSetBuilder {
  readonly #namespaces = new ByName<NamespaceSet>();

  read(namespace: string, key: string, version: Version | undefined): void {
    this.#namespace(namespace).reads.set(key, { key, version });
  }

  write(namespace: string, key: string, value: Uint8Array): void {
    this.#namespace(namespace).writes.set(key, keyWrite(key, value));
  }

  writeMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
    this.#namespace(namespace).metadataWrites.set(key, { key, entries: sortedEntries(metadata) });
  }

  /** A range that was queried before, to the same end, is recorded once. */
  rangeQuery(namespace: string, query: RangeQuery): void {
    const queries = this.#namespace(namespace).rangeQueries;
    const name = JSON.stringify([query.startKey, query.endKey, query.exhausted]);
    if (!queries.has(name)) {
      queries.set(name, query);
    }
  }

  hashedRead(namespace: string, collection: string, key: string, version: Version | undefined): void {
    this.#collection(namespace, collection).reads.set(key, { keyHash: keyHashOf(key), version });
  }

  privateWrite(
    namespace: string,
    collection: string,
    key: string,
    value: Uint8Array,
    isPurge: boolean,
  ): void {
    const set = this.#collection(namespace, collection);
    const write = keyWrite(key, value);
    set.privateWrites.set(key, write);
    set.writes.set(key, {
      keyHash: keyHashOf(key),
      isDelete: write.isDelete,
      valueHash: write.isDelete ? EMPTY_BYTES : sha256(value),
      isPurge,
    });
  }

  /** The private part names only the key: the metadata itself belongs to the hash. */
  privateMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    const set = this.#collection(namespace, collection);
    set.privateMetadataWrites.set(key, { key, entries: [] });
    set.metadataWrites.set(key, { keyHash: keyHashOf(key), entries: sortedEntries(metadata) });
  }

  build(): {
    namespaces: readonly string[];
    publicReadWriteSet: Buffer;
    privateWrites: ledger.rwset.TxPvtReadWriteSet | undefined;
  } {
    const privateWrites: CollectionWrites[] = [];
    const sets = this.#namespaces.sorted().map(([namespace, set]) => set.build(namespace, privateWrites));
    return {
      namespaces: sets.map(({ namespace }) => namespace),
      publicReadWriteSet: encodeReadWriteSet(sets),
      privateWrites: privateWrites.length === 0 ? undefined : toTxPvtReadWriteSet(privateWrites),
    };
  }

  #namespace(namespace: string): NamespaceSet {
    return this.#namespaces.getOrAdd(namespace, () => new NamespaceSet());
  }

  #collection(namespace: string, collection: string): CollectionSet {
    return this.#namespace(namespace).collections.getOrAdd(collection, () => new CollectionSet());
  }
}
