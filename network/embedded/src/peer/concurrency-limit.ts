/** Counts requests in flight of one service; too many are refused, as by Fabric's peers (internal/peer/node/grpc_limiters.go). */
export class ConcurrencyLimit {
  readonly #service: string;
  readonly #limit: number;
  #inFlight = 0;

  /** `service` as in the error: `/gateway.Gateway`. */
  constructor(service: string, limit: number) {
    this.#service = service;
    this.#limit = limit;
  }

  /** Runs `work` when there is room; else throws (gRPC status UNKNOWN). */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= this.#limit) {
      throw new Error(`too many requests for ${this.#service}, exceeding concurrency limit (${this.#limit})`);
    }
    this.#inFlight += 1;
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
    }
  }
}
