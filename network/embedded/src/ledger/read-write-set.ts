import { createHash } from 'node:crypto';

import type { Version } from './ledger.js';

/** `rwset.TxReadWriteSet` and `kvrwset.*` of fabric-protos, decoded to plain objects: what one transaction read and wrote. */

export interface KeyRead {
  readonly key: string;
  /** `undefined`: the key did not exist. */
  readonly version: Version | undefined;
}

export interface MerkleSummary {
  readonly maxDegree: number;
  readonly maxLevel: number;
  readonly maxLevelHashes: readonly Uint8Array[];
}

export interface RangeQuery {
  readonly startKey: string;
  /** The range's own end when it was read to its end, otherwise the last key that was read. */
  readonly endKey: string;
  readonly exhausted: boolean;
  readonly rawReads: readonly KeyRead[] | undefined;
  readonly merkle: MerkleSummary | undefined;
}

export interface KeyWrite {
  readonly key: string;
  readonly isDelete: boolean;
  readonly value: Uint8Array;
}

export interface MetadataEntry {
  readonly name: string;
  readonly value: Uint8Array;
}

export interface MetadataWrite {
  readonly key: string;
  readonly entries: readonly MetadataEntry[];
}

export interface KeyValueReadWriteSet {
  readonly reads: readonly KeyRead[];
  readonly rangeQueries: readonly RangeQuery[];
  readonly writes: readonly KeyWrite[];
  readonly metadataWrites: readonly MetadataWrite[];
}

export interface HashedRead {
  readonly keyHash: Uint8Array;
  readonly version: Version | undefined;
}

export interface HashedWrite {
  readonly keyHash: Uint8Array;
  readonly isDelete: boolean;
  readonly valueHash: Uint8Array;
  readonly isPurge: boolean;
}

export interface HashedMetadataWrite {
  readonly keyHash: Uint8Array;
  readonly entries: readonly MetadataEntry[];
}

export interface CollectionHashedReadWriteSet {
  readonly collection: string;
  readonly reads: readonly HashedRead[];
  readonly writes: readonly HashedWrite[];
  readonly metadataWrites: readonly HashedMetadataWrite[];
  /** SHA-256 of the private writes; empty when there are none. */
  readonly privateHash: Uint8Array;
}

export interface NamespaceReadWriteSet extends KeyValueReadWriteSet {
  readonly namespace: string;
  readonly collections: readonly CollectionHashedReadWriteSet[];
}

export type TransactionReadWriteSet = readonly NamespaceReadWriteSet[];

const HASH_OF_NOTHING = createHash('sha256').digest();

/** An empty value deletes (rwsetutil/rwset_proto_util.go, FAB-18386). */
export function isDelete(write: KeyWrite): boolean {
  return write.isDelete || write.value.length === 0;
}

/** The hash of an empty value deletes, too. */
export function isHashedDelete(write: HashedWrite): boolean {
  return write.isDelete || write.valueHash.length === 0 || HASH_OF_NOTHING.equals(write.valueHash);
}
