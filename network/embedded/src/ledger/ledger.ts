import type { common, ledger, peer } from '@hyperledger/fabric-protos';

/** Where a committed value was written. Compared by MVCC; equal versions mean the same write. */
export interface Version {
  readonly block: bigint;
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
  putState(namespace: string, key: string, value: Uint8Array): void;
  deleteState(namespace: string, key: string): void;
  /** `[start, end)` in UTF-8 byte order; with a page the reads end after `page.size` results. */
  getStateRange(
    namespace: string,
    start: string,
    end: string,
    page?: { size: number; bookmark: string },
  ): Promise<Cursor<KeyValue>>;
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
  /** `undefined`: no such collection (Fabric's text: collection [x] not defined in the collection config for chaincode [y]). */
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
  readonly block: common.Block;
  readonly codes: readonly ValidationCode[];
}

/**
 * One channel's ledger: blocks on disk, world state, hashed and private state, history, transaction index.
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
  /** Private writes of an endorsed, not yet committed transaction (Fabric's transient store). */
  keepPrivateWrites(transactionId: string, writes: ledger.rwset.TxPvtReadWriteSet): void;
  /**
   * Checks MVCC, phantoms and hashed reads of the transactions that `codes` leaves VALID, writes the transaction filter,
   * appends, syncs, applies. Several blocks may be handed over at once: they share one sync (group commit).
   */
  commit(
    blocks: readonly { block: common.Block; codes: readonly ValidationCode[] }[],
  ): Promise<readonly CommittedBlock[]>;
  /** Private writes as committed in a block, by transaction index, of the collections that `mspId` is a member of. */
  privateDataOf(block: bigint, mspId: string): Promise<ReadonlyMap<number, ledger.rwset.TxPvtReadWriteSet>>;
  /** Resolves when the height exceeds `above`; the wake-up of deliver and commit-status waits. */
  waitForHeight(above: bigint, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
