import assert from 'node:assert/strict';

import { ledger } from '@hyperledger/fabric-protos';
import fc from 'fast-check';

import type { NamespaceReadWriteSet } from './read-write-set.js';
import { decodeReadWriteSet } from './read-write-set-decoder.js';
import { encodeReadWriteSet } from './read-write-set-encoder.js';
import { WireFormatError } from './wire-format.js';

const { kvrwset } = ledger.rwset;

const key = fc.string({ unit: 'binary' });
const content = fc.uint8Array({ maxLength: 300 });
const version = fc.option(fc.record({ block: fc.nat(), transaction: fc.nat() }), { nil: undefined });
const entries = fc.array(fc.record({ name: key, value: content }), { maxLength: 3 });
const reads = fc.array(fc.record({ key, version }), { maxLength: 4 });
const range = fc.record({
  startKey: key,
  endKey: key,
  exhausted: fc.boolean(),
  rawReads: fc.option(reads, { nil: undefined }),
  merkle: fc.option(
    fc.record({
      maxDegree: fc.nat(),
      maxLevel: fc.nat(),
      maxLevelHashes: fc.array(content, { maxLength: 3 }),
    }),
    { nil: undefined },
  ),
});
const collection = fc.record({
  collection: key,
  reads: fc.array(fc.record({ keyHash: content, version }), { maxLength: 3 }),
  writes: fc.array(
    fc.record({ keyHash: content, isDelete: fc.boolean(), valueHash: content, isPurge: fc.boolean() }),
    { maxLength: 3 },
  ),
  metadataWrites: fc.array(fc.record({ keyHash: content, entries }), { maxLength: 2 }),
  privateHash: content,
});
const namespaceSet: fc.Arbitrary<NamespaceReadWriteSet> = fc.record({
  namespace: key,
  reads,
  rangeQueries: fc.array(range, { maxLength: 2 }),
  writes: fc.array(fc.record({ key, isDelete: fc.boolean(), value: content }), { maxLength: 3 }),
  metadataWrites: fc.array(fc.record({ key, entries }), { maxLength: 2 }),
  collections: fc.array(collection, { maxLength: 2 }),
});

type ProtoVersion = InstanceType<typeof kvrwset.Version>;

function protoVersion(value: { block: number; transaction: number } | undefined): ProtoVersion | undefined {
  if (value === undefined) {
    return undefined;
  }
  const message = new kvrwset.Version();
  message.setBlockNum(value.block);
  message.setTxNum(value.transaction);
  return message;
}

function protoRead(read: NamespaceReadWriteSet['reads'][number]): InstanceType<typeof kvrwset.KVRead> {
  const message = new kvrwset.KVRead();
  message.setKey(read.key);
  message.setVersion(protoVersion(read.version));
  return message;
}

function protoEntry(entry: {
  name: string;
  value: Uint8Array;
}): InstanceType<typeof kvrwset.KVMetadataEntry> {
  const message = new kvrwset.KVMetadataEntry();
  message.setName(entry.name);
  message.setValue(entry.value);
  return message;
}

function protoRange(query: NamespaceReadWriteSet['rangeQueries'][number]) {
  const message = new kvrwset.RangeQueryInfo();
  message.setStartKey(query.startKey);
  message.setEndKey(query.endKey);
  message.setItrExhausted(query.exhausted);
  if (query.merkle !== undefined) {
    const merkle = new kvrwset.QueryReadsMerkleSummary();
    merkle.setMaxDegree(query.merkle.maxDegree);
    merkle.setMaxLevel(query.merkle.maxLevel);
    merkle.setMaxLevelHashesList([...query.merkle.maxLevelHashes]);
    message.setReadsMerkleHashes(merkle);
  } else if (query.rawReads !== undefined) {
    const raw = new kvrwset.QueryReads();
    raw.setKvReadsList(query.rawReads.map(protoRead));
    message.setRawReads(raw);
  }
  return message;
}

function protoPublic(set: NamespaceReadWriteSet): Uint8Array {
  const message = new kvrwset.KVRWSet();
  message.setReadsList(set.reads.map(protoRead));
  message.setRangeQueriesInfoList(set.rangeQueries.map(protoRange));
  message.setWritesList(
    set.writes.map((write) => {
      const inner = new kvrwset.KVWrite();
      inner.setKey(write.key);
      inner.setIsDelete(write.isDelete);
      inner.setValue(write.value);
      return inner;
    }),
  );
  message.setMetadataWritesList(
    set.metadataWrites.map((write) => {
      const inner = new kvrwset.KVMetadataWrite();
      inner.setKey(write.key);
      inner.setEntriesList(write.entries.map(protoEntry));
      return inner;
    }),
  );
  return message.serializeBinary();
}

function protoHashed(set: NamespaceReadWriteSet['collections'][number]): Uint8Array {
  const message = new kvrwset.HashedRWSet();
  message.setHashedReadsList(
    set.reads.map((read) => {
      const inner = new kvrwset.KVReadHash();
      inner.setKeyHash(read.keyHash);
      inner.setVersion(protoVersion(read.version));
      return inner;
    }),
  );
  message.setHashedWritesList(
    set.writes.map((write) => {
      const inner = new kvrwset.KVWriteHash();
      inner.setKeyHash(write.keyHash);
      inner.setIsDelete(write.isDelete);
      inner.setValueHash(write.valueHash);
      inner.setIsPurge(write.isPurge);
      return inner;
    }),
  );
  message.setMetadataWritesList(
    set.metadataWrites.map((write) => {
      const inner = new kvrwset.KVMetadataWriteHash();
      inner.setKeyHash(write.keyHash);
      inner.setEntriesList(write.entries.map(protoEntry));
      return inner;
    }),
  );
  return message.serializeBinary();
}

/** The same set through the generated classes of fabric-protos. */
function serialized(sets: readonly NamespaceReadWriteSet[]): Uint8Array {
  const message = new ledger.rwset.TxReadWriteSet();
  message.setNsRwsetList(
    sets.map((set) => {
      const inner = new ledger.rwset.NsReadWriteSet();
      inner.setNamespace(set.namespace);
      inner.setRwset(protoPublic(set));
      inner.setCollectionHashedRwsetList(
        set.collections.map((entry) => {
          const hashed = new ledger.rwset.CollectionHashedReadWriteSet();
          hashed.setCollectionName(entry.collection);
          hashed.setHashedRwset(protoHashed(entry));
          hashed.setPvtRwsetHash(entry.privateHash);
          return hashed;
        }),
      );
      return inner;
    }),
  );
  return message.serializeBinary();
}

/** A range query carries either raw reads or a Merkle summary (a protobuf oneof). */
const sets = fc.array(
  namespaceSet.map((set) => ({
    ...set,
    rangeQueries: set.rangeQueries.map((query) =>
      query.merkle === undefined ? query : { ...query, rawReads: undefined },
    ),
  })),
  { maxLength: 3 },
);

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_name, inner: unknown) =>
      inner instanceof Uint8Array ? Buffer.from(inner).toString('hex') : inner,
    ).replaceAll(/\{"type":"Buffer","data":\[([0-9,]*)\]\}/g, (_match, data: string) =>
      JSON.stringify(Buffer.from(data === '' ? [] : data.split(',').map(Number)).toString('hex')),
    ),
  );
}

describe('read-write sets', () => {
  it('are encoded to the bytes that the generated classes make', () => {
    fc.assert(
      fc.property(sets, (value) => {
        assert.deepEqual(Buffer.from(encodeReadWriteSet(value)), Buffer.from(serialized(value)));
      }),
    );
  });

  it('are decoded from what the generated classes wrote', () => {
    fc.assert(
      fc.property(sets, (value) => {
        assert.deepEqual(plain(decodeReadWriteSet(serialized(value))), plain(value));
      }),
    );
  });

  it('are either decoded or refused with a typed error, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        sets,
        fc.nat(),
        fc.nat(255),
        (noise, value, at, byte) => {
          const damaged = Buffer.from(serialized(value));
          if (damaged.length > 0) {
            damaged[at % damaged.length] = byte;
          }
          for (const input of [noise, damaged]) {
            try {
              decodeReadWriteSet(input);
            } catch (error) {
              assert.ok(error instanceof WireFormatError, String(error));
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
