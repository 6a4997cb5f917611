import type { common } from '@hyperledger/fabric-protos';

import {
  blockHeaderHash,
  commitHashOf,
  encodeBlock,
  envelopesOf,
  metadataOf,
  MetadataSlot,
  setCommitHash,
  setMetadata,
  type EncodedBlock,
} from './block-codec.js';
import { blockIndexWrites, transactionIndexWrite } from './block-index.js';
import { commitHash } from './commit-hash.js';
import { historyWrites } from './history.js';
import type { Write } from './key-value-store.js';
import type { ValidationCode, Version } from './ledger.js';
import { validate, Verdict } from './mvcc.js';
import type { PurgedKey } from './private-data-store.js';
import { PrivateUpdates, purgesOf } from './private-updates.js';
import type { CollectionWrites } from './private-writes.js';
import { addPublicUpdates } from './public-updates.js';
import type { TransactionReadWriteSet } from './read-write-set.js';
import { decodeReadWriteSet } from './read-write-set-decoder.js';
import type { StateReader } from './state-database.js';
import { publicKey, type StateKey } from './state-key.js';
import { endorsedResults, HeaderType, readTransactionHeader, type TransactionHeader } from './transaction.js';
import type { StateUpdate } from './versioned-value.js';
import { WireFormatError } from './wire-format.js';

/** Under this key of the empty namespace Fabric keeps the channel's configuration (core/peer/configtx_processor.go). */
export const CHANNEL_CONFIG_KEY = 'resourcesconfigtx.CHANNEL_CONFIG_KEY';

/** Where the private writes come from that a block only has the hashes of. */
export interface PrivateSource {
  find(
    transaction: { readonly id: string; readonly version: Version },
    collection: { readonly namespace: string; readonly collection: string; readonly hash: Uint8Array },
  ): Uint8Array | undefined;
}

export interface BlockTransaction {
  readonly header: TransactionHeader;
  readonly version: Version;
  readonly code: ValidationCode;
  /** Of endorser transactions whose results can be read. */
  readonly set: TransactionReadWriteSet | undefined;
  readonly privateWrites: readonly CollectionWrites[];
  /** How many collections were written whose private writes nobody kept. */
  readonly missing: number;
}

/** Everything that follows from a block and the state before it; nothing is written yet. */
export interface ProcessedBlock {
  readonly block: common.Block;
  readonly number: number;
  readonly hash: Buffer;
  readonly commitHash: Buffer;
  readonly encoded: EncodedBlock;
  readonly transactions: readonly BlockTransaction[];
  /** Public values and hashes. */
  readonly blockUpdates: ReadonlyMap<StateKey, StateUpdate>;
  readonly privateUpdates: ReadonlyMap<StateKey, StateUpdate>;
  readonly purges: readonly PurgedKey[];
}

export interface ProcessingContext {
  /** The state as the block before left it. */
  readonly committed: StateReader;
  readonly previousCommitHash: Buffer;
  readonly privateSource: PrivateSource;
}

type Undecided = Omit<BlockTransaction, 'code'> & { code: ValidationCode };

/** Validates what `codes` leaves valid, in the block's order, and completes the block's metadata. */
export async function processBlock(
  block: common.Block,
  codes: readonly ValidationCode[],
  context: ProcessingContext,
): Promise<ProcessedBlock> {
  const number = numberOf(block);
  const transactions = readTransactions(block, number, codes, context.privateSource);
  const blockUpdates = new Map<StateKey, StateUpdate>();
  for (const transaction of transactions) {
    const { set, version } = transaction;
    if (transaction.code === Verdict.VALID && set !== undefined) {
      transaction.code = await validate(set, context.committed, blockUpdates);
    }
    applyIfValid(transaction, version, blockUpdates, context.committed);
  }
  const filter = Uint8Array.from(transactions, ({ code }) => code);
  const hash = number === 0 ? Buffer.alloc(0) : commitHash(filter, blockUpdates, context.previousCommitHash);
  setMetadata(block, MetadataSlot.TRANSACTIONS_FILTER, filter);
  if (number > 0) {
    setCommitHash(block, hash);
  }
  return finish(block, transactions, blockUpdates, hash, context.committed);
}

/** Applies a block of the block file again: its filter decides, nothing is validated. */
export function replayBlock(block: common.Block, context: ProcessingContext): ProcessedBlock {
  const number = numberOf(block);
  const codes = [...metadataOf(block, MetadataSlot.TRANSACTIONS_FILTER)] as ValidationCode[];
  const transactions = readTransactions(block, number, codes, context.privateSource);
  const blockUpdates = new Map<StateKey, StateUpdate>();
  for (const transaction of transactions) {
    applyIfValid(transaction, transaction.version, blockUpdates, context.committed);
  }
  const hash = Buffer.from(commitHashOf(block));
  return finish(block, transactions, blockUpdates, hash, context.committed);
}

function finish(
  block: common.Block,
  transactions: readonly BlockTransaction[],
  blockUpdates: ReadonlyMap<StateKey, StateUpdate>,
  commitHash: Buffer,
  committed: StateReader,
): ProcessedBlock {
  const valid = transactions.filter(({ code }) => code === Verdict.VALID);
  const privateUpdates = new PrivateUpdates();
  for (const { version, privateWrites } of valid) {
    for (const writes of privateWrites) {
      privateUpdates.add(writes, version);
    }
  }
  privateUpdates.followHashes(blockUpdates, committed);
  const purges = valid.flatMap(({ set, version }) => (set === undefined ? [] : purgesOf(set, version)));
  privateUpdates.purge(purges, committed);
  const header = block.getHeader();
  if (header === undefined) {
    throw new WireFormatError('a block without a header');
  }
  return {
    block,
    number: header.getNumber(),
    hash: blockHeaderHash(header),
    commitHash,
    encoded: encodeBlock(block),
    transactions,
    blockUpdates,
    privateUpdates: privateUpdates.updates,
    purges,
  };
}

function numberOf(block: common.Block): number {
  return block.getHeader()?.getNumber() ?? 0;
}

function readTransactions(
  block: common.Block,
  number: number,
  codes: readonly ValidationCode[],
  privateSource: PrivateSource,
): Undecided[] {
  return envelopesOf(block).map((envelope, index) => {
    const header = readTransactionHeader(envelope);
    const version = { block: number, transaction: index };
    const code = codes[index] ?? Verdict.INVALID_OTHER_REASON;
    const transaction: Undecided = { header, version, code, set: undefined, privateWrites: [], missing: 0 };
    if (header.type !== HeaderType.ENDORSER_TRANSACTION) {
      return transaction;
    }
    const read = readSet(header);
    if (typeof read === 'number') {
      return { ...transaction, code: code === Verdict.VALID ? read : code };
    }
    return { ...transaction, set: read, ...findPrivateWrites(header.id, version, read, privateSource) };
  });
}

/** The results of an endorser transaction, or why there are none (validation/batch_preparer.go). */
function readSet({ data }: TransactionHeader): TransactionReadWriteSet | ValidationCode {
  try {
    const results = endorsedResults(data);
    return results === undefined ? Verdict.NIL_TXACTION : decodeReadWriteSet(results);
  } catch (error) {
    if (error instanceof WireFormatError) {
      return Verdict.INVALID_OTHER_REASON;
    }
    throw error;
  }
}

function findPrivateWrites(
  id: string,
  version: Version,
  set: TransactionReadWriteSet,
  source: PrivateSource,
): { privateWrites: CollectionWrites[]; missing: number } {
  const privateWrites: CollectionWrites[] = [];
  let missing = 0;
  for (const { namespace, collections } of set) {
    for (const { collection, privateHash: hash } of collections) {
      if (hash.length === 0) {
        continue;
      }
      const bytes = source.find({ id, version }, { namespace, collection, hash });
      if (bytes === undefined) {
        missing++;
      } else {
        privateWrites.push({ namespace, collection, bytes });
      }
    }
  }
  return { privateWrites, missing };
}

function applyIfValid(
  { code, set, header }: BlockTransaction,
  version: Version,
  blockUpdates: Map<StateKey, StateUpdate>,
  committed: StateReader,
): void {
  if (code !== Verdict.VALID) {
    return;
  }
  if (set !== undefined) {
    addPublicUpdates(blockUpdates, set, version, committed);
  } else if (header.type === HeaderType.CONFIG) {
    const value = Buffer.from(header.data);
    blockUpdates.set(publicKey('', CHANNEL_CONFIG_KEY), { value, metadata: undefined, version });
  }
}

/** The index and history entries of a block whose record begins at `record`. */
export function indexWrites(
  processed: ProcessedBlock,
  record: number,
  isKnown: (transactionId: string) => boolean,
): Write[] {
  const writes = blockIndexWrites(processed.number, processed.hash, record);
  const seen = new Set<string>();
  processed.transactions.forEach(({ header, version, code, set }, index) => {
    if (!seen.has(header.id) && header.id !== '' && !isKnown(header.id)) {
      seen.add(header.id);
      writes.push(transactionIndexWrite(header.id, processed.number, index, code));
    }
    const envelope = processed.encoded.envelopes[index];
    if (code === Verdict.VALID && set !== undefined && envelope !== undefined) {
      writes.push(...historyWrites(set, version, { record, ...envelope }));
    }
  });
  return writes;
}
