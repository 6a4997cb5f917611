import type { RetryPolicy } from '../transaction/index.js';
import type { ChannelPlace, GatewaySource } from './channel-ledger.js';
import { follow, type EventOptions, type EventPosition } from './follow.js';

/** An event that a transaction's chaincode set. Every client of the channel receives it. */
export interface LedgerEvent extends EventPosition {
  readonly transactionId: string;
  readonly name: string;
  readonly payload: Uint8Array;
}

/**
 * The events of valid transactions in the order of the ledger, for ever; see {@link follow}.
 *
 * @throws VitaledgerError what will not get better by waiting, such as `PERMISSION_DENIED`.
 */
export async function* channelEvents(
  source: GatewaySource,
  place: ChannelPlace,
  policy: RetryPolicy,
  options: EventOptions = {},
): AsyncGenerator<LedgerEvent> {
  const { channel, chaincode } = place;
  const events = follow(
    source,
    place,
    policy,
    {
      open: (gateway, start) => gateway.getNetwork(channel).getChaincodeEvents(chaincode, start),
      behind: ({ blockNumber, transactionId }) => ({ block: blockNumber, transactionId }),
    },
    options,
  );
  for await (const { blockNumber, transactionId, eventName, payload } of events) {
    yield { block: blockNumber, transactionId, name: eventName, payload };
  }
}
