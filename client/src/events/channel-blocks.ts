import type { common } from '@hyperledger/fabric-protos';
import { VitaledgerError } from '@vitaledger/domain';
import type { ChannelPlace, GatewaySource } from '../connection/channel-ledger.js';
import { follow, type EventOptions } from '../connection/follow.js';
import type { RetryPolicy } from '../transaction/index.js';
import { decodeBlock } from './decode-block.js';
import type { LedgerBlock } from './ledger-block.js';

/**
 * The blocks of a channel in order, for ever, each decoded and checked to follow the one before; see {@link follow}.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` where the channel gives blocks to nobody; `INTEGRITY` when a block is damaged or does
 *   not follow the one before
 */
export async function* channelBlocks(
  source: GatewaySource,
  place: ChannelPlace,
  policy: RetryPolicy,
  options: EventOptions = {},
): AsyncGenerator<LedgerBlock> {
  const stream = {
    open: (gateway: ReturnType<GatewaySource['gateway']>, start: object) =>
      gateway.getNetwork(place.channel).getBlockEvents(start),
    behind: (block: common.Block) => ({ block: numberOf(block) + 1n }),
  };
  let before: LedgerBlock | undefined;
  for await (const block of follow(source, place, policy, stream, options)) {
    const decoded = decodeBlock(block);
    if (before && !follows(before, decoded)) {
      throw new VitaledgerError(
        'INTEGRITY',
        `Block ${decoded.number.toString()} does not follow the one that was received before: this is another ledger, or a peer's was altered`,
        { block: decoded.number.toString() },
      );
    }
    before = decoded;
    yield decoded;
  }
}

function follows(before: LedgerBlock, block: LedgerBlock): boolean {
  return block.number === before.number + 1n && block.previousHash === before.hash;
}

function numberOf(block: common.Block): bigint {
  return BigInt(block.getHeader()?.getNumber() ?? 0);
}
