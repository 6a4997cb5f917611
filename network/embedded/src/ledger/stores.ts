import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { MemoryBlockRecords, openBlockFile } from './block-file.js';
import type { LedgerStores } from './committer.js';
import { openKeyValueStore } from './key-value-store.js';

/** In memory when there is no directory. */
export async function openStores(directory: string | undefined): Promise<LedgerStores> {
  if (directory === undefined) {
    return {
      blocks: new MemoryBlockRecords(),
      state: await openKeyValueStore(undefined),
      privateData: await openKeyValueStore(undefined),
    };
  }
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // The databases hold locks, so that the block file is not touched while another process has the ledger open.
  const state = await openKeyValueStore(join(directory, 'state'));
  try {
    const privateData = await openKeyValueStore(join(directory, 'private'));
    try {
      return { state, privateData, blocks: await openBlockFile(join(directory, 'blocks')) };
    } catch (error) {
      await privateData.close();
      throw error;
    }
  } catch (error) {
    await state.close();
    throw error;
  }
}

export async function closeStores({ blocks, state, privateData }: LedgerStores): Promise<void> {
  await Promise.all([blocks.close(), state.close(), privateData.close()]);
}
