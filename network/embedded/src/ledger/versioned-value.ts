import type { Version } from './ledger.js';
import { readUint64, uint64, writeUint64 } from './key-bytes.js';

/** A value of the world state with what MVCC and key-level endorsement need to know about it. */
export interface VersionedValue {
  readonly value: Buffer;
  /** A `kvrwset.KVMetadataWrite` without its key, as Fabric stores it; `undefined` when there is none. */
  readonly metadata: Buffer | undefined;
  readonly version: Version;
}

/** What a block does to one key; an `undefined` value deletes. The version is that of the transaction. */
export interface StateUpdate {
  readonly value: Buffer | undefined;
  readonly metadata: Buffer | undefined;
  readonly version: Version;
}

const HEADER = 16;
const NO_METADATA = 0xffff_ffff;

export function encodeVersionedValue({ value, metadata, version }: VersionedValue): Buffer {
  const metadataLength = metadata?.length ?? 0;
  const bytes = Buffer.allocUnsafe(HEADER + metadataLength + value.length);
  writeUint64(bytes, version.block, 0);
  bytes.writeUInt32BE(version.transaction, 8);
  bytes.writeUInt32BE(metadata === undefined ? NO_METADATA : metadataLength, 12);
  metadata?.copy(bytes, HEADER);
  value.copy(bytes, HEADER + metadataLength);
  return bytes;
}

export function decodeVersionedValue(bytes: Buffer): VersionedValue {
  const metadataLength = bytes.readUInt32BE(12);
  const valueStart = HEADER + (metadataLength === NO_METADATA ? 0 : metadataLength);
  return {
    version: { block: readUint64(bytes, 0), transaction: bytes.readUInt32BE(8) },
    metadata: metadataLength === NO_METADATA ? undefined : bytes.subarray(HEADER, valueStart),
    value: bytes.subarray(valueStart),
  };
}

export function sameVersion(a: Version | undefined, b: Version | undefined): boolean {
  return a?.block === b?.block && a?.transaction === b?.transaction;
}

/** As Fabric prints a version in its messages (core/ledger/internal/version/version.go). */
export function versionText(version: Version | undefined): string {
  return version === undefined ? '<nil>' : `{BlockNum: ${version.block}, TxNum: ${version.transaction}}`;
}

/** A version in Fabric's order-preserving form: per number its count of bytes, then those bytes (common/ledger/util). */
export function orderPreservingVersion({ block, transaction }: Version): Buffer {
  return Buffer.concat([orderPreserving(block), orderPreserving(transaction)]);
}

function orderPreserving(value: number): Buffer {
  const bytes = uint64(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? bytes.subarray(8) : bytes.subarray(first);
  return Buffer.concat([Buffer.from([digits.length]), digits]);
}
