import type { ProcessedBlock } from './block-processor.js';
import type { KeyRange, KeyValueStore } from './key-value-store.js';
import type { LedgerLogger } from './ledger.js';
import type { PrivateDataStore } from './private-data-store.js';
import {
  privateRange,
  rawKeyRange,
  splitStateKey,
  stateKeyBytes,
  type StateKey,
  type StateRange,
} from './state-key.js';
import type { TransientStore } from './transient-store.js';

const RETENTION_CHECK = 100;
const EVERYTHING: KeyRange = { start: Buffer.alloc(1), end: Buffer.alloc(16, 0xff) };

/**
 * Removes private values whose time has come. What is guaranteed: after the commit of a purge, and of the block that a
 * value expires with, no read and no delivery shows it. LevelDB drops its bytes from the files when it rewrites them;
 * that is asked for at once and done in the background, at the latest before `close` resolves. The file system, copies
 * and backups are beyond the ledger's reach.
 */
export class PrivateDataSweep {
  #compaction: Promise<void> = Promise.resolve();
  /** Collections, as `namespace NUL collection`, whose files hold removed values. */
  #dirty = new Set<string>();

  constructor(
    readonly stores: { readonly state: KeyValueStore; readonly privateData: KeyValueStore },
    readonly privateData: PrivateDataStore,
    readonly transient: TransientStore,
    readonly retention: number,
    readonly logger: LedgerLogger,
  ) {}

  /** Before the block's state is written: a crash in between repeats it. */
  async remove({ number, purges }: ProcessedBlock, expired: Iterable<StateKey>): Promise<void> {
    for (const { namespace, collection } of purges) {
      this.#dirty.add(`${namespace}\0${collection}`);
    }
    for (const key of expired) {
      const { namespace, collection } = splitStateKey(key);
      this.#dirty.add(`${namespace}\0${collection}`);
    }
    const writes = [
      ...(await this.privateData.expire(number)),
      ...(purges.length === 0 ? [] : await this.privateData.purge(purges)),
    ];
    await this.stores.privateData.write(writes, { sync: false });
  }

  /** After the block's state is written: its transactions need nothing kept any more, nor do those long forgotten. */
  async dropKept(blocks: readonly ProcessedBlock[]): Promise<void> {
    for (const { number, transactions } of blocks) {
      for (const { header, privateWrites } of transactions) {
        if (privateWrites.length > 0) {
          await this.stores.privateData.write(await this.transient.removal(header.id), { sync: false });
        }
      }
      if (number % Math.min(RETENTION_CHECK, this.retention) === 0 && number > this.retention) {
        const removal = await this.transient.removalBelow(number - this.retention);
        await this.stores.privateData.write(removal, { sync: false });
      }
    }
    if (this.#dirty.size > 0) {
      const collections = [...this.#dirty];
      this.#dirty = new Set();
      this.#compaction = this.#compaction.then(() => this.#compact(collections));
    }
  }

  /** Resolves when nothing is being rewritten. */
  settled(): Promise<void> {
    return this.#compaction;
  }

  async #compact(collections: readonly string[]): Promise<void> {
    try {
      await this.stores.privateData.compact(EVERYTHING);
      for (const [namespace = '', collection = ''] of collections.map((name) => name.split('\0'))) {
        await this.stores.state.compact(bytesOf(privateRange(namespace, collection, '', '')));
        await this.stores.state.compact(bytesOf(rawKeyRange(namespace, collection)));
      }
    } catch (error) {
      this.logger.warn(`could not rewrite files that held removed private data: ${String(error)}`);
    }
  }
}

/** Without the separator the start is no key, as the end is none. */
function bytesOf({ start, end }: StateRange): KeyRange {
  return { start: stateKeyBytes(start).subarray(0, -1), end: stateKeyBytes(end) };
}
