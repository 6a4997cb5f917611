import { common, ledger } from '@hyperledger/fabric-protos';

const { kvrwset, TxReadWriteSet } = ledger.rwset;

/** JSON of a transcript. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Block numbers as the trace tells them: relative to the channel's height when the trace began. */
export type BlockNames = (block: number) => string;

/** Bytes as text where they are text, otherwise as hexadecimal digits. */
export function readable(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('utf8');
  // eslint-disable-next-line no-control-regex -- control characters are what makes bytes unreadable
  return Buffer.from(text).equals(Buffer.from(bytes)) && !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text)
    ? text
    : `0x${hex(bytes)}`;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** An object without the entries that are empty, so that a transcript tells only what is there. */
export function compact(entries: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, Json] => {
      const [, value] = entry;
      return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
    }),
  );
}

/** By namespace, so that one namespace more is one difference. The order is told apart. */
export function readWriteSet(bytes: Uint8Array, blocks: BlockNames): JsonObject {
  const set = TxReadWriteSet.deserializeBinary(bytes);
  const namespaces = set.getNsRwsetList();
  return Object.fromEntries(
    namespaces.map((namespace) => [
      namespace.getNamespace(),
      compact({
        ...publicSet(namespace.getRwset_asU8(), blocks),
        collections: namespace.getCollectionHashedRwsetList().map((collection) =>
          compact({
            collection: collection.getCollectionName(),
            privateHash: hex(collection.getPvtRwsetHash_asU8()),
            ...hashedSet(collection.getHashedRwset_asU8(), blocks),
          }),
        ),
      }),
    ]),
  );
}

export function publicSet(bytes: Uint8Array, blocks: BlockNames): JsonObject {
  const set = kvrwset.KVRWSet.deserializeBinary(bytes);
  return compact({
    reads: set.getReadsList().map((read) => keyRead(read, blocks)),
    ranges: set.getRangeQueriesInfoList().map((range) => {
      const merkle = range.getReadsMerkleHashes();
      return compact({
        start: range.getStartKey(),
        end: range.getEndKey(),
        exhausted: range.getItrExhausted(),
        reads: range
          .getRawReads()
          ?.getKvReadsList()
          .map((read) => keyRead(read, blocks)),
        // The hashes are over versions, which hold absolute block numbers.
        merkle: merkle && {
          maxDegree: merkle.getMaxDegree(),
          maxLevel: merkle.getMaxLevel(),
          hashes: merkle.getMaxLevelHashesList_asU8().map((hash) => hash.length),
        },
      });
    }),
    writes: set.getWritesList().map((write) =>
      compact({
        key: readable(Buffer.from(write.getKey())),
        value: shortened(write.getValue_asU8()),
        delete: write.getIsDelete() || undefined,
      }),
    ),
    metadata: set.getMetadataWritesList().map((write) => ({
      key: readable(Buffer.from(write.getKey())),
      entries: metadataEntries(write.getEntriesList()),
    })),
  });
}

function hashedSet(bytes: Uint8Array, blocks: BlockNames): JsonObject {
  const set = kvrwset.HashedRWSet.deserializeBinary(bytes);
  return compact({
    reads: set.getHashedReadsList().map((read) => ({
      keyHash: hex(read.getKeyHash_asU8()),
      version: version(read.getVersion(), blocks),
    })),
    writes: set.getHashedWritesList().map((write) =>
      compact({
        keyHash: hex(write.getKeyHash_asU8()),
        valueHash: hex(write.getValueHash_asU8()),
        delete: write.getIsDelete() || undefined,
        purge: write.getIsPurge() || undefined,
      }),
    ),
    metadata: set.getMetadataWritesList().map((write) => ({
      keyHash: hex(write.getKeyHash_asU8()),
      entries: metadataEntries(write.getEntriesList()),
    })),
  });
}

function keyRead(read: ledger.rwset.kvrwset.KVRead, blocks: BlockNames): Json {
  return { key: readable(Buffer.from(read.getKey())), version: version(read.getVersion(), blocks) };
}

function version(of: ledger.rwset.kvrwset.Version | undefined, blocks: BlockNames): string {
  return of === undefined ? 'none' : `${blocks(of.getBlockNum())}:${String(of.getTxNum())}`;
}

function metadataEntries(entries: readonly ledger.rwset.kvrwset.KVMetadataEntry[]): Json {
  return Object.fromEntries(entries.map((entry) => [entry.getName(), policyText(entry.getValue_asU8())]));
}

function policyText(bytes: Uint8Array): string {
  const envelope = common.SignaturePolicyEnvelope.deserializeBinary(bytes);
  return `${String(envelope.getRule()?.getNOutOf()?.getN() ?? 0)} of ${String(envelope.getIdentitiesList().length)}: ${hex(bytes)}`;
}

/** Long values are told by their size. */
function shortened(bytes: Uint8Array): string {
  return bytes.length > 200 ? `${String(bytes.length)} bytes` : readable(bytes);
}
