import type { common } from '@hyperledger/fabric-protos';

import { decodeBlock } from './block-codec.js';
import { FIRST_RECORD, type BlockRecords } from './block-file.js';
import type { LedgerStores } from './committer.js';
import { LedgerStorageError } from './errors.js';
import type { Entry } from './key-value-store.js';

/** Everything that a channel's ledger holds, at one height. */
export interface LedgerImage {
  /** Encoded blocks, in order. */
  readonly blocks: readonly Buffer[];
  readonly state: readonly Entry[];
  readonly privateData: readonly Entry[];
}

/** Nothing may be committed meanwhile. */
export async function readImage({ blocks, state, privateData }: LedgerStores): Promise<LedgerImage> {
  return {
    blocks: await allRecords(blocks),
    state: await state.entries(),
    privateData: await privateData.entries(),
  };
}

/**
 * Replaces what the stores hold. A process that is killed meanwhile leaves a ledger that recovers to some of the image's
 * blocks: the state, which follows from them, is taken away first and written last.
 */
export async function writeImage(
  { blocks, state, privateData }: LedgerStores,
  image: LedgerImage,
  sync: boolean,
): Promise<void> {
  await state.clear();
  await privateData.clear();
  await privateData.write(writesOf(image.privateData), { sync });
  await blocks.truncate(FIRST_RECORD);
  await blocks.append(image.blocks, sync);
  await state.write(writesOf(image.state), { sync });
}

async function allRecords(blocks: BlockRecords): Promise<readonly Buffer[]> {
  const records: Buffer[] = [];
  await blocks.scan(FIRST_RECORD, (_, content) => {
    records.push(content);
    return Promise.resolve();
  });
  return records;
}

function writesOf(entries: readonly Entry[]): { key: Buffer; value: Buffer }[] {
  return entries.map(([key, value]) => ({ key, value }));
}

/** Throws LedgerStorageError for an image without blocks. */
export function genesisOf({ blocks: [first] }: LedgerImage): common.Block {
  if (first === undefined) {
    throw new LedgerStorageError('DAMAGED', 'the snapshot has no blocks: save one anew');
  }
  return decodeBlock(first);
}
