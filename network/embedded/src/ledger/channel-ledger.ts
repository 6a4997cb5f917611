import type { common, ledger } from '@hyperledger/fabric-protos';

import { blockDataHash, blockHeaderHash, decodeBlock, envelopesOf } from './block-codec.js';
import { locationOfTransaction, numberOfHash, recordOfBlock } from './block-index.js';
import type { ProcessedBlock } from './block-processor.js';
import { CollectionAccess } from './collection-access.js';
import type { BlockInput, Committer, LedgerStores } from './committer.js';
import { LedgerStorageError } from './errors.js';
import { HeightWaiters } from './height-waiters.js';
import type {
  ChannelLedger,
  CollectionDirectory,
  CommittedBlock,
  Simulator,
  TransactionLocation,
} from './ledger.js';
import { readImage, writeImage, type LedgerImage } from './ledger-image.js';
import { keyHashOf, toTxPvtReadWriteSet, type CollectionWrites } from './private-writes.js';
import { RecentBlocks } from './recent-blocks.js';
import { metadataMap, StateSimulator } from './simulator.js';
import { StateSnapshot, StoredState } from './state-database.js';
import { hashedKey, publicKey } from './state-key.js';

export class StoredChannelLedger implements ChannelLedger {
  readonly channel: string;
  readonly #stores: LedgerStores;
  readonly #newCommitter: () => Committer;
  #committer: Committer;
  readonly #waiters = new HeightWaiters();
  #recent = new RecentBlocks();
  #queue: Promise<unknown> = Promise.resolve();
  #failure: unknown;
  #closed: Promise<void> | undefined;
  #height = 0n;
  #lastHash: Uint8Array = new Uint8Array();

  /** `recover` it before anything else. */
  constructor(channel: string, stores: LedgerStores, newCommitter: () => Committer) {
    this.channel = channel;
    this.#stores = stores;
    this.#newCommitter = newCommitter;
    this.#committer = newCommitter();
  }

  /** Brings the ledger to the last block that was committed, however the stores were left. */
  async recover(): Promise<void> {
    await this.#committer.recover();
    const savepoint = this.#committer.savepoint;
    this.#height = savepoint === undefined ? 0n : BigInt(savepoint.block + 1);
    this.#lastHash = savepoint?.lastHash ?? new Uint8Array();
  }

  get height(): bigint {
    return this.#height;
  }

  get lastHash(): Uint8Array {
    return this.#lastHash;
  }

  async block(number: bigint): Promise<common.Block | undefined> {
    this.#checkOpen();
    if (number < 0n || number >= this.#height) {
      return undefined;
    }
    const recent = this.#recent.get(Number(number));
    if (recent !== undefined) {
      return recent;
    }
    const record = recordOfBlock(this.#stores.state, Number(number));
    if (record === undefined) {
      throw new LedgerStorageError('DAMAGED', `block ${number.toString()} is not in the index`);
    }
    return decodeBlock(await this.#stores.blocks.read(record));
  }

  async blockByHash(hash: Uint8Array): Promise<common.Block | undefined> {
    this.#checkOpen();
    const number = numberOfHash(this.#stores.state, hash);
    return number === undefined ? undefined : this.block(BigInt(number));
  }

  transaction(transactionId: string): TransactionLocation | undefined {
    this.#checkOpen();
    return locationOfTransaction(this.#stores.state, transactionId);
  }

  simulate(options: {
    transactionId: string;
    mspId: string;
    creatorMspId: string;
    collections: CollectionDirectory;
  }): Simulator {
    this.#checkOpen();
    const access = new CollectionAccess({ channel: this.channel, ...options });
    const snapshot = new StateSnapshot(this.#stores.state.snapshot());
    return new StateSimulator(options.transactionId, snapshot, this.#stores.blocks, access);
  }

  committedMetadata(
    namespace: string,
    collection: string | undefined,
    key: string | Uint8Array,
  ): ReadonlyMap<string, Uint8Array> {
    this.#checkOpen();
    const keyText = typeof key === 'string' ? key : Buffer.from(key).toString('utf8');
    const keyHash = typeof key === 'string' ? keyHashOf(key) : key;
    const stateKey =
      collection === undefined ? publicKey(namespace, keyText) : hashedKey(namespace, collection, keyHash);
    return metadataMap(new StoredState(this.#stores.state).get(stateKey));
  }

  async keepPrivateWrites(transactionId: string, writes: ledger.rwset.TxPvtReadWriteSet): Promise<void> {
    this.#checkOpen();
    await this.#committer.transient.keep(transactionId, writes, Number(this.#height));
  }

  commit(
    blocks: readonly BlockInput[],
    collections: CollectionDirectory,
  ): Promise<readonly CommittedBlock[]> {
    return this.#inTurn(() => this.#commit(blocks, collections));
  }

  image(): Promise<LedgerImage> {
    return this.#inTurn(async () => {
      this.#checkOpen();
      await this.#committer.settled();
      return readImage(this.#stores);
    });
  }

  restore(image: LedgerImage): Promise<void> {
    return this.#inTurn(async () => {
      this.#checkOpen();
      await this.#checkSameChannel(image);
      this.#waiters.abandon(new LedgerStorageError('CLOSED', 'the ledger was restored from a snapshot'));
      await this.#committer.settled();
      await writeImage(this.#stores, image, this.#committer.isSynced);
      this.#committer = this.#newCommitter();
      this.#recent = new RecentBlocks();
      this.#failure = undefined;
      await this.recover();
    });
  }

  async #checkSameChannel({ blocks: [first] }: LedgerImage): Promise<void> {
    const own = (await this.block(0n))?.getHeader();
    const other = first === undefined ? undefined : decodeBlock(first).getHeader();
    if (own === undefined || other === undefined || !blockHeaderHash(own).equals(blockHeaderHash(other))) {
      throw new LedgerStorageError(
        'OTHER_CHANNEL',
        `channel ${this.channel} began with another genesis block than the snapshot's: restore it to the ledger that it was saved from`,
      );
    }
  }

  /** Commits, images and restorations come one after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #commit(
    blocks: readonly BlockInput[],
    collections: CollectionDirectory,
  ): Promise<readonly CommittedBlock[]> {
    this.#checkOpen();
    if (this.#failure !== undefined) {
      throw new LedgerStorageError('FAILED', 'an earlier commit failed: open the ledger again', {
        cause: this.#failure,
      });
    }
    this.#checkContinues(blocks);
    try {
      const processed = await this.#committer.commit(blocks, collections);
      return processed.map((block) => this.#publish(block));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  #publish(processed: ProcessedBlock): CommittedBlock {
    const { block, number, hash, encoded, transactions } = processed;
    this.#recent.add(number, block, encoded.bytes.length);
    this.#lastHash = hash;
    this.#height = BigInt(number + 1);
    this.#waiters.reached(this.#height);
    return {
      block,
      codes: transactions.map(({ code }) => code),
      transactionIds: transactions.map(({ header }) => header.id),
    };
  }

  /** Checked before anything is written: a wrong block leaves the ledger as it was. */
  #checkContinues(blocks: readonly BlockInput[]): void {
    let expected = Number(this.#height);
    let previous = this.#lastHash;
    for (const { block, codes } of blocks) {
      const header = block.getHeader();
      if (header?.getNumber() !== expected) {
        throw notNext(`block ${header?.getNumber() ?? 'without header'} is not the next one, ${expected}`);
      }
      if (!Buffer.from(previous).equals(header.getPreviousHash_asU8())) {
        throw notNext(`block ${expected} does not carry the hash of block ${expected - 1}`);
      }
      const envelopes = envelopesOf(block);
      if (!blockDataHash(envelopes).equals(header.getDataHash_asU8())) {
        throw notNext(`block ${expected} does not carry the hash of its transactions`);
      }
      if (codes.length !== envelopes.length) {
        throw notNext(`block ${expected} has ${envelopes.length} transactions but ${codes.length} codes`);
      }
      previous = blockHeaderHash(header);
      expected++;
    }
  }

  async privateDataOf(
    block: bigint,
    mspId: string,
    collections: CollectionDirectory,
  ): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>> {
    this.#checkOpen();
    const transactions = new Map<number, CollectionWrites[]>();
    if (block >= this.#height) {
      return new Map();
    }
    for await (const { transaction, ...writes } of this.#committer.privateData.ofBlock(Number(block))) {
      const rules = collections.collection(writes.namespace, writes.collection);
      if (rules?.members.includes(mspId) === true) {
        transactions.set(transaction, [...(transactions.get(transaction) ?? []), writes]);
      }
    }
    return new Map(
      [...transactions].map(([transaction, writes]) => [transaction, toTxPvtReadWriteSet(writes)]),
    );
  }

  waitForHeight(above: bigint, signal: AbortSignal): Promise<void> {
    if (this.#closed !== undefined) {
      return Promise.reject(closedError());
    }
    return this.#height > above ? Promise.resolve() : this.#waiters.wait(above, signal);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#waiters.abandon(closedError());
    await this.#queue;
    await this.#stores.state.releaseSnapshots();
    await this.#committer.settled();
    await Promise.all([
      this.#stores.blocks.close(),
      this.#stores.state.close(),
      this.#stores.privateData.close(),
    ]);
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) {
      throw closedError();
    }
  }
}

function closedError(): LedgerStorageError {
  return new LedgerStorageError('CLOSED', 'the ledger is closed');
}

function notNext(message: string): LedgerStorageError {
  return new LedgerStorageError('NOT_NEXT_BLOCK', message);
}
