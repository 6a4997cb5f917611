import { common } from '@hyperledger/fabric-protos';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import { openEnvelope, type OpenedEnvelope } from '../wire/envelope.js';
import { messageOf, type Log } from '../log.js';
import { LedgerConfigurationError } from '../options.js';
import { BlockCutter } from './block-cutter.js';
import { filterMessage, messageBytes, type BroadcastAnswer } from './message-filter.js';

/** A message that is waiting for its block. */
export interface OrderedMessage {
  /** Serialized `common.Envelope`. */
  readonly envelope: Uint8Array;
  readonly opened: OpenedEnvelope;
  readonly bytes: number;
}

export interface OrderingOptions {
  readonly configuration: ChannelConfiguration;
  readonly mode: 'instant' | 'fabric';
  readonly log: Log;
  /** Makes a block of the batch and commits it. When it throws, the channel takes nothing more. */
  commit(batch: readonly OrderedMessage[]): Promise<void>;
}

/** One channel's orderer: a queue that becomes blocks, one after the other. There is no consensus: it is one process. */
export class OrderingService {
  readonly #options: OrderingOptions;
  readonly #cutter: BlockCutter<OrderedMessage>;
  readonly #batches: OrderedMessage[][] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #refusal: string | undefined;
  #reportFailure: (reason: string) => void = () => undefined;
  /** Resolves with the reason when a block could not be committed and the channel has stopped. */
  readonly failure = new Promise<string>((resolve) => {
    this.#reportFailure = resolve;
  });

  constructor(options: OrderingOptions) {
    this.#options = options;
    this.#cutter = new BlockCutter(options.configuration.batch);
  }

  /** Takes an envelope into the order of the channel, or says why not. */
  async broadcast(envelope: common.Envelope): Promise<BroadcastAnswer> {
    const filtered = await filterMessage(envelope, this.#options.configuration);
    if ('status' in filtered) {
      return filtered;
    }
    if (this.#refusal !== undefined) {
      return { status: common.Status.SERVICE_UNAVAILABLE, info: this.#refusal };
    }
    this.#enqueue({ envelope: envelope.serializeBinary(), opened: filtered, bytes: messageBytes(envelope) });
    return { status: common.Status.SUCCESS, info: '' };
  }

  /**
   * Takes messages of the ledger's own into the order, past what an orderer asks of clients, and cuts their block at once.
   * Throws when the channel takes nothing more.
   */
  order(envelopes: readonly common.Envelope[]): void {
    if (this.#refusal !== undefined) {
      throw new LedgerConfigurationError(this.#refusal);
    }
    for (const envelope of envelopes) {
      const opened = openEnvelope(envelope);
      this.#enqueue({ envelope: envelope.serializeBinary(), opened, bytes: messageBytes(envelope) });
    }
    this.#cutPending();
  }

  /** Resolves when all that was taken so far is in blocks. */
  async drain(): Promise<void> {
    this.#cutPending();
    await this.#running;
  }

  /** Takes nothing more; resolves when all that was taken is in blocks. */
  async close(): Promise<void> {
    this.#refusal ??= 'the ordering service is stopped';
    await this.drain();
  }

  #enqueue(message: OrderedMessage): void {
    this.#batches.push(...this.#cutter.ordered(message));
    if (this.#options.mode === 'fabric') {
      this.#keepTimer();
    }
    this.#run();
  }

  /** The timer runs from the first message that waits. */
  #keepTimer(): void {
    if (!this.#cutter.hasPending) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#cutPending();
    }, this.#options.configuration.batch.timeoutMs);
  }

  #cutPending(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#cutter.hasPending) {
      this.#batches.push(this.#cutter.cut());
    }
    this.#run();
  }

  #run(): void {
    this.#running ??= this.#commitAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #commitAll(): Promise<void> {
    // What arrives in the same turn of the event loop shares a block.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#nextBatch(); batch !== undefined; batch = this.#nextBatch()) {
      try {
        await this.#options.commit(batch);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #nextBatch(): OrderedMessage[] | undefined {
    if (this.#batches.length === 0 && this.#options.mode === 'instant' && this.#cutter.hasPending) {
      return this.#cutter.cut();
    }
    return this.#batches.shift();
  }

  #fail(error: unknown): void {
    const { channel } = this.#options.configuration;
    this.#refusal = `channel ${channel} has stopped: a block could not be committed (${messageOf(error)}); restart the ledger`;
    this.#options.log.warn(this.#refusal);
    this.#reportFailure(this.#refusal);
    this.#batches.length = 0;
    this.#cutter.cut();
  }
}
