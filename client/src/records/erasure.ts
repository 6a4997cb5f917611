import type { ErasedParts } from '../vault/vault.js';

/** What was erased, by which transaction, and what is left where. */
export interface ErasureReceipt {
  /** The record's id. */
  readonly record: string;
  /** The transaction that destroyed the ledger's share of the key; absent when an earlier attempt had already done so. */
  readonly transactionId?: string;
  readonly block?: bigint;
  /** What the vault still had of it: each object, by its name there. */
  readonly vault: readonly ErasedObject[];
  readonly remains: readonly Remainder[];
}

/** An object of the vault, by name, and which parts of it were there to be deleted. */
export interface ErasedObject extends ErasedParts {
  readonly name: string;
}

/** Something that an erasure leaves behind. */
export interface Remainder {
  readonly where: string;
  readonly what: string;
  readonly until: string;
}

/** Purging a private value is not instant on disk; backups are the custodian's. Said to whoever asks for an erasure. */
export const remainders: readonly Remainder[] = [
  {
    where: 'ledger of every member of the channel',
    what: 'salted hashes of the record and its key name, from which nothing can be learned without the salt',
    until: 'for ever',
  },
  {
    where: "databases of the custodian's peers",
    what: "the record's metadata and the ledger's share of its key, in files that are no longer read",
    until: 'the database has compacted its files, and the transient store has passed its retention in blocks',
  },
  {
    where: "backups of the custodian's vault",
    what: 'the encrypted content; it cannot be decrypted any more, unless the vault shares were backed up too',
    until: "the end of the custodian's backup rotation",
  },
  {
    where: "the custodian's private ledger data",
    what: 'that the record was erased, by whom, when and why',
    until: 'for ever',
  },
];
