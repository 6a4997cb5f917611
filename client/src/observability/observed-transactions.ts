import type {
  Call,
  CallOptions,
  Committed,
  Endorsed,
  Ledger,
  LedgerProposal,
  LedgerTransaction,
  Transactions,
} from '../transaction/index.js';
import type { Telemetry } from './telemetry.js';

/** Transactions that tell of themselves: a span for each call, and its duration. */
export class ObservedTransactions implements Pick<Transactions, 'submit' | 'evaluate' | 'endorse'> {
  readonly #transactions: Transactions;
  readonly #telemetry: Telemetry;

  constructor(transactions: Transactions, telemetry: Telemetry) {
    this.#transactions = transactions;
    this.#telemetry = telemetry;
  }

  evaluate(call: Call, options: CallOptions = {}): Promise<Uint8Array> {
    const work = (): Promise<Uint8Array> => this.#transactions.evaluate(call, options);
    return this.#telemetry.operation('evaluate', call.function, work, () => ({}));
  }

  submit(call: Call, options: CallOptions = {}): Promise<Committed> {
    const work = (): Promise<Committed> => this.#transactions.submit(call, options);
    return this.#telemetry.operation('submit', call.function, work, ({ transactionId, block, attempts }) => ({
      'vitaledger.transaction_id': transactionId,
      'vitaledger.block': Number(block),
      'vitaledger.attempts': attempts,
    }));
  }

  endorse(call: Call, options: CallOptions = {}): Promise<Endorsed> {
    const work = (): Promise<Endorsed> => this.#transactions.endorse(call, options);
    return this.#telemetry.operation('endorse', call.function, work, ({ transactionId }) => ({
      'vitaledger.transaction_id': transactionId,
    }));
  }
}

/** A channel that tells of each attempt at a phase. */
export class ObservedLedger implements Ledger {
  readonly #ledger: Ledger;
  readonly #telemetry: Telemetry;

  constructor(ledger: Ledger, telemetry: Telemetry) {
    this.#ledger = ledger;
    this.#telemetry = telemetry;
  }

  propose(call: Call): LedgerProposal {
    const proposal = this.#ledger.propose(call);
    const { transactionId } = proposal;
    const phase = <T>(name: string, work: () => Promise<T>): Promise<T> =>
      this.#telemetry.phase(name, call.function, transactionId, work);
    return {
      transactionId,
      evaluate: () => phase('evaluate', () => proposal.evaluate()),
      endorse: async (): Promise<LedgerTransaction> => {
        const transaction = await phase('endorse', () => proposal.endorse());
        return {
          result: transaction.result,
          get envelope() {
            return transaction.envelope;
          },
          submit: () => phase('submit', () => transaction.submit()),
          status: () => phase('commit', () => transaction.status()),
        };
      },
    };
  }

  useAnotherPeer(): void {
    this.#ledger.useAnotherPeer();
  }
}
