import type { CloseableAsyncIterable, Gateway } from '@hyperledger/fabric-gateway';
import { setTimeout as sleep } from 'node:timers/promises';
import { delayAfter, verdictOn, type RetryPolicy } from '../transaction/index.js';
import type { ChannelPlace, GatewaySource } from './channel-ledger.js';

/** A place in the ledger, to go on behind it. */
export interface EventPosition {
  readonly block: bigint;
  /** Go on behind this transaction of the block; from the block's beginning if absent. */
  readonly transactionId?: string;
  /** Of a transaction with events of several trials: go on behind this trial's; behind all of them if absent. */
  readonly trial?: string;
}

export interface EventOptions {
  /** Where to begin; with the next block to be committed if absent. */
  readonly after?: EventPosition | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
}

/** One kind of what peers stream. */
export interface PeerStream<T> {
  /** Has a peer's gateway stream from a position on. */
  open(gateway: Gateway, start: StartOptions): Promise<CloseableAsyncIterable<T>>;
  /** Where to go on when `item` was the last one seen. */
  behind(item: T): EventPosition;
}

/** Where a stream begins, as the gateway's calls take it. */
export interface StartOptions {
  readonly checkpoint?: { getBlockNumber(): bigint; getTransactionId(): string | undefined };
}

/**
 * What peers stream, in the order of the ledger, for ever. When a peer ends the stream or breaks it, another one goes on behind the
 * last item seen.
 *
 * @throws VitaledgerError what will not get better by waiting, such as `PERMISSION_DENIED`.
 */
export async function* follow<T>(
  source: GatewaySource,
  { peers }: Pick<ChannelPlace, 'peers'>,
  policy: RetryPolicy,
  stream: PeerStream<T>,
  { after, signal }: EventOptions = {},
): AsyncGenerator<T> {
  let position = after;
  for (let failures = 0; !signal?.aborted; failures += 1) {
    const peer = peers[failures % peers.length] ?? '';
    try {
      for await (const item of peerStream(source.gateway(peer), stream, position, signal)) {
        failures = 0;
        position = stream.behind(item);
        yield item;
      }
    } catch (error) {
      const { error: refusal, retry } = verdictOn(error);
      if (retry === undefined) throw refusal;
    }
    await waited(delayAfter(failures + 1, policy), signal);
  }
}

/** What one peer streams, until it ends the stream or `signal` does. */
async function* peerStream<T>(
  gateway: Gateway,
  stream: PeerStream<T>,
  position: EventPosition | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const items = await stream.open(gateway, startAt(position));
  const close = (): void => {
    items.close();
  };
  signal?.addEventListener('abort', close);
  try {
    // It may have been aborted before anybody listened.
    if (signal?.aborted) return;
    yield* items;
  } catch (error) {
    // Closing ends the stream with an error too.
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', close);
    items.close();
  }
}

function startAt(position: EventPosition | undefined): StartOptions {
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
