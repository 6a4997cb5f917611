import type { common } from '@hyperledger/fabric-protos';

import { decodeBlock } from './block-codec.js';
import { FIRST_RECORD, type BlockRecords } from './block-file.js';
import { recordOfBlock } from './block-index.js';
import { processBlock, replayBlock, type PrivateSource, type ProcessedBlock } from './block-processor.js';
import { LedgerStorageError } from './errors.js';
import { expiringBlock, ExpirySchedule } from './expiry-schedule.js';
import type { KeyValueStore, Write } from './key-value-store.js';
import type { CollectionDirectory, LedgerLogger, ValidationCode } from './ledger.js';
import { Verdict } from './mvcc.js';
import { PrivateDataStore } from './private-data-store.js';
import { PrivateDataSweep } from './private-data-sweep.js';
import { mergeUpdates, stateBatch, type AppliedBlock } from './state-batch.js';
import { OverlaidState, readSavepoint, StoredState, type Savepoint } from './state-database.js';
import type { StateKey } from './state-key.js';
import { TransientStore } from './transient-store.js';
import type { StateUpdate } from './versioned-value.js';

export interface LedgerStores {
  readonly blocks: BlockRecords;
  /** World state, history, indexes: all of it follows from the blocks and the private data. */
  readonly state: KeyValueStore;
  /** Private writes, kept and committed, and when they expire. */
  readonly privateData: KeyValueStore;
}

export interface BlockInput {
  readonly block: common.Block;
  readonly codes: readonly ValidationCode[];
}

const NOTHING: ReadonlyMap<StateKey, StateUpdate> = new Map();

/**
 * Makes blocks durable and applies them. The order is what a crash at any instant is survived by:
 * 1. the private writes of the blocks and when they expire, synced (as Fabric commits its private store first);
 * 2. the blocks, synced: from here on they are committed;
 * 3. purged and expired private writes are removed (repeated when the state has to be applied again);
 * 4. state, history, index and savepoint, in one batch;
 * 5. what was kept for the blocks' transactions is dropped.
 * After a crash between 2 and 4 `recover` applies the blocks again; after one between 1 and 2 it drops the private
 * writes, which are still kept from their endorsement.
 */
export class Committer {
  readonly transient: TransientStore;
  readonly privateData: PrivateDataStore;
  readonly #stores: LedgerStores;
  readonly #schedule: ExpirySchedule;
  readonly #sweep: PrivateDataSweep;
  readonly #logger: LedgerLogger;
  readonly #sync: boolean;
  #savepoint: Savepoint | undefined;

  constructor(stores: LedgerStores, options: { logger: LedgerLogger; sync: boolean; retention: number }) {
    this.#stores = stores;
    this.#logger = options.logger;
    this.#sync = options.sync;
    this.transient = new TransientStore(stores.privateData);
    this.privateData = new PrivateDataStore(stores.privateData);
    this.#schedule = new ExpirySchedule(stores.privateData);
    this.#sweep = new PrivateDataSweep(
      stores,
      this.privateData,
      this.transient,
      options.retention,
      options.logger,
    );
    this.#savepoint = readSavepoint(stores.state);
  }

  /** Of the last applied block; `undefined` before the genesis block. */
  get savepoint(): Savepoint | undefined {
    return this.#savepoint;
  }

  /** Whether blocks reach the device before they are acknowledged. */
  get isSynced(): boolean {
    return this.#sync;
  }

  async commit(
    inputs: readonly BlockInput[],
    collections: CollectionDirectory,
  ): Promise<readonly ProcessedBlock[]> {
    const pending = new Map<StateKey, StateUpdate>();
    const committed = new OverlaidState(new StoredState(this.#stores.state), pending);
    const group: AppliedBlock[] = [];
    let commitHash = this.#savepoint?.commitHash ?? Buffer.alloc(0);
    let hasPrivateWrites = false;
    for (const { block, codes } of inputs) {
      const privateSource = this.#keptWrites();
      const processed = await processBlock(block, codes, {
        committed,
        previousCommitHash: commitHash,
        privateSource,
      });
      commitHash = processed.commitHash;
      hasPrivateWrites = (await this.#storePrivateWrites(processed, collections)) || hasPrivateWrites;
      group.push(await this.#withExpired(processed, committed, pending));
    }
    const last = group.at(-1)?.processed;
    if (last === undefined) {
      return [];
    }
    if (hasPrivateWrites && this.#sync) {
      await this.#stores.privateData.write([this.privateData.lastBlockWrite(last.number)], { sync: true });
    }
    const records = await this.#stores.blocks.append(
      group.map(({ processed }) => processed.encoded.bytes),
      this.#sync,
    );
    await this.#apply(group, records);
    return group.map(({ processed }) => processed);
  }

  /**
   * Brings the state up to date with the block file, cuts off what a crash left half-written, and drops private writes
   * of blocks that never became durable.
   */
  async recover(): Promise<void> {
    const start = this.#savepoint?.end ?? FIRST_RECORD;
    await this.#checkLastBlock(start);
    let replayed = 0;
    const end = await this.#stores.blocks.scan(start, async (record, content) => {
      await this.#replay(decodeBlock(content), record);
      replayed++;
    });
    const torn = this.#stores.blocks.end - end;
    if (replayed > 0) {
      this.#logger.info(`applied ${replayed} blocks again after an unclean end`);
    }
    if (torn > 0) {
      await this.#stores.blocks.truncate(end);
      this.#logger.warn(`dropped ${torn} bytes of a block that was never acknowledged`);
    }
    const height = this.#savepoint === undefined ? 0 : this.#savepoint.block + 1;
    await this.#dropPrivateWritesFrom(height);
  }

  settled(): Promise<void> {
    return this.#sweep.settled();
  }

  async #dropPrivateWritesFrom(height: number): Promise<void> {
    if (this.privateData.reaches(height)) {
      await this.#schedule.dropFrom(height);
      await this.privateData.dropFrom(height);
    }
  }

  /** Blocks that the state knows were committed: a damaged or missing one is no torn tail. */
  async #checkLastBlock(end: number): Promise<void> {
    if (this.#savepoint === undefined) {
      return;
    }
    const record = recordOfBlock(this.#stores.state, this.#savepoint.block);
    if (end > this.#stores.blocks.end || record === undefined) {
      throw new LedgerStorageError(
        'DAMAGED',
        `the block file ends before block ${this.#savepoint.block}, which was committed: restore a backup, or remove the ledger's directory`,
      );
    }
    await this.#stores.blocks.read(record);
  }

  async #replay(block: common.Block, record: number): Promise<void> {
    this.#checkContinues(block);
    const pending = new Map<StateKey, StateUpdate>();
    const committed = new OverlaidState(new StoredState(this.#stores.state), pending);
    const processed = replayBlock(block, {
      committed,
      previousCommitHash: this.#savepoint?.commitHash ?? Buffer.alloc(0),
      privateSource: this.#committedWrites(),
    });
    await this.#apply([await this.#withExpired(processed, committed, pending)], [record]);
  }

  #checkContinues(block: common.Block): void {
    const header = block.getHeader();
    const expected = this.#savepoint === undefined ? 0 : this.#savepoint.block + 1;
    const previous = this.#savepoint?.lastHash;
    const continues =
      header?.getNumber() === expected &&
      (previous === undefined || previous.equals(header.getPreviousHash_asU8()));
    if (!continues) {
      throw new LedgerStorageError(
        'DAMAGED',
        `block ${expected} in the block file does not continue the chain`,
      );
    }
  }

  #keptWrites(): PrivateSource {
    return {
      find: ({ id }, { namespace, collection, hash }) => this.transient.find(id, namespace, collection, hash),
    };
  }

  #committedWrites(): PrivateSource {
    return {
      find: ({ version }, { namespace, collection }) => this.privateData.get(version, namespace, collection),
    };
  }

  async #storePrivateWrites(processed: ProcessedBlock, collections: CollectionDirectory): Promise<boolean> {
    const { number, transactions, blockUpdates } = processed;
    const writes: Write[] = this.#schedule.writes(blockUpdates, number, collections);
    for (const { version, privateWrites, code, missing } of transactions) {
      for (const collectionWrites of privateWrites) {
        const { namespace, collection } = collectionWrites;
        const expires = expiringBlock(collections, namespace, collection, number);
        writes.push(...this.privateData.writes(version, collectionWrites, expires));
      }
      if (missing > 0 && code === Verdict.VALID) {
        this.#logger.warn(
          `block ${number}, transaction ${version.transaction}: private data of ${missing} collections is missing`,
        );
      }
    }
    if (writes.length === 0) {
      return false;
    }
    await this.#stores.privateData.write([...writes, this.privateData.lastBlockWrite(number)], {
      sync: false,
    });
    return true;
  }

  async #withExpired(
    processed: ProcessedBlock,
    committed: OverlaidState,
    pending: Map<StateKey, StateUpdate>,
  ): Promise<AppliedBlock> {
    const { number, blockUpdates, privateUpdates } = processed;
    const expired = this.privateData.reaches(0)
      ? await this.#schedule.expire(number, committed, blockUpdates, privateUpdates)
      : NOTHING;
    const applied = { processed, expired };
    mergeUpdates(pending, applied);
    return applied;
  }

  async #apply(group: readonly AppliedBlock[], records: readonly number[]): Promise<void> {
    for (const { processed, expired } of group) {
      await this.#sweep.remove(processed, expired.keys());
    }
    const { writes, savepoint } = stateBatch(this.#stores.state, group, records);
    await this.#stores.state.write(writes, { sync: false });
    this.#savepoint = savepoint;
    await this.#sweep.dropKept(group.map(({ processed }) => processed));
  }
}
