/** A block as auditors see it: what is public of each transaction, decoded. Digests are lower-case hexadecimal. */
export interface LedgerBlock {
  readonly number: bigint;
  /** Of the header of the block before; empty in block 0. */
  readonly previousHash: string;
  /** Of the transactions' bytes; checked. */
  readonly dataHash: string;
  /** Of this block's header; the next block's `previousHash`. */
  readonly hash: string;
  readonly transactions: readonly BlockTransaction[];
}

/** A transaction of a block, valid or not. */
export interface BlockTransaction {
  readonly block: bigint;
  /** Place in the block, from 0. */
  readonly index: number;
  /** Empty when the bytes cannot be decoded; such transactions are in blocks too, as invalid ones. */
  readonly transactionId: string;
  /** `endorsed`: of a chaincode. `config`: of the channel. `other`: of neither kind, or not decodable. */
  readonly type: 'endorsed' | 'config' | 'other';
  /** Fabric's code (`TxValidationCode`): 0 is valid. */
  readonly validationCode: number;
  readonly isValid: boolean;
  /** The creator's clock: an instant, UTC with milliseconds; empty if there is none. */
  readonly timestamp: string;
  readonly creator?: BlockIdentity;
  /** What an endorsed transaction did. */
  readonly action?: ChaincodeAction;
}

/** Who signed, as far as a block tells. */
export interface BlockIdentity {
  readonly mspId: string;
  /** PEM. */
  readonly certificate: string;
}

/** What a transaction had a chaincode do, and what came of it. */
export interface ChaincodeAction {
  readonly chaincode: string;
  /** `Contract:function`. */
  readonly function: string;
  readonly arguments: readonly Uint8Array[];
  readonly result: Uint8Array;
  readonly endorsers: readonly BlockIdentity[];
  readonly writes: readonly PublicWrite[];
  readonly privateWrites: readonly PrivateWrite[];
  readonly event?: { readonly name: string; readonly payload: Uint8Array };
}

/** A write to public state. */
export interface PublicWrite {
  /** The chaincode whose state it is. */
  readonly chaincode: string;
  readonly key: string;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
}

/** What a block tells of a write to a private collection. */
export interface PrivateWrite {
  readonly chaincode: string;
  readonly collection: string;
  readonly keyHash: string;
  /** Undefined: deleted or purged. */
  readonly valueHash: string | undefined;
}
