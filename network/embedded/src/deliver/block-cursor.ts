import type { common } from '@hyperledger/fabric-protos';
import type { ChannelLedger } from '../ledger/ledger.js';

/** The next block once it is committed; undefined when `signal` ends the wait. */
export async function waitForBlock(
  ledger: ChannelLedger,
  number: bigint,
  signal: AbortSignal,
): Promise<common.Block | undefined> {
  while (ledger.height <= number) {
    try {
      await ledger.waitForHeight(number, signal);
    } catch (error) {
      if (signal.aborted) {
        return undefined;
      }
      throw error;
    }
    if (signal.aborted) {
      return undefined;
    }
  }
  return ledger.block(number);
}
