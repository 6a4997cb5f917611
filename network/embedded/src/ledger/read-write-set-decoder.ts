import type { Version } from './ledger.js';
import type {
  CollectionHashedReadWriteSet,
  HashedMetadataWrite,
  HashedRead,
  HashedWrite,
  KeyRead,
  KeyValueReadWriteSet,
  KeyWrite,
  MerkleSummary,
  MetadataEntry,
  MetadataWrite,
  NamespaceReadWriteSet,
  RangeQuery,
  TransactionReadWriteSet,
} from './read-write-set.js';
import { decoder, EMPTY_BYTES, skipped } from './wire-format.js';

/** The numbers of the fields are those of fabric-protos `ledger/rwset/rwset.proto` and `kvrwset/kv_rwset.proto`. */

const version = decoder<Version>(
  () => ({ block: 0, transaction: 0 }),
  (message, reader) => (message.block = reader.number()),
  (message, reader) => (message.transaction = reader.number()),
);

const read = decoder<KeyRead>(
  () => ({ key: '', version: undefined }),
  (message, reader) => (message.key = reader.string()),
  (message, reader) => (message.version = version(reader.bytes())),
);

const rawReads = decoder<{ reads: KeyRead[] }>(
  () => ({ reads: [] }),
  (message, reader) => message.reads.push(read(reader.bytes())),
);

const merkle = decoder<MerkleSummary>(
  () => ({ maxDegree: 0, maxLevel: 0, maxLevelHashes: [] }),
  (message, reader) => (message.maxDegree = reader.number()),
  (message, reader) => (message.maxLevel = reader.number()),
  (message, reader) => message.maxLevelHashes.push(reader.bytes()),
);

const rangeQuery = decoder<RangeQuery>(
  () => ({ startKey: '', endKey: '', exhausted: false, rawReads: undefined, merkle: undefined }),
  (message, reader) => (message.startKey = reader.string()),
  (message, reader) => (message.endKey = reader.string()),
  (message, reader) => (message.exhausted = reader.boolean()),
  (message, reader) => (message.rawReads = rawReads(reader.bytes()).reads),
  (message, reader) => (message.merkle = merkle(reader.bytes())),
);

const write = decoder<KeyWrite>(
  () => ({ key: '', isDelete: false, value: EMPTY_BYTES }),
  (message, reader) => (message.key = reader.string()),
  (message, reader) => (message.isDelete = reader.boolean()),
  (message, reader) => (message.value = reader.bytes()),
);

const metadataEntry = decoder<MetadataEntry>(
  () => ({ name: '', value: EMPTY_BYTES }),
  (message, reader) => (message.name = reader.string()),
  (message, reader) => (message.value = reader.bytes()),
);

/** `kvrwset.KVMetadataWrite`; also the form in which Fabric stores the metadata of a key. */
export const decodeMetadataWrite = decoder<MetadataWrite>(
  () => ({ key: '', entries: [] }),
  (message, reader) => (message.key = reader.string()),
  (message, reader) => message.entries.push(metadataEntry(reader.bytes())),
);

/** `kvrwset.KVRWSet`; also the form of the private writes of one collection. */
export const decodeKeyValueSet = decoder<KeyValueReadWriteSet>(
  () => ({ reads: [], rangeQueries: [], writes: [], metadataWrites: [] }),
  (message, reader) => message.reads.push(read(reader.bytes())),
  (message, reader) => message.rangeQueries.push(rangeQuery(reader.bytes())),
  (message, reader) => message.writes.push(write(reader.bytes())),
  (message, reader) => message.metadataWrites.push(decodeMetadataWrite(reader.bytes())),
);

const hashedRead = decoder<HashedRead>(
  () => ({ keyHash: EMPTY_BYTES, version: undefined }),
  (message, reader) => (message.keyHash = reader.bytes()),
  (message, reader) => (message.version = version(reader.bytes())),
);

const hashedWrite = decoder<HashedWrite>(
  () => ({ keyHash: EMPTY_BYTES, isDelete: false, valueHash: EMPTY_BYTES, isPurge: false }),
  (message, reader) => (message.keyHash = reader.bytes()),
  (message, reader) => (message.isDelete = reader.boolean()),
  (message, reader) => (message.valueHash = reader.bytes()),
  (message, reader) => (message.isPurge = reader.boolean()),
);

const hashedMetadataWrite = decoder<HashedMetadataWrite>(
  () => ({ keyHash: EMPTY_BYTES, entries: [] }),
  (message, reader) => (message.keyHash = reader.bytes()),
  (message, reader) => message.entries.push(metadataEntry(reader.bytes())),
);

type HashedSet = Pick<CollectionHashedReadWriteSet, 'reads' | 'writes' | 'metadataWrites'>;

const hashedSet = decoder<HashedSet>(
  () => ({ reads: [], writes: [], metadataWrites: [] }),
  (message, reader) => message.reads.push(hashedRead(reader.bytes())),
  (message, reader) => message.writes.push(hashedWrite(reader.bytes())),
  (message, reader) => message.metadataWrites.push(hashedMetadataWrite(reader.bytes())),
);

const collection = decoder<CollectionHashedReadWriteSet>(
  () => ({ collection: '', reads: [], writes: [], metadataWrites: [], privateHash: EMPTY_BYTES }),
  (message, reader) => (message.collection = reader.string()),
  (message, reader) => Object.assign(message, hashedSet(reader.bytes())),
  (message, reader) => (message.privateHash = reader.bytes()),
);

const namespaceSet = decoder<NamespaceReadWriteSet>(
  () => ({ namespace: '', reads: [], rangeQueries: [], writes: [], metadataWrites: [], collections: [] }),
  (message, reader) => (message.namespace = reader.string()),
  (message, reader) => Object.assign(message, decodeKeyValueSet(reader.bytes())),
  (message, reader) => message.collections.push(collection(reader.bytes())),
);

const transactionSet = decoder<{ namespaces: NamespaceReadWriteSet[] }>(
  () => ({ namespaces: [] }),
  skipped,
  (message, reader) => message.namespaces.push(namespaceSet(reader.bytes())),
);

/** `rwset.TxReadWriteSet`; throws `WireFormatError` on malformed bytes. */
export function decodeReadWriteSet(bytes: Uint8Array): TransactionReadWriteSet {
  return transactionSet(bytes).namespaces;
}
