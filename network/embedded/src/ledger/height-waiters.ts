interface Waiter {
  readonly above: bigint;
  resolve(): void;
  reject(reason: unknown): void;
}

/** Those who wait for the chain to grow: deliver streams and commit-status calls. */
export class HeightWaiters {
  readonly #waiters = new Set<Waiter>();

  wait(above: bigint, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        above,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (reason) => {
          settle();
          reject(reason instanceof Error ? reason : new Error(String(reason)));
        },
      };
      const abort = (): void => {
        waiter.reject(signal.reason);
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', abort);
      if (signal.aborted) {
        abort();
      }
    });
  }

  reached(height: bigint): void {
    for (const waiter of [...this.#waiters]) {
      if (height > waiter.above) {
        waiter.resolve();
      }
    }
  }

  /** The ledger closes: nobody's height will be reached. */
  abandon(reason: Error): void {
    for (const waiter of [...this.#waiters]) {
      waiter.reject(reason);
    }
  }
}
