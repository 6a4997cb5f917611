/** A private value: its random salt keeps its public hash from being guessed. */
export interface Salted {
  /** At least 128 random bits, lower-case hexadecimal. */
  readonly salt: string;
}

declare const held: unique symbol;

/** A key of the channel's public state, and the type of what lies there. */
export interface PublicKey<T> {
  readonly public: string;
  readonly [held]?: T;
}

/** A key in the custodian's implicit private collection, and the type of what lies there. */
export interface PrivateKey<T extends Salted> {
  readonly private: string;
  readonly [held]?: T;
}

/** All private keys that begin with a prefix, in byte order, from the first one after `after` on. */
export interface PrivateRange<T extends Salted> {
  readonly prefix: string;
  /** The last part of the key (behind the prefix) to go on after; from the beginning if absent. */
  readonly after?: string | undefined;
  readonly [held]?: T;
}

/** All public keys that begin with a prefix, in byte order, from `prefix` + `from` on. */
export interface PublicRange<T> {
  readonly prefix: string;
  /** From the beginning if absent. */
  readonly from?: string | undefined;
  /** The first key behind the range, without the prefix; to the end of the prefix if absent. */
  readonly before?: string | undefined;
  /** Keys at most; all if absent. A peer sends a hundred at once unless told that fewer will do. */
  readonly limit?: number | undefined;
  readonly [held]?: T;
}

export interface PublicEntry<T> {
  /** The key without the range's prefix. */
  readonly name: string;
  readonly value: T;
}

export interface PrivateEntry<T extends Salted> {
  /** The key without the range's prefix. */
  readonly name: string;
  readonly value: T;
}

/**
 * All that a contract knows of the ledger: one transaction's view of the state, at one organization's peer.
 *
 * Reads see what was committed before this transaction, never its own writes. A transaction writes either public or
 * private state, never both; one that reads a range writes nothing. Values are stored as canonical JSON (RFC 8785).
 */
export interface Ledger {
  readonly transactionId: string;
  /** MSP id of the organization whose peer executes this: the custodian. */
  readonly custodian: string;
  /** The proposal's timestamp, chosen by the client: an instant, UTC with milliseconds. */
  readonly timestamp: string;
  /** The transient field `input`, parsed. Throws INVALID_ARGUMENT if it is absent or no JSON object. */
  readonly input: Readonly<Record<string, unknown>>;

  /**
   * Sets the transaction's one event, which every client of the channel may receive: a tag that nobody recognizes but who
   * has the key. Its name is always the same.
   */
  announce(tag: string): void;

  get<T>(key: PublicKey<T>): Promise<T | undefined>;
  put<T>(key: PublicKey<T>, value: T): Promise<void>;
  delete<T>(key: PublicKey<T>): Promise<void>;
  /** Only for evaluated functions, like {@link rangePrivate}. */
  range<T>(range: PublicRange<T>): AsyncIterable<PublicEntry<T>>;

  getPrivate<T extends Salted>(key: PrivateKey<T>): Promise<T | undefined>;
  /**
   * SHA-256, in hexadecimal, of what an organization holds under a private key; undefined where it holds nothing. Every peer
   * of the channel knows it. Only for evaluated functions: in a block, the read would tell who looks at whose key.
   */
  privateHash(custodian: string, key: PrivateKey<Salted>): Promise<string | undefined>;
  putPrivate<T extends Salted>(key: PrivateKey<T>, value: T): Promise<void>;
  /** Removes the value and, in time, every copy in the peer's private data store. */
  purgePrivate<T extends Salted>(key: PrivateKey<T>): Promise<void>;
  /** Only for evaluated functions: Fabric refuses writes beside it and checks no phantoms. */
  rangePrivate<T extends Salted>(range: PrivateRange<T>): AsyncIterable<PrivateEntry<T>>;
}
