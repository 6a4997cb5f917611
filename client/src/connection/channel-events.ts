import type { Gateway } from '@hyperledger/fabric-gateway';
import { setTimeout as sleep } from 'node:timers/promises';
import { delayAfter, verdictOn, type RetryPolicy } from '../transaction/index.js';
import type { ChannelPlace, GatewaySource } from './channel-ledger.js';

/** An event that a transaction's chaincode set. Every client of the channel receives it. */
export interface LedgerEvent extends EventPosition {
  readonly transactionId: string;
  readonly name: string;
  readonly payload: Uint8Array;
}

/** A place in the stream of events. */
export interface EventPosition {
  readonly block: bigint;
  /** Go on behind this transaction of the block; from the block's beginning if absent. */
  readonly transactionId?: string;
}

export interface EventOptions {
  /** Where to begin; with the next block to be committed if absent. */
  readonly after?: EventPosition | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The events of valid transactions in the order of the ledger, for ever. When a peer ends the stream, another one goes on
 * behind the last event seen.
 *
 * @throws VitaledgerError what will not get better by waiting, such as `PERMISSION_DENIED`.
 */
export async function* channelEvents(
  source: GatewaySource,
  place: ChannelPlace,
  policy: RetryPolicy,
  { after, signal }: EventOptions = {},
): AsyncGenerator<LedgerEvent> {
  let position = after;
  for (let failures = 0; !signal?.aborted; failures += 1) {
    const peer = place.peers[failures % place.peers.length] ?? '';
    try {
      for await (const event of peerEvents(source.gateway(peer), place, position, signal)) {
        failures = 0;
        position = { block: event.block, transactionId: event.transactionId };
        yield event;
      }
    } catch (error) {
      const { error: refusal, retry } = verdictOn(error);
      if (retry === undefined) throw refusal;
    }
    await waited(delayAfter(failures + 1, policy), signal);
  }
}

/** The events of one peer, until it ends the stream or `signal` does. */
async function* peerEvents(
  gateway: Gateway,
  { channel, chaincode }: ChannelPlace,
  position: EventPosition | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<LedgerEvent> {
  const events = await gateway.getNetwork(channel).getChaincodeEvents(chaincode, startAt(position));
  const close = (): void => {
    events.close();
  };
  signal?.addEventListener('abort', close);
  try {
    // It may have been aborted before anybody listened.
    if (signal?.aborted) return;
    for await (const { blockNumber, transactionId, eventName, payload } of events) {
      yield { block: blockNumber, transactionId, name: eventName, payload };
    }
  } catch (error) {
    // Closing ends the stream with an error too.
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', close);
    events.close();
  }
}

function startAt(position: EventPosition | undefined) {
  if (!position) return {};
  const { block, transactionId } = position;
  return { checkpoint: { getBlockNumber: () => block, getTransactionId: () => transactionId } };
}

/** Waits, or returns at once when `signal` aborts. */
async function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, signal ? { signal } : {}).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
  });
}
