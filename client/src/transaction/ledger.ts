import type { Call } from './call.js';

/** What this room needs of a channel; `connection/` provides it. One call of a method is one attempt. */
export interface Ledger {
  propose(call: Call): LedgerProposal;
  /** Called when the peer in use seems to be down: use another one from now on, where there is one. */
  useAnotherPeer(): void;
}

export interface LedgerProposal {
  readonly transactionId: string;
  evaluate(): Promise<Uint8Array>;
  endorse(): Promise<LedgerTransaction>;
}

/** An endorsed transaction. It keeps its id and bytes, however often it is submitted. */
export interface LedgerTransaction {
  /** What the function returned while it was endorsed. */
  readonly result: Uint8Array;
  /** The transaction with its endorsements: Fabric's `common.Envelope`, without the client's own signature over it. */
  readonly envelope: Uint8Array;
  submit(): Promise<void>;
  /** Waits for the transaction to be committed, or for the deadline. */
  status(): Promise<CommitStatus>;
}

export interface CommitStatus {
  /** Fabric's validation code (`TxValidationCode`), 0 is VALID. */
  readonly code: number;
  readonly block: bigint;
}
