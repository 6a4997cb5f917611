import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { common } from '@hyperledger/fabric-protos';

import {
  blockDataHash,
  commitHashOf,
  decodeBlock,
  envelopesOf,
  metadataOf,
  MetadataSlot,
  sha256,
} from './block-codec.js';
import { FIRST_RECORD } from './block-file.js';
import { LedgerStorageError } from './errors.js';
import { processBlock, type ProcessedBlock } from './block-processor.js';
import type { LedgerStores } from './committer.js';
import { ExpirySchedule } from './expiry-schedule.js';
import { openKeyValueStore, type Entry, type EntryIterator, type KeyValueStore } from './key-value-store.js';
import type { ValidationCode } from './ledger.js';
import { Verdict } from './mvcc.js';
import { PrivateDataStore } from './private-data-store.js';
import { stateBatch } from './state-batch.js';
import { readSavepoint, StoredState, type Savepoint } from './state-database.js';
import { splitStateKey, stateKeyOf } from './state-key.js';
import { closeStores, openStores } from './stores.js';

export interface Verification {
  /** How many blocks were found to be in order. */
  readonly height: bigint;
  /** The first thing that is not as it must be; `undefined` when all is. Names no keys and no values. */
  readonly difference: string | undefined;
}

export interface VerificationOptions {
  /** Called after each block. */
  readonly onProgress?: (progress: { readonly block: bigint }) => void;
}

/**
 * Computes a closed ledger again from its blocks: the chain of hashes, each block's data hash, the verdicts of MVCC, the
 * chain of commit hashes and the whole state, and compares all of it with what is stored. The directory is that of one
 * channel, as given to `openChannelLedger`. Rejects with a `LedgerStorageError` when it cannot be read at all.
 */
export async function verifyLedger(
  directory: string,
  options: VerificationOptions = {},
): Promise<Verification> {
  // Opening makes what is missing, and an empty ledger would be found in order.
  if (!existsSync(join(directory, 'blocks'))) {
    throw new LedgerStorageError('NOT_FOUND', `there is no ledger in ${directory}`);
  }
  const stores = await openStores(directory);
  try {
    const scratch = await mkdtemp(join(tmpdir(), 'ledger-verify-'));
    try {
      const recomputed = await openKeyValueStore(scratch);
      try {
        return await new LedgerVerifier(stores, recomputed, options).run();
      } finally {
        await recomputed.close();
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  } finally {
    await closeStores(stores);
  }
}

/** The chain ends here; carries what is wrong. */
class Difference extends Error {
  override readonly name = 'Difference';
}

class LedgerVerifier {
  readonly #stores: LedgerStores;
  readonly #recomputed: KeyValueStore;
  readonly #options: VerificationOptions;
  readonly #schedule: ExpirySchedule;
  readonly #privateData: PrivateDataStore;
  #last: Savepoint | undefined;

  constructor(stores: LedgerStores, recomputed: KeyValueStore, options: VerificationOptions) {
    this.#stores = stores;
    this.#recomputed = recomputed;
    this.#options = options;
    this.#schedule = new ExpirySchedule(stores.privateData);
    this.#privateData = new PrivateDataStore(stores.privateData);
  }

  async run(): Promise<Verification> {
    try {
      await this.#verify();
      return { height: this.#height(), difference: undefined };
    } catch (error) {
      if (error instanceof Difference) {
        return { height: this.#height(), difference: error.message };
      }
      throw error;
    }
  }

  #height(): bigint {
    return this.#last === undefined ? 0n : BigInt(this.#last.block + 1);
  }

  async #verify(): Promise<void> {
    const { blocks, state } = this.#stores;
    const end = await blocks.scan(FIRST_RECORD, (record, content) => this.#block(record, content));
    const savepoint = readSavepoint(state);
    if (end !== blocks.end) {
      throw new Difference(
        savepoint !== undefined && end < savepoint.end
          ? `block ${this.#height().toString()} is damaged`
          : 'the block file ends with a block that is not whole: open the ledger once, so that it recovers',
      );
    }
    if (savepoint?.end !== end) {
      throw new Difference(
        'the state does not end where the blocks end: open the ledger once, so that it recovers',
      );
    }
    await this.#compareStates();
  }

  async #block(record: number, content: Buffer): Promise<void> {
    const block = decodeBlock(content);
    const number = this.#last === undefined ? 0 : this.#last.block + 1;
    this.#checkHashes(block, number);
    const filter = metadataOf(block, MetadataSlot.TRANSACTIONS_FILTER);
    const storedCommitHash = commitHashOf(block);
    const processed = await this.#process(block, [...filter] as ValidationCode[]);
    this.#checkVerdicts(processed, filter);
    if (!processed.commitHash.equals(storedCommitHash)) {
      throw new Difference(`block ${number} carries another commit hash than its transactions lead to`);
    }
    const { blockUpdates, privateUpdates } = processed;
    const committed = new StoredState(this.#recomputed);
    const expired = await this.#schedule.expire(number, committed, blockUpdates, privateUpdates);
    const { writes, savepoint } = stateBatch(this.#recomputed, [{ processed, expired }], [record]);
    await this.#recomputed.write(writes, { sync: false });
    this.#last = savepoint;
    this.#options.onProgress?.({ block: BigInt(number) });
  }

  #checkHashes(block: common.Block, number: number): void {
    const header = block.getHeader();
    if (header?.getNumber() !== number) {
      throw new Difference(`block ${number} carries the number ${header?.getNumber() ?? 'none'}`);
    }
    if (!Buffer.from(this.#last?.lastHash ?? []).equals(header.getPreviousHash_asU8())) {
      throw new Difference(`block ${number} does not carry the hash of block ${number - 1}`);
    }
    if (!blockDataHash(envelopesOf(block)).equals(header.getDataHash_asU8())) {
      throw new Difference(`block ${number} does not carry the hash of its transactions`);
    }
  }

  /** What MVCC decided is decided again; other verdicts rest on identities and policies, and are taken over. */
  #process(block: common.Block, codes: readonly ValidationCode[]): Promise<ProcessedBlock> {
    const byState: readonly ValidationCode[] = [Verdict.MVCC_READ_CONFLICT, Verdict.PHANTOM_READ_CONFLICT];
    return processBlock(
      block,
      codes.map((code) => (byState.includes(code) ? Verdict.VALID : code)),
      {
        committed: new StoredState(this.#recomputed),
        previousCommitHash: this.#last?.commitHash ?? Buffer.alloc(0),
        privateSource: {
          find: ({ version }, { namespace, collection }) =>
            this.#privateData.get(version, namespace, collection),
        },
      },
    );
  }

  #checkVerdicts({ number, transactions }: ProcessedBlock, filter: Uint8Array): void {
    const wrong = transactions.findIndex(({ code }, index) => code !== filter[index]);
    if (wrong >= 0) {
      throw new Difference(
        `transaction ${wrong} of block ${number} has the validation code ${filter[wrong] ?? 'none'}, but the state says ${transactions[wrong]?.code ?? 'none'}`,
      );
    }
  }

  async #compareStates(): Promise<void> {
    const stored = this.#stores.state.iterate(EVERYTHING);
    const recomputed = this.#recomputed.iterate(EVERYTHING);
    try {
      await compare(stored, recomputed);
    } finally {
      await stored.close();
      await recomputed.close();
    }
  }
}

const EVERYTHING = { start: Buffer.alloc(1), end: Buffer.alloc(1, 0xff) };
const PAGE = 500;

async function compare(stored: EntryIterator, recomputed: EntryIterator): Promise<void> {
  for (;;) {
    const [left, right] = await Promise.all([stored.next(PAGE), recomputed.next(PAGE)]);
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      compareEntries(left[index], right[index]);
    }
    if (left.length === 0) {
      return;
    }
  }
}

function compareEntries(stored: Entry | undefined, recomputed: Entry | undefined): void {
  const order =
    stored === undefined ? 1 : recomputed === undefined ? -1 : Buffer.compare(stored[0], recomputed[0]);
  if (order < 0 && stored !== undefined) {
    throw new Difference(`the stored state has ${describe(stored[0])}, which the blocks do not lead to`);
  }
  if (order > 0 && recomputed !== undefined) {
    throw new Difference(`the stored state lacks ${describe(recomputed[0])}`);
  }
  if (stored !== undefined && recomputed !== undefined && !stored[1].equals(recomputed[1])) {
    throw new Difference(`the stored state has another value for ${describe(stored[0])}`);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  h: 'an entry of the history',
  b: 'an entry of the block index',
  B: 'an entry of the block hash index',
  t: 'an entry of the transaction index',
  s: 'the savepoint',
};

function describe(key: Buffer): string {
  const stateKey = stateKeyOf(key);
  const kind = KINDS[stateKey.charAt(0)];
  if (kind !== undefined) {
    return kind;
  }
  const { namespace, collection, key: name } = splitStateKey(stateKey);
  const place = collection === '' ? namespace : `${namespace}, collection ${collection}`;
  return `a key of ${place} with the SHA-256 ${sha256(Buffer.from(name, 'latin1')).toString('hex')}`;
}
