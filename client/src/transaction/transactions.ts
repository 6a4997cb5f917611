import { VitaledgerError } from '@vitaledger/domain';
import { isCustodianCall, type Call } from './call.js';
import type { CommitStatus, Ledger, LedgerProposal, LedgerTransaction } from './ledger.js';
import { pause, type RetryPolicy } from './retry.js';
import { TransactionError, type Fate, type Phase } from './transaction-error.js';
import { validation, verdictOn, verdictOnCommit, type Verdict } from './verdict.js';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * What the call needs was committed a moment ago, perhaps seen by another peer than the one that answers now: NOT_FOUND
   * is repeated like a conflict.
   */
  readonly needsRecentState?: boolean;
}

/** Where the ledger has a transaction, and what its function returned. */
export interface Committed {
  readonly transactionId: string;
  /** What the function returned. */
  readonly result: Uint8Array;
  readonly block: bigint;
  /** Proposals that it took. */
  readonly attempts: number;
}

/** What peers endorsed, and nobody submitted. */
export interface Endorsed extends Pick<LedgerTransaction, 'result' | 'envelope'> {
  readonly transactionId: string;
}

/** A phase that failed, before it is decided whether there will be another attempt. */
interface FailedAttempt {
  readonly phase: Phase;
  readonly fate: Fate;
  readonly verdict: Verdict;
}

/**
 * The one way to the ledger: proposes, repeats what may be repeated, and turns every failure into a
 * {@link TransactionError}. A new proposal is made only while it is certain that the one before wrote nothing; when its
 * fate is unknown, the same signed transaction is submitted again, which the ledger executes once.
 */
export class Transactions {
  readonly #ledger: Ledger;
  readonly #policy: RetryPolicy;

  constructor(ledger: Ledger, policy: RetryPolicy) {
    this.#ledger = ledger;
    this.#policy = policy;
  }

  /** Runs a function on one peer (the custodian's, for a custodian's function); nothing is written. */
  async evaluate(call: Call, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#repeat<Uint8Array>(call, options, async (proposal) => {
      try {
        return await proposal.evaluate();
      } catch (error) {
        return { phase: 'evaluate', fate: 'failed', verdict: verdictOn(error) };
      }
    });
  }

  /** Runs a function and returns once what it wrote is committed. */
  async submit(call: Call, options: CallOptions = {}): Promise<Committed> {
    return this.#repeat(call, options, (proposal, attempts) =>
      this.#attempt(call, proposal, attempts, options),
    );
  }

  /** Has a function endorsed by several organizations' peers and goes no further: nothing is ever submitted. */
  async endorse(call: Call, options: CallOptions = {}): Promise<Endorsed> {
    return this.#repeat<Endorsed>(call, options, async (proposal) => {
      try {
        const { result, envelope } = await proposal.endorse();
        return { transactionId: proposal.transactionId, result, envelope };
      } catch (error) {
        return { phase: 'endorse', fate: 'failed', verdict: verdictOn(error) };
      }
    });
  }

  async #repeat<T extends object>(
    call: Call,
    options: CallOptions,
    attempt: (proposal: LedgerProposal, attempts: number) => Promise<T | FailedAttempt>,
  ): Promise<T> {
    checkCall(call);
    for (let attempts = 1; ; attempts++) {
      options.signal?.throwIfAborted();
      const proposal = this.#ledger.propose(call);
      const outcome = await attempt(proposal, attempts);
      if (!isFailed(outcome)) {
        return outcome;
      }
      const reason = retryReason(outcome, options);
      if (reason === undefined || attempts >= this.#policy.attempts) {
        throw transactionError(outcome, proposal.transactionId, attempts);
      }
      this.#moveOn(outcome.verdict);
      await pause(
        {
          function: call.function,
          reason,
          what: 'proposal',
          attempt: attempts,
          transactionId: proposal.transactionId,
        },
        this.#policy,
        options.signal,
      );
    }
  }

  async #attempt(
    call: Call,
    proposal: LedgerProposal,
    attempts: number,
    options: CallOptions,
  ): Promise<Committed | FailedAttempt> {
    let transaction: LedgerTransaction;
    try {
      transaction = await proposal.endorse();
    } catch (error) {
      return { phase: 'endorse', fate: 'failed', verdict: verdictOn(error) };
    }
    options.signal?.throwIfAborted();
    const { transactionId } = proposal;
    const refused = await this.#order(call, transactionId, transaction);
    if (refused) {
      return refused;
    }
    const status = await this.#status(call, transactionId, transaction);
    if (isFailed(status)) {
      return status;
    }
    if (status.code !== validation.valid) {
      return { phase: 'commit', fate: 'failed', verdict: verdictOnCommit(status.code) };
    }
    return { transactionId, result: transaction.result, block: status.block, attempts };
  }

  /** Hands the transaction over for ordering. Returns a failure only when it was certainly not accepted. */
  async #order(
    call: Call,
    transactionId: string,
    transaction: LedgerTransaction,
  ): Promise<FailedAttempt | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await transaction.submit();
        return undefined;
      } catch (error) {
        const verdict = verdictOn(error);
        if (verdict.retry === undefined && attempt === 1) {
          return { phase: 'submit', fate: 'failed', verdict };
        }
        if (verdict.retry === undefined || attempt >= this.#policy.attempts) {
          // One of the submissions may have been accepted; its status will tell.
          return undefined;
        }
        this.#moveOn(verdict);
        await pause(
          { function: call.function, reason: verdict.retry, what: 'submission', attempt, transactionId },
          this.#policy,
          undefined,
        );
      }
    }
  }

  /** Learns the transaction's fate. From here on an abort signal is not heard: it could not undo anything. */
  async #status(
    call: Call,
    transactionId: string,
    transaction: LedgerTransaction,
  ): Promise<CommitStatus | FailedAttempt> {
    for (let attempt = 1; ; attempt++) {
      const answer = await askStatus(transaction);
      if (!isFailed(answer) && answer.code !== validation.duplicateTransactionId) {
        return answer;
      }
      const failure = isFailed(answer) ? answer : duplicate();
      const { retry } = failure.verdict;
      if (retry === undefined || attempt >= this.#policy.attempts || isDeadline(failure.verdict)) {
        return failure;
      }
      this.#moveOn(failure.verdict);
      await pause(
        { function: call.function, reason: retry, what: 'status', attempt, transactionId },
        this.#policy,
        undefined,
      );
    }
  }

  #moveOn(verdict: Verdict): void {
    if (verdict.retry === 'UNAVAILABLE') {
      this.#ledger.useAnotherPeer();
    }
  }
}

async function askStatus(transaction: LedgerTransaction): Promise<CommitStatus | FailedAttempt> {
  try {
    return await transaction.status();
  } catch (error) {
    return { phase: 'commit', fate: 'unknown', verdict: verdictOn(error) };
  }
}

/** The status heard first may be that of a second submission; asked again, the ledger looks the first one up. */
function duplicate(): FailedAttempt {
  const error = new VitaledgerError(
    'UNAVAILABLE',
    'The transaction was submitted twice and its first status is not known yet',
  );
  return { phase: 'commit', fate: 'unknown', verdict: { error, retry: 'CONFLICT' } };
}

function retryReason(outcome: FailedAttempt, options: CallOptions): Verdict['retry'] {
  if (outcome.fate === 'unknown') {
    return undefined;
  }
  if (options.needsRecentState && outcome.verdict.error.code === 'NOT_FOUND') {
    return 'NOT_YET_THERE';
  }
  return outcome.verdict.retry;
}

function isDeadline(verdict: Verdict): boolean {
  return verdict.error.details.reason === 'DEADLINE';
}

function isFailed(outcome: object): outcome is FailedAttempt {
  return 'verdict' in outcome;
}

function transactionError(outcome: FailedAttempt, transactionId: string, attempts: number): TransactionError {
  const { phase, fate, verdict } = outcome;
  const { error } = verdict;
  const unknown = fate === 'unknown';
  return new TransactionError(
    unknown ? 'UNAVAILABLE' : error.code,
    unknown
      ? `It is not known whether transaction ${transactionId} was committed: ${error.message}`
      : error.message,
    { ...error.details, ...(unknown ? { reason: 'FATE_UNKNOWN' } : {}) },
    { phase, fate, transactionId, attempts, cause: error.cause ?? error, nodes: verdict.nodes ?? [] },
  );
}

function checkCall(call: Call): void {
  if (isCustodianCall(call) && call.custodian === '') {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'A call that concerns a patient must name the custodian (an MSP id)',
    );
  }
}
