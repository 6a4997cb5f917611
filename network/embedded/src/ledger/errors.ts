/** A simulation was asked for something that Fabric refuses; the message is Fabric's and goes to the chaincode. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

export type LedgerStorageErrorCode =
  /** Another process has the directory open. */
  | 'LOCKED'
  /** Stored bytes do not carry what was written. */
  | 'DAMAGED'
  /** The directory belongs to another channel or was begun with another genesis block. */
  | 'OTHER_CHANNEL'
  /** There is no ledger in the directory. */
  | 'NOT_FOUND'
  /** A block does not continue the chain. */
  | 'NOT_NEXT_BLOCK'
  /** An earlier write failed, so what is on disk is unknown until the ledger is opened again. */
  | 'FAILED'
  | 'CLOSED';

/** The ledger cannot store or find what it must. The message says what to do; it never names keys or values. */
export class LedgerStorageError extends Error {
  override readonly name = 'LedgerStorageError';

  constructor(
    readonly code: LedgerStorageErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
