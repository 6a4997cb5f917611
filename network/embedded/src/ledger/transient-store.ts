import type { ledger } from '@hyperledger/fabric-protos';

import { sha256 } from './block-codec.js';
import { prefixEnd, readUint64, uint64 } from './key-bytes.js';
import { entriesOf, type KeyValueStore, type Write } from './key-value-store.js';
import { collectionBytes, collectionWritesOf } from './private-writes.js';

const BY_TRANSACTION = Buffer.from('t');
const BY_HEIGHT = Buffer.from('T');

/**
 * Private writes between endorsement and commit. Several endorsers may keep different ones for the same transaction;
 * the block says by their hash which of them it means. They stay on disk, so a transaction may be endorsed before a
 * restart and submitted after it (core/transientstore/store.go).
 */
export class TransientStore {
  constructor(readonly store: KeyValueStore) {}

  async keep(transactionId: string, writes: ledger.rwset.TxPvtReadWriteSet, height: number): Promise<void> {
    const batch: Write[] = [{ key: heightKey(height, transactionId), value: Buffer.alloc(0) }];
    for (const { namespace, collection, bytes } of collectionWritesOf(writes)) {
      batch.push({
        key: transientKey(transactionId, namespace, collection, sha256(bytes)),
        value: Buffer.concat([uint64(height), bytes]),
      });
    }
    await this.store.write(batch, { sync: false });
  }

  /** The writes that hash to what the block says. */
  find(transactionId: string, namespace: string, collection: string, hash: Uint8Array): Buffer | undefined {
    return this.store.get(transientKey(transactionId, namespace, collection, hash))?.subarray(8);
  }

  /** The removal of everything that was kept for a transaction, now that a block has it. */
  async removal(transactionId: string): Promise<Write[]> {
    const prefix = transactionPrefix(transactionId);
    const writes: Write[] = [];
    for await (const [key, value] of entriesOf(this.store, { start: prefix, end: prefixEnd(prefix) })) {
      writes.push(
        { key, value: undefined },
        { key: heightKey(readUint64(value, 0), transactionId), value: undefined },
      );
    }
    return writes;
  }

  /** The removal of what was kept below a height and never came in a block. */
  async removalBelow(height: number): Promise<Write[]> {
    const writes: Write[] = [];
    const range = { start: BY_HEIGHT, end: Buffer.concat([BY_HEIGHT, uint64(height)]) };
    for await (const [key] of entriesOf(this.store, range)) {
      writes.push(...(await this.removal(key.subarray(9).toString('utf8'))), { key, value: undefined });
    }
    return writes;
  }
}

function heightKey(height: number, transactionId: string): Buffer {
  return Buffer.concat([BY_HEIGHT, uint64(height), Buffer.from(transactionId, 'utf8')]);
}

function transactionPrefix(transactionId: string): Buffer {
  return Buffer.concat([BY_TRANSACTION, Buffer.from(`${transactionId}\0`, 'utf8')]);
}

function transientKey(
  transactionId: string,
  namespace: string,
  collection: string,
  hash: Uint8Array,
): Buffer {
  return Buffer.concat([
    transactionPrefix(transactionId),
    collectionBytes(namespace, collection),
    Buffer.from('\0'),
    hash,
  ]);
}
