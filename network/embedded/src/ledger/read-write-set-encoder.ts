import type { Version } from './ledger.js';
import type {
  CollectionHashedReadWriteSet,
  KeyRead,
  KeyValueReadWriteSet,
  MetadataEntry,
  NamespaceReadWriteSet,
  RangeQuery,
  TransactionReadWriteSet,
} from './read-write-set.js';
import { WireWriter } from './wire-format.js';

/** Fields in the order of their numbers, as Fabric's endorsers write them: equal sets have equal bytes. */

/** `rwset.TxReadWriteSet` of the data model KV. */
export function encodeReadWriteSet(namespaces: TransactionReadWriteSet): Buffer {
  const writer = new WireWriter();
  for (const namespace of namespaces) {
    writer.presentBytes(2, encodeNamespace(namespace));
  }
  return writer.finish();
}

function encodeNamespace(namespace: NamespaceReadWriteSet): Buffer {
  const writer = new WireWriter().string(1, namespace.namespace).bytes(2, encodeKeyValueSet(namespace));
  for (const collection of namespace.collections) {
    writer.presentBytes(3, encodeCollection(collection));
  }
  return writer.finish();
}

/** `kvrwset.KVRWSet`. */
export function encodeKeyValueSet(set: KeyValueReadWriteSet): Buffer {
  const writer = new WireWriter();
  for (const read of set.reads) {
    writer.presentBytes(1, encodeRead(read));
  }
  for (const query of set.rangeQueries) {
    writer.presentBytes(2, encodeRangeQuery(query));
  }
  for (const write of set.writes) {
    writer.message(3, (inner) => inner.string(1, write.key).boolean(2, write.isDelete).bytes(3, write.value));
  }
  for (const write of set.metadataWrites) {
    writer.presentBytes(4, encodeMetadata(write.key, write.entries));
  }
  return writer.finish();
}

function encodeCollection(set: CollectionHashedReadWriteSet): Buffer {
  const hashed = new WireWriter();
  for (const read of set.reads) {
    hashed.message(1, (inner) => {
      writeVersion(inner.bytes(1, read.keyHash), read.version);
    });
  }
  for (const write of set.writes) {
    hashed.message(2, (inner) =>
      inner
        .bytes(1, write.keyHash)
        .boolean(2, write.isDelete)
        .bytes(3, write.valueHash)
        .boolean(4, write.isPurge),
    );
  }
  for (const write of set.metadataWrites) {
    hashed.message(3, (inner) => {
      writeEntries(inner.bytes(1, write.keyHash), write.entries);
    });
  }
  return new WireWriter()
    .string(1, set.collection)
    .bytes(2, hashed.finish())
    .bytes(3, set.privateHash)
    .finish();
}

function encodeRead(read: KeyRead): Buffer {
  const writer = new WireWriter().string(1, read.key);
  writeVersion(writer, read.version);
  return writer.finish();
}

/** `kvrwset.QueryReads`, also what the leaves of a Merkle summary hash. */
export function encodeRawReads(reads: readonly KeyRead[]): Buffer {
  const writer = new WireWriter();
  for (const read of reads) {
    writer.presentBytes(1, encodeRead(read));
  }
  return writer.finish();
}

function encodeRangeQuery(query: RangeQuery): Buffer {
  const writer = new WireWriter()
    .string(1, query.startKey)
    .string(2, query.endKey)
    .boolean(3, query.exhausted);
  if (query.rawReads !== undefined) {
    writer.presentBytes(4, encodeRawReads(query.rawReads));
  }
  const merkle = query.merkle;
  if (merkle !== undefined) {
    writer.message(5, (inner) => {
      inner.number(1, merkle.maxDegree).number(2, merkle.maxLevel);
      for (const hash of merkle.maxLevelHashes) {
        inner.presentBytes(3, hash);
      }
    });
  }
  return writer.finish();
}

/** `kvrwset.KVMetadataWrite`. */
export function encodeMetadata(key: string, entries: readonly MetadataEntry[]): Buffer {
  const writer = new WireWriter().string(1, key);
  writeEntries(writer, entries);
  return writer.finish();
}

function writeEntries(writer: WireWriter, entries: readonly MetadataEntry[]): void {
  for (const entry of entries) {
    writer.message(2, (inner) => inner.string(1, entry.name).bytes(2, entry.value));
  }
}

function writeVersion(writer: WireWriter, version: Version | undefined): void {
  if (version !== undefined) {
    writer.message(2, (inner) => inner.number(1, version.block).number(2, version.transaction));
  }
}
