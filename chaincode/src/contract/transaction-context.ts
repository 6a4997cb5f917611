import { callerOf, type Caller } from '../authorization/caller.js';
import { wallClock, type WallClock } from '../clock/wall-clock.js';
import { Context } from '../fabric/contract-api.js';
import type { Ledger } from '../ledger/ledger.js';
import { StubLedger } from '../ledger/stub-ledger.js';

/** What a transaction runs against. Given only by tests; otherwise it comes from the peer. */
export interface TransactionPorts {
  readonly ledger: Ledger;
  readonly caller: Caller;
  readonly wallClock: WallClock;
}

/** What a contract function gets: the ledger, who calls, and (for evaluated functions and beats) this machine's time. */
export class TransactionContext extends Context {
  #ledger: Ledger | undefined;
  #caller: Caller | undefined;
  readonly #wallClock: WallClock;

  constructor(ports?: TransactionPorts) {
    super();
    this.#ledger = ports?.ledger;
    this.#caller = ports?.caller;
    this.#wallClock = ports?.wallClock ?? wallClock;
  }

  get ledger(): Ledger {
    return (this.#ledger ??= new StubLedger(this.stub));
  }

  get caller(): Caller {
    return (this.#caller ??= callerOf(this.clientIdentity));
  }

  /** The transaction's id, by which an operator finds it in block and log. */
  get transactionId(): string {
    return this.#ledger?.transactionId ?? this.stub.getTxID();
  }

  /** This peer's own time. Never in a submitted function, except to check a clock beat. */
  peerTime(): string {
    return this.#wallClock();
  }
}
