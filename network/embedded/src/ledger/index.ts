import type { common } from '@hyperledger/fabric-protos';

import { blockHeaderHash, decodeBlock, encodeBlock, envelopesOf } from './block-codec.js';
import { recordOfBlock } from './block-index.js';
import { StoredChannelLedger } from './channel-ledger.js';
import { Committer, type LedgerStores } from './committer.js';
import { LedgerStorageError } from './errors.js';
import type { ChannelLedger, ChannelLedgerOptions, CollectionDirectory, LedgerLogger } from './ledger.js';
import { Verdict } from './mvcc.js';
import { closeStores, openStores } from './stores.js';

export * from './errors.js';
export * from './ledger.js';
export { genesisOf, type LedgerImage } from './ledger-image.js';
export { verifyLedger, type Verification, type VerificationOptions } from './verify.js';

/** As `transientstoreMaxBlockRetention` of Fabric's sample configuration. */
const TRANSIENT_BLOCK_RETENTION = 20_000;

const SILENT: LedgerLogger = { info: () => undefined, warn: () => undefined };

const NO_COLLECTIONS: CollectionDirectory = { collection: () => undefined };

/**
 * Opens one channel's ledger, making it when there is none, and recovers it from however it was left. The files in its
 * directory: `blocks` (the chain), `private` (private data, which blocks hold only hashes of), `state` (all that follows
 * from those two). Rejects with a `LedgerStorageError`.
 */
export async function openChannelLedger(options: ChannelLedgerOptions): Promise<ChannelLedger> {
  const stores = await openStores(options.directory);
  try {
    const newCommitter = () =>
      new Committer(stores, {
        logger: options.logger ?? SILENT,
        sync: options.sync ?? true,
        retention: options.transientBlockRetention ?? TRANSIENT_BLOCK_RETENTION,
      });
    const ledger = new StoredChannelLedger(options.channel, stores, newCommitter);
    await ledger.recover();
    if (ledger.height === 0n) {
      const block = decodeBlock(encodeBlock(options.genesis).bytes);
      const codes = envelopesOf(block).map(() => Verdict.VALID);
      await ledger.commit([{ block, codes }], NO_COLLECTIONS);
    } else {
      await checkGenesis(stores, options.genesis);
    }
    return ledger;
  } catch (error) {
    await closeStores(stores);
    throw error;
  }
}

async function checkGenesis(stores: LedgerStores, genesis: common.Block): Promise<void> {
  const header = genesis.getHeader();
  const record = recordOfBlock(stores.state, 0);
  const stored = record === undefined ? undefined : decodeBlock(await stores.blocks.read(record)).getHeader();
  if (
    header === undefined ||
    stored === undefined ||
    !blockHeaderHash(header).equals(blockHeaderHash(stored))
  ) {
    throw new LedgerStorageError(
      'OTHER_CHANNEL',
      'the directory holds a ledger that began with another genesis block: use another directory, or remove it',
    );
  }
}
