import type { BatchOptions } from '../options.js';

/** Collects messages into batches by count and bytes (orderer/common/blockcutter). */
export class BlockCutter<T extends { readonly bytes: number }> {
  readonly #batch: BatchOptions;
  #pending: T[] = [];
  #pendingBytes = 0;

  constructor(batch: BatchOptions) {
    this.#batch = batch;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes a message; returns the batches that are complete now, in order. */
  ordered(message: T): T[][] {
    const { preferredMaxBytes, maxMessages } = this.#batch;
    const batches: T[][] = [];
    if (message.bytes > preferredMaxBytes) {
      if (this.hasPending) {
        batches.push(this.cut());
      }
      return [...batches, [message]];
    }
    if (this.#pendingBytes + message.bytes > preferredMaxBytes) {
      batches.push(this.cut());
    }
    this.#pending.push(message);
    this.#pendingBytes += message.bytes;
    if (this.#pending.length >= maxMessages) {
      batches.push(this.cut());
    }
    return batches;
  }

  /** The messages that are waiting; they no longer do. */
  cut(): T[] {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }
}
