import type { Version } from './ledger.js';
import type { MetadataEntry, TransactionReadWriteSet } from './read-write-set.js';
import { isDelete, isHashedDelete } from './read-write-set.js';
import { encodeMetadata } from './read-write-set-encoder.js';
import type { StateReader } from './state-database.js';
import { hashedKey, publicKey, type StateKey } from './state-key.js';
import type { StateUpdate, VersionedValue } from './versioned-value.js';

/** What one transaction does to one key: its value and its metadata may be written separately. */
interface KeyOperation {
  isDelete: boolean;
  value: Buffer | undefined;
  /** `undefined`: not touched; `null`: removed. */
  metadata: Buffer | null | undefined;
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

class KeyOperations {
  readonly operations = new Map<StateKey, KeyOperation>();

  write(key: StateKey, value: Uint8Array | undefined): void {
    const operation = this.#of(key);
    if (value === undefined) {
      operation.isDelete = true;
    } else {
      operation.value = buffer(value);
    }
  }

  writeMetadata(key: StateKey, entries: readonly MetadataEntry[]): void {
    this.#of(key).metadata = entries.length === 0 ? null : encodeMetadata('', entries);
  }

  #of(key: StateKey): KeyOperation {
    let operation = this.operations.get(key);
    if (operation === undefined) {
      operation = { isDelete: false, value: undefined, metadata: undefined };
      this.operations.set(key, operation);
    }
    return operation;
  }
}

function operationsOf(set: TransactionReadWriteSet): KeyOperations {
  const operations = new KeyOperations();
  for (const { namespace, writes, metadataWrites, collections } of set) {
    for (const write of writes) {
      operations.write(publicKey(namespace, write.key), isDelete(write) ? undefined : write.value);
    }
    for (const write of metadataWrites) {
      operations.writeMetadata(publicKey(namespace, write.key), write.entries);
    }
    for (const collection of collections) {
      for (const write of collection.writes) {
        const key = hashedKey(namespace, collection.collection, write.keyHash);
        operations.write(key, isHashedDelete(write) ? undefined : write.valueHash);
      }
      for (const write of collection.metadataWrites) {
        const key = hashedKey(namespace, collection.collection, write.keyHash);
        operations.writeMetadata(key, write.entries);
      }
    }
  }
  return operations;
}

/**
 * Adds what a valid transaction does to public values and to the hashes of private ones. A write of only the value
 * keeps the key's metadata, a write of only the metadata keeps its value and gives it a new version; metadata of a key
 * that does not exist goes nowhere (core/ledger/kvledger/txmgmt/validation/tx_ops.go).
 */
export function addPublicUpdates(
  updates: Map<StateKey, StateUpdate>,
  set: TransactionReadWriteSet,
  version: Version,
  committed: StateReader,
): void {
  const latest = (key: StateKey): Partial<VersionedValue> | undefined => {
    const update = updates.get(key);
    if (update === undefined) {
      return committed.get(key);
    }
    return update.value === undefined ? undefined : { value: update.value, metadata: update.metadata };
  };
  const added: [StateKey, StateUpdate][] = [];
  for (const [key, operation] of operationsOf(set).operations) {
    const update = updateOf(operation, () => latest(key));
    if (update !== undefined) {
      added.push([key, { ...update, version }]);
    }
  }
  for (const [key, update] of added) {
    updates.set(key, update);
  }
}

function updateOf(
  { isDelete: deleted, value, metadata }: KeyOperation,
  latest: () => Partial<VersionedValue> | undefined,
): Omit<StateUpdate, 'version'> | undefined {
  if (deleted) {
    return { value: undefined, metadata: undefined };
  }
  if (value === undefined) {
    const kept = latest()?.value;
    return kept === undefined ? undefined : { value: kept, metadata: metadata ?? undefined };
  }
  return { value, metadata: metadata === undefined ? latest()?.metadata : (metadata ?? undefined) };
}
