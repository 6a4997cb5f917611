import type { CommittedBlock, ValidationCode } from '../ledger/ledger.js';

export interface CommitStatus {
  readonly block: bigint;
  readonly code: ValidationCode;
}

type Listener = (status: CommitStatus) => void;

/** Wakes those who wait for a transaction to be in a block. */
export class CommitNotifier {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Calls `listener` once when the transaction commits; the returned function ends the wait. */
  listen(transactionId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(transactionId) ?? new Set();
    this.#listeners.set(transactionId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(transactionId) === listeners) {
        this.#listeners.delete(transactionId);
      }
    };
  }

  committed({ block, codes, transactionIds }: CommittedBlock): void {
    const number = BigInt(block.getHeader()?.getNumber() ?? 0);
    transactionIds.forEach((transactionId, index) => {
      const listeners = this.#listeners.get(transactionId);
      const code = codes[index];
      if (listeners !== undefined && code !== undefined) {
        this.#listeners.delete(transactionId);
        for (const listener of listeners) {
          listener({ block: number, code });
        }
      }
    });
  }
}
