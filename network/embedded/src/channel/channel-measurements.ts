import { peer } from '@hyperledger/fabric-protos';
import type { ValidationCode } from '../ledger/ledger.js';

const codeNames = new Map<number, string>(
  Object.entries(peer.TxValidationCode).map(([name, code]) => [code, name]),
);

/** What a channel has done since the start, as Fabric's metrics count it. */
export class ChannelMeasurements {
  readonly #codes = new Map<ValidationCode, number>();
  #blocks = 0;
  #milliseconds = 0;

  /** A block that took from its making to its commit. */
  committed(codes: readonly ValidationCode[], milliseconds: number): void {
    this.#blocks += 1;
    this.#milliseconds += milliseconds;
    for (const code of codes) {
      this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    }
  }

  get blocks(): number {
    return this.#blocks;
  }

  get seconds(): number {
    return this.#milliseconds / 1_000;
  }

  /** By the code's name, in the order of their first transaction. */
  get transactions(): readonly (readonly [code: string, count: number])[] {
    return [...this.#codes].map(([code, count]) => [codeNames.get(code) ?? String(code), count]);
  }
}
