import { sha256 } from './block-codec.js';
import type { Version } from './ledger.js';
import type { PurgedKey } from './private-data-store.js';
import { keyHashOf, type CollectionWrites } from './private-writes.js';
import { isDelete, type TransactionReadWriteSet } from './read-write-set.js';
import { decodeKeyValueSet } from './read-write-set-decoder.js';
import { OverlaidState, type StateReader, type StateUpdates } from './state-database.js';
import { hashedKey, privateKey, rawKeyOf, type StateKey } from './state-key.js';
import type { StateUpdate } from './versioned-value.js';

/** What the private writes of a block's valid transactions do to the private state. */
export class PrivateUpdates {
  readonly updates = new Map<StateKey, StateUpdate>();
  /** Keys whose metadata was written: the hash got a new version, the value must follow. */
  readonly #metadataKeys: { namespace: string; collection: string; key: string }[] = [];

  add({ namespace, collection, bytes }: CollectionWrites, version: Version): void {
    const set = decodeKeyValueSet(bytes);
    for (const write of set.writes) {
      const value = isDelete(write) ? undefined : Buffer.from(write.value);
      this.#set(namespace, collection, write.key, value, version);
    }
    for (const { key } of set.metadataWrites) {
      this.#metadataKeys.push({ namespace, collection, key });
    }
  }

  #set(
    namespace: string,
    collection: string,
    key: string,
    value: Buffer | undefined,
    version: Version,
  ): void {
    const rawKey = value === undefined ? undefined : Buffer.from(key, 'utf8');
    this.updates.set(privateKey(namespace, collection, key), { value, metadata: undefined, version });
    this.updates.set(rawKeyOf(namespace, collection, keyHashOf(key)), {
      value: rawKey,
      metadata: undefined,
      version,
    });
  }

  /**
   * A transaction that writes only metadata gives the hash a new version. The private value gets the same one, or it
   * would look stale from then on (validation/batch_preparer.go, incrementPvtdataVersionIfNeeded).
   */
  followHashes(blockUpdates: StateUpdates, committed: StateReader): void {
    const latest = new OverlaidState(committed, this.updates);
    for (const { namespace, collection, key } of this.#metadataKeys) {
      const hash = blockUpdates.get(hashedKey(namespace, collection, keyHashOf(key)));
      const value = latest.get(privateKey(namespace, collection, key))?.value;
      if (hash?.value !== undefined && value !== undefined && sha256(value).equals(hash.value)) {
        this.#set(namespace, collection, key, value, hash.version);
      }
    }
  }

  /** A purge removes the value also where its private writes are missing: the hash leads to the key. */
  purge(purges: readonly PurgedKey[], committed: StateReader): void {
    const latest = new OverlaidState(committed, this.updates);
    for (const { namespace, collection, keyHash, version } of purges) {
      const rawKey = latest.get(rawKeyOf(namespace, collection, keyHash))?.value.toString('utf8');
      if (rawKey === undefined) {
        continue;
      }
      const written = latest.get(privateKey(namespace, collection, rawKey))?.version;
      if (written !== undefined && isBefore(written, version)) {
        this.#set(namespace, collection, rawKey, undefined, version);
      }
    }
  }
}

function isBefore(a: Version, b: Version): boolean {
  return a.block < b.block || (a.block === b.block && a.transaction < b.transaction);
}

export function purgesOf(set: TransactionReadWriteSet, version: Version): PurgedKey[] {
  return set.flatMap(({ namespace, collections }) =>
    collections.flatMap(({ collection, writes }) =>
      writes
        .filter(({ isPurge }) => isPurge)
        .map(({ keyHash }) => ({ namespace, collection, keyHash, version })),
    ),
  );
}
