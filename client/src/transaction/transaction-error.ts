import { VitaledgerError, type ErrorCode, type ErrorDetails } from '@vitaledger/domain';

/** How far a transaction had come. */
export type Phase = 'evaluate' | 'endorse' | 'submit' | 'commit';

/**
 * `failed`: nothing was written. `unknown`: the transaction may or may not have been written; ask for its fate by its id
 * before doing the same again.
 */
export type Fate = 'failed' | 'unknown';

/** A node of the network that had a part in a failure. */
export interface FailedNode {
  /** `host:port`. */
  readonly address: string;
  readonly mspId: string;
}

/** What is known of a transaction that failed. */
export interface TransactionFailure {
  readonly phase: Phase;
  readonly fate: Fate;
  readonly transactionId: string;
  /** How many proposals were made. */
  readonly attempts: number;
  readonly cause?: unknown;
  /** The peers and orderers that refused or failed, as far as the gateway names them. */
  readonly nodes?: readonly FailedNode[];
}

/**
 * A transaction or query that did not succeed. `code`, `message` and `details` are the contract's when it refused, else
 * the SDK's for what the network did.
 *
 * @example
 * ```typescript
 * if (error instanceof TransactionError && error.fate === 'unknown') {
 *   console.error(`look transaction ${error.transactionId} up before you repeat it`);
 * }
 * ```
 */
export class TransactionError extends VitaledgerError {
  readonly phase: Phase;
  readonly fate: Fate;
  readonly transactionId: string;
  readonly attempts: number;
  /** The peers and orderers that refused or failed, as far as the gateway names them; what they said is in the cause. */
  readonly nodes: readonly FailedNode[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails, failure: TransactionFailure) {
    super(code, message, details, failure.cause === undefined ? undefined : { cause: failure.cause });
    this.phase = failure.phase;
    this.fate = failure.fate;
    this.transactionId = failure.transactionId;
    this.attempts = failure.attempts;
    this.nodes = failure.nodes ?? [];
  }
}
