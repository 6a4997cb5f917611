import type { common, ledger, peer } from '@hyperledger/fabric-protos';

import type { LedgerImage } from './ledger-image.js';

/**
 * Where a committed value was written. Compared by MVCC; equal versions mean the same write.
 * Block numbers are plain numbers inside the ledger: they stay far below 2^53, and arithmetic on them is hot.
 */
export interface Version {
  readonly block: number;
  readonly transaction: number;
}

/** The validation code of a transaction, `protos.TxValidationCode`. */
export type ValidationCode = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** One page of an iterator: the chaincode handler asks for up to `limit` results at a time. */
export interface Cursor<T> {
  /** Up to `limit` further results; an empty array at the end. */
  next(limit: number): Promise<readonly T[]>;
  close(): Promise<void>;
}

/** A range over public state. Everything that was read from it is checked for phantoms when the transaction commits. */
export interface RangeCursor extends Cursor<KeyValue> {
  /** Closes a paginated range and returns the key that the next page starts with; `''` when there is none. */
  bookmark(): Promise<string>;
}

export interface HistoryEntry {
  readonly transactionId: string;
  readonly timestamp: { readonly seconds: number; readonly nanos: number };
  readonly value: Uint8Array;
  readonly isDelete: boolean;
}

/** What a simulation read and wrote, as the endorser signs it and as its private part travels. */
export interface SimulationResult {
  /** Serialized `rwset.TxReadWriteSet`: byte-sorted, with hashed collections. */
  readonly publicReadWriteSet: Uint8Array;
  /** `rwset.TxPvtReadWriteSet`, when private data was written. Never goes into a block. */
  readonly privateWrites: ledger.rwset.TxPvtReadWriteSet | undefined;
  /** What the gateway needs to derive an endorsement plan (Fabric's `ChaincodeInterest`). */
  readonly interest: peer.ChaincodeInterest;
}

/**
 * A simulation on a snapshot of one channel as one peer sees it: reads see the state at the moment it was begun,
 * never its own writes (core/ledger/kvledger/txmgmt/txmgr). Errors carry Fabric's texts.
 */
export interface Simulator {
  getState(namespace: string, key: string): Promise<Uint8Array | undefined>;
  /** Whether there is a value; the read is in the read-write set. */
  hasState(namespace: string, key: string): boolean;
  putState(namespace: string, key: string, value: Uint8Array): void;
  deleteState(namespace: string, key: string): void;
  /** `[start, end)` in UTF-8 byte order; with a page the reads end after `page.size` results. */
  getStateRange(
    namespace: string,
    start: string,
    end: string,
    page?: { size: number; bookmark: string },
  ): Promise<RangeCursor>;
  getHistory(namespace: string, key: string): Promise<Cursor<HistoryEntry>>;
  getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>>;
  putStateMetadata(namespace: string, key: string, name: string, value: Uint8Array): void;

  getPrivateData(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
  getPrivateDataHash(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined>;
  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void;
  deletePrivateData(namespace: string, collection: string, key: string): void;
  purgePrivateData(namespace: string, collection: string, key: string): void;
  getPrivateDataRange(
    namespace: string,
    collection: string,
    start: string,
    end: string,
  ): Promise<Cursor<KeyValue>>;
  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  putPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    name: string,
    value: Uint8Array,
  ): void;

  result(): SimulationResult;
  /** Frees the snapshot. Idempotent; nothing may be read afterwards. */
  release(): Promise<void>;
}

/** What the ledger must know about collections; it comes from the chaincode definitions and the channel's organizations. */
export interface CollectionDirectory {
  /** `undefined`: no such collection; the simulation then fails with Fabric's texts. */
  collection(namespace: string, name: string): CollectionRules | undefined;
}

export interface CollectionRules {
  /** Organizations whose peers hold the values; an implicit collection has one. */
  readonly members: readonly string[];
  readonly memberOnlyRead: boolean;
  readonly memberOnlyWrite: boolean;
  /** 0: for ever. */
  readonly blockToLive: bigint;
}

export interface TransactionLocation {
  readonly block: bigint;
  readonly index: number;
  readonly code: ValidationCode;
}

/** A block after it is durable and applied. */
export interface CommittedBlock {
  /** The block that was handed over, completed in place with the transaction filter and the commit hash. */
  readonly block: common.Block;
  readonly codes: readonly ValidationCode[];
  /** In the block's order; `''` where an envelope is too malformed to have one. */
  readonly transactionIds: readonly string[];
}

/**
 * One channel's ledger: blocks on disk, world state, hashed and private state, history, transaction index. All peers of
 * the process share it: a collection's values are held once, and seen as a peer of an organization that may hold them.
 * The block is appended and synced before `commit` resolves; state is brought up to date from blocks at `open`.
 */
export interface ChannelLedger {
  readonly channel: string;
  /** Number of blocks; the next block's number. */
  readonly height: bigint;
  readonly lastHash: Uint8Array;
  block(number: bigint): Promise<common.Block | undefined>;
  blockByHash(hash: Uint8Array): Promise<common.Block | undefined>;
  transaction(transactionId: string): TransactionLocation | undefined;
  /** The simulation reads private data as a peer of `mspId` does; `creatorMspId` is checked by memberOnlyRead/Write. */
  simulate(options: {
    transactionId: string;
    mspId: string;
    creatorMspId: string;
    collections: CollectionDirectory;
  }): Simulator;
  /** Committed metadata (`VALIDATION_PARAMETER`) of a key, for key-level endorsement; `collection` undefined is public. */
  committedMetadata(
    namespace: string,
    collection: string | undefined,
    key: string | Uint8Array,
  ): ReadonlyMap<string, Uint8Array>;
  /**
   * Private writes of an endorsed, not yet committed transaction (Fabric's transient store). Resolves when a killed
   * process cannot lose them: wait for it before the endorsement is sent.
   */
  keepPrivateWrites(transactionId: string, writes: ledger.rwset.TxPvtReadWriteSet): Promise<void>;
  /**
   * Checks MVCC, phantoms and hashed reads of the transactions that `codes` leaves VALID, writes the transaction filter,
   * appends, syncs, applies. Several blocks may be handed over at once: they share one sync (group commit).
   * `collections` are those of the height before the first block; their `blockToLive` is recorded with the private data.
   */
  commit(
    blocks: readonly { block: common.Block; codes: readonly ValidationCode[] }[],
    collections: CollectionDirectory,
  ): Promise<readonly CommittedBlock[]>;
  /**
   * Private writes as they came with a block, by transaction index, of the collections that `mspId` is a member of; those
   * of invalid transactions too, as Fabric keeps them. Purged keys and expired collections are left out.
   */
  privateDataOf(
    block: bigint,
    mspId: string,
    collections: CollectionDirectory,
  ): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>>;
  /** Everything that it holds, between two blocks. */
  image(): Promise<LedgerImage>;
  /**
   * Becomes what an image holds. Simulations that are open then fail, and whoever waits for a height is turned away. Throws
   * LedgerStorageError for an image of another channel; then nothing has changed.
   */
  restore(image: LedgerImage): Promise<void>;
  /** Resolves when the height exceeds `above`; the wake-up of deliver and commit-status waits. */
  waitForHeight(above: bigint, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Where the ledger reports what an operator should know. No personal data, no keys, no values. */
export interface LedgerLogger {
  info(message: string): void;
  warn(message: string): void;
}

export interface ChannelLedgerOptions {
  readonly channel: string;
  /** A directory of this channel alone, made when missing; `undefined` keeps everything in memory (tests). */
  readonly directory: string | undefined;
  /** Committed as block 0 of a new ledger; an existing ledger must have begun with the same block. */
  readonly genesis: common.Block;
  /** Whether blocks are synced to the device before `commit` resolves. Default true; false survives a kill, not a power cut. */
  readonly sync?: boolean;
  readonly logger?: LedgerLogger;
  /** Private writes that no block took are dropped after this many blocks. Default 20,000, as Fabric's. */
  readonly transientBlockRetention?: number;
}

/** Implemented by `openChannelLedger` of `./index.js`. */
export type OpenChannelLedger = (options: ChannelLedgerOptions) => Promise<ChannelLedger>;
