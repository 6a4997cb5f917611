import type { SignedProposal } from './remote/loan.js';

/**
 * Storage of one custodian: erasable, and not trusted with content. An object is ciphertext; its share is one half of
 * the key material, the other half is on the ledger. Names are random, lower-case hexadecimal, 32 to 64 digits.
 *
 * Implement it to keep objects elsewhere (an object store, say). All writes are put-if-absent and durable when they
 * return. What reads return is verified by the caller.
 */
export interface Vault {
  /**
   * Stores an object from a stream, without holding it in memory. Nothing is stored when the stream fails.
   * @throws VitaledgerError `ALREADY_EXISTS` when the name is taken
   */
  putObject(name: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** @throws VitaledgerError `NOT_FOUND`, at the first read, when there is no such object */
  getObject(name: string): AsyncIterable<Uint8Array>;
  /**
   * As {@link getObject}, from a byte on, so that an interrupted reading can go on. A vault that cannot do it leaves it out; then
   * what lies before is read and dropped.
   */
  getObjectFrom?(name: string, offset: number): AsyncIterable<Uint8Array>;
  /**
   * Begins to write an object, or goes on where that was interrupted, also by the end of the process. Nothing is to be read under the
   * name before it is finished. A vault that cannot do it leaves it out.
   */
  resumeObject?(name: string): Promise<PartialObject>;
  /**
   * Stores the vault's share of an object's key material. Keep shares out of backups: erasing the share is what erases
   * the copies of the object.
   * @throws VitaledgerError `ALREADY_EXISTS` when the name is taken
   */
  putShare(name: string, share: Uint8Array): Promise<void>;
  /** @throws VitaledgerError `NOT_FOUND` when there is no such share */
  getShare(name: string): Promise<Uint8Array>;
  /** Deletes object and share; tells which of them were there. Deleting what is not there is no error. */
  erase(name: string): Promise<ErasedParts>;
  /**
   * A vault of another organization that lends to the holder of a receipt: the vault as that holder sees it.
   * @param sign makes a signed proposal to open the receipt, which the vault has the custodian's peer answer
   */
  lend?(sign: () => Promise<SignedProposal>): Vault;
  /** Small named values beside the objects that are kept and erased with them. */
  store(kind: StoreKind): ErasableStore;
}

/** An object that is being written. */
export interface PartialObject {
  /** Bytes that were stored when it was opened. */
  readonly size: number;
  /** Whether it is there as a whole already; then it can only be read. */
  readonly finished: boolean;
  /** Bytes that were written before. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Each byte is written once, one behind the other. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /**
   * Gives it its name: durable when it returns.
   * @throws VitaledgerError `ALREADY_EXISTS` when the name was taken meanwhile
   */
  finish(): Promise<void>;
  /** Ends the reading or writing; what was written stays. */
  close(): Promise<void>;
}

/** What of an object was there to be erased. */
export interface ErasedParts {
  readonly object: boolean;
  readonly share: boolean;
}

/**
 * `contacts`: names, mails and phones of trial contacts, which never reach the ledger.
 * `documents`: how to read the documents of trials that are kept in the vault, by their digests.
 * `randomization`: digest and salt of randomization lists, by their commitments, until they are revealed.
 * `transfers`: which copies of other custodians' records have been begun, and which are there.
 * `imports`: how far imports have come that are not finished.
 * `backups`: which copies of the vault's objects exist elsewhere, so that an erasure can name those to purge.
 * `registrations`, `erasures`: what has been begun and is not known to be finished, so that it can be taken up again.
 */
export type StoreKind =
  | 'contacts'
  | 'documents'
  | 'randomization'
  | 'registrations'
  | 'erasures'
  | 'transfers'
  | 'imports'
  | 'backups';

/** Small values by name (letters, digits, `.`, `_`, `-`; up to 128), replaced as a whole, durable when written. */
export interface ErasableStore {
  /** Keeps a value, in the place of an earlier one. */
  put(name: string, value: Uint8Array): Promise<void>;
  /** A value; undefined when there is none. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Destroys a value; whether there was one. */
  delete(name: string): Promise<boolean>;
  /** The names of all values. */
  names(): Promise<readonly string[]>;
}
