import { prefixEnd, readUint64, uint64 } from './key-bytes.js';
import { entriesOf, type KeyValueStore, type Write } from './key-value-store.js';
import type { CollectionDirectory } from './ledger.js';
import { collectionBytes, collectionOfBytes } from './private-writes.js';
import type { StateReader, StateUpdates } from './state-database.js';
import { hashedKey, privateKey, rawKeyOf, splitStateKey, type StateKey } from './state-key.js';
import type { StateUpdate } from './versioned-value.js';

const SCHEDULE = Buffer.from('x');
const HASH_LENGTH = 32;

interface DueKey {
  readonly committedIn: number;
  readonly namespace: string;
  readonly collection: string;
  readonly keyHash: Buffer;
}

/** A value expires with the block after its `blockToLive` blocks (core/ledger/pvtdatapolicy/btlpolicy.go). */
export function expiringBlock(
  collections: CollectionDirectory,
  namespace: string,
  collection: string,
  committedIn: number,
): number | undefined {
  const blockToLive = collections.collection(namespace, collection)?.blockToLive ?? 0n;
  const block = committedIn + Number(blockToLive) + 1;
  return blockToLive === 0n || !Number.isSafeInteger(block) ? undefined : block;
}

/**
 * Which hashed keys expire with which block (txmgmt/pvtstatepurgemgmt). It is recorded at commit, since the rule is the
 * collection's of that moment, and it stays: without it the state could not be computed from the blocks again.
 */
export class ExpirySchedule {
  constructor(readonly store: KeyValueStore) {}

  writes(updates: StateUpdates, committedIn: number, collections: CollectionDirectory): Write[] {
    const hashes = new Map<string, { key: Buffer; hashes: Buffer[] }>();
    for (const [stateKey, update] of updates) {
      const { namespace, collection, key } = splitStateKey(stateKey);
      const expires =
        collection === '' || update.value === undefined || key.length !== HASH_LENGTH
          ? undefined
          : expiringBlock(collections, namespace, collection, committedIn);
      if (expires !== undefined) {
        const scheduleKey = Buffer.concat([
          SCHEDULE,
          uint64(expires),
          uint64(committedIn),
          collectionBytes(namespace, collection),
        ]);
        const name = scheduleKey.toString('latin1');
        const entry = hashes.get(name) ?? { key: scheduleKey, hashes: [] };
        entry.hashes.push(Buffer.from(key, 'latin1'));
        hashes.set(name, entry);
      }
    }
    return [...hashes.values()].map((entry) => ({ key: entry.key, value: Buffer.concat(entry.hashes) }));
  }

  async #due(block: number): Promise<DueKey[]> {
    const due: DueKey[] = [];
    const range = {
      start: Buffer.concat([SCHEDULE, uint64(block)]),
      end: Buffer.concat([SCHEDULE, uint64(block + 1)]),
    };
    for await (const [key, hashes] of entriesOf(this.store, range)) {
      const place = { committedIn: readUint64(key, 9), ...collectionOfBytes(key.subarray(17)) };
      for (let start = 0; start < hashes.length; start += HASH_LENGTH) {
        due.push({ ...place, keyHash: hashes.subarray(start, start + HASH_LENGTH) });
      }
    }
    return due;
  }

  /**
   * What a block removes because its time has come. A key that a later block or this one wrote again stays; its value
   * goes alone when only the hash was renewed.
   */
  async expire(
    block: number,
    committed: StateReader,
    blockUpdates: StateUpdates,
    privateUpdates: StateUpdates,
  ): Promise<Map<StateKey, StateUpdate>> {
    const removal = { value: undefined, metadata: undefined, version: { block, transaction: 0 } };
    const expired = new Map<StateKey, StateUpdate>();
    for (const due of await this.#due(block)) {
      const hashed = hashedKey(due.namespace, due.collection, due.keyHash);
      const hashIsOld = committed.get(hashed)?.version.block === due.committedIn;
      if (hashIsOld && !blockUpdates.has(hashed)) {
        expired.set(hashed, removal);
      }
      const raw = rawKeyOf(due.namespace, due.collection, due.keyHash);
      const value = valueKey(due, committed.get(raw)?.value);
      const valueIsOld = hashIsOld || isVersionOf(committed, value, due.committedIn);
      if (value !== undefined && valueIsOld && !privateUpdates.has(value)) {
        expired.set(value, removal).set(raw, removal);
      }
    }
    return expired;
  }

  /** Drops what blocks scheduled that never became durable. */
  async dropFrom(height: number): Promise<void> {
    const writes: Write[] = [];
    for await (const [key] of entriesOf(this.store, { start: SCHEDULE, end: prefixEnd(SCHEDULE) })) {
      if (readUint64(key, 9) >= height) {
        writes.push({ key, value: undefined });
      }
    }
    await this.store.write(writes, { sync: true });
  }
}

function valueKey({ namespace, collection }: DueKey, rawKey: Buffer | undefined): StateKey | undefined {
  return rawKey === undefined ? undefined : privateKey(namespace, collection, rawKey.toString('utf8'));
}

function isVersionOf(state: StateReader, key: StateKey | undefined, block: number): boolean {
  return key !== undefined && state.get(key)?.version.block === block;
}
