import { createHash, randomBytes } from 'node:crypto';
import { parseInput } from '../ledger/input.js';
import type {
  Ledger,
  PrivateEntry,
  PrivateKey,
  PrivateRange,
  PublicEntry,
  PublicKey,
  PublicRange,
  Salted,
} from '../ledger/ledger.js';
import { decodeValue, encodePrivateValue, encodeValue } from '../ledger/stored-value.js';
import { publicBounds, rangeBounds } from '../ledger/stub-ledger.js';
import { WriteDiscipline } from '../ledger/write-discipline.js';

interface Versioned {
  readonly bytes: Buffer;
  readonly version: number;
}

export interface Proposal {
  /** The organization whose peer executes. */
  readonly custodian: string;
  /** What the client's proposal claims. */
  readonly timestamp: string;
  /** Transient `input`, as the client would send it. */
  readonly input?: unknown;
  readonly transactionId?: string;
}

/** One write, as a commit applies it; `undefined` bytes delete. */
interface Write {
  readonly side: string;
  readonly key: string;
  readonly bytes: Buffer | undefined;
}

/** A channel's state as JSON: side → key → value in base64, and version. */
export type Snapshot = Readonly<Record<string, Readonly<Record<string, readonly [string, number]>>>>;

/** What a peer makes of a transaction: each key once, the last write counts, sorted by side and key. */
export interface ReadWriteSet {
  readonly reads: readonly (readonly [side: string, key: string, version: number])[];
  readonly writes: readonly (readonly [side: string, key: string, value: string | null])[];
}

/**
 * A channel in memory, for tests of contracts: a committed state per side (public, and one implicit collection per
 * organization), and transactions that see only what was committed before them and of private state only their own
 * organization's. Commit validates read versions as Fabric does.
 */
export class MemoryChannel {
  readonly #sides = new Map<string, Map<string, Versioned>>();
  #height = 0;

  /** A channel with the state of another. */
  static of(snapshot: Snapshot): MemoryChannel {
    const channel = new MemoryChannel();
    for (const [side, entries] of Object.entries(snapshot))
      for (const [key, [bytes, version]] of Object.entries(entries))
        channel.#side(side).set(key, { bytes: Buffer.from(bytes, 'base64'), version });
    return channel;
  }

  snapshot(): Snapshot {
    const sides = [...this.#sides].map(([side, entries]) => [
      side,
      Object.fromEntries(
        [...entries].map(([key, { bytes, version }]) => [key, [bytes.toString('base64'), version] as const]),
      ),
    ]);
    return Object.fromEntries(sides) as Snapshot;
  }

  begin(proposal: Proposal): MemoryTransaction {
    return new MemoryTransaction(this, proposal);
  }

  /** What is committed under a key; `side` is `public` or an MSP id. */
  committed(side: string, key: string): Buffer | undefined {
    return this.#side(side).get(key)?.bytes;
  }

  /** All committed keys of a side, in byte order. */
  keys(side: string): string[] {
    return [...this.#side(side).keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  version(side: string, key: string): number {
    return this.#side(side).get(key)?.version ?? 0;
  }

  apply(writes: readonly Write[]): void {
    this.#height += 1;
    for (const { side, key, bytes } of writes) {
      if (bytes === undefined) this.#side(side).delete(key);
      else this.#side(side).set(key, { bytes, version: this.#height });
    }
  }

  #side(name: string): Map<string, Versioned> {
    const side = this.#sides.get(name) ?? new Map<string, Versioned>();
    this.#sides.set(name, side);
    return side;
  }
}

export class MemoryTransaction implements Ledger {
  readonly #channel: MemoryChannel;
  readonly #proposal: Proposal;
  readonly #discipline = new WriteDiscipline();
  readonly #reads: { readonly side: string; readonly key: string; readonly version: number }[] = [];
  readonly #writes: Write[] = [];
  readonly transactionId: string;
  /** The tag of its event, if it has one. */
  announced: string | undefined;

  constructor(channel: MemoryChannel, proposal: Proposal) {
    this.#channel = channel;
    this.#proposal = proposal;
    this.transactionId = proposal.transactionId ?? createHash('sha256').update(randomBytes(32)).digest('hex');
  }

  get custodian(): string {
    return this.#proposal.custodian;
  }

  get timestamp(): string {
    return this.#proposal.timestamp;
  }

  get input(): Readonly<Record<string, unknown>> {
    const { input } = this.#proposal;
    return parseInput(input === undefined ? undefined : Buffer.from(JSON.stringify(input)));
  }

  /** The keys read so far, each as often as it was read. */
  get reads(): readonly string[] {
    return this.#reads.map(({ key }) => key);
  }

  get writes(): readonly Write[] {
    return this.#writes;
  }

  readWriteSet(): ReadWriteSet {
    const reads = new Map(
      this.#reads.map((read) => [`${read.side} ${read.key}`, [read.side, read.key, read.version] as const]),
    );
    const writes = new Map(
      this.#writes.map(({ side, key, bytes }) => [
        `${side} ${key}`,
        [side, key, bytes?.toString('base64') ?? null] as const,
      ]),
    );
    const sorted = <T>(entries: ReadonlyMap<string, T>): T[] =>
      [...entries].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
    return { reads: sorted(reads), writes: sorted(writes) };
  }

  /** Commits as a block of its own. Returns false if something it read has changed: MVCC_READ_CONFLICT. */
  commit(): boolean {
    if (this.#reads.some(({ side, key, version }) => this.#channel.version(side, key) !== version))
      return false;
    this.#channel.apply(this.#writes);
    return true;
  }

  announce(tag: string): void {
    this.announced = tag;
  }

  get<T>(key: PublicKey<T>): Promise<T | undefined> {
    return this.#read<T>('public', key.public);
  }

  put<T>(key: PublicKey<T>, value: T): Promise<void> {
    return this.#write('public', key.public, () => encodeValue(value));
  }

  delete<T>(key: PublicKey<T>): Promise<void> {
    return this.#write('public', key.public, () => undefined);
  }

  async *range<T>(range: PublicRange<T>): AsyncIterable<PublicEntry<T>> {
    let left = range.limit ?? Infinity;
    for await (const [key, value] of this.#ranged('public', publicBounds(range))) {
      if (left-- <= 0) return;
      yield { name: key.slice(range.prefix.length), value: value as T };
    }
  }

  getPrivate<T extends Salted>(key: PrivateKey<T>): Promise<T | undefined> {
    return this.#read<T>(this.custodian, key.private);
  }

  privateHash(custodian: string, key: PrivateKey<Salted>): Promise<string | undefined> {
    this.#discipline.ranging();
    const bytes = this.#channel.committed(custodian, key.private);
    return Promise.resolve(bytes && createHash('sha256').update(bytes).digest('hex'));
  }

  putPrivate<T extends Salted>(key: PrivateKey<T>, value: T): Promise<void> {
    return this.#write(this.custodian, key.private, () => encodePrivateValue(value));
  }

  purgePrivate<T extends Salted>(key: PrivateKey<T>): Promise<void> {
    return this.#write(this.custodian, key.private, () => undefined);
  }

  async *rangePrivate<T extends Salted>(range: PrivateRange<T>): AsyncIterable<PrivateEntry<T>> {
    for await (const [key, value] of this.#ranged(this.custodian, rangeBounds(range))) {
      yield { name: key.slice(range.prefix.length), value: value as T };
    }
  }

  async *#ranged(
    side: string,
    bounds: readonly [string, string],
  ): AsyncIterable<readonly [key: string, value: unknown]> {
    this.#discipline.ranging();
    const [start, end] = bounds.map((bound) => Buffer.from(bound));
    for (const key of this.#channel.keys(side)) {
      const bytes = Buffer.from(key);
      if (!start || !end || bytes.compare(start) < 0 || bytes.compare(end) >= 0) continue;
      const value = await Promise.resolve(this.#channel.committed(side, key) ?? Buffer.of());
      yield [key, decodeValue(value)];
    }
  }

  #read<T>(side: string, key: string): Promise<T | undefined> {
    this.#reads.push({ side, key, version: this.#channel.version(side, key) });
    return Promise.resolve(decodeValue(this.#channel.committed(side, key) ?? Buffer.of()) as T | undefined);
  }

  /** Async like the peer's answer: what is wrong with a value is a rejection, never a thrown error. */
  async #write(side: string, key: string, encode: () => Buffer | undefined): Promise<void> {
    this.#discipline.writing(side === 'public' ? 'public' : 'private');
    await Promise.resolve();
    this.#writes.push({ side, key, bytes: encode() });
  }
}
