import { invalid, isInstant, NOTICE_EVENT, VitaledgerError } from '@vitaledger/domain';
import type { ChaincodeStub } from '../fabric/contract-api.js';
import { INPUT_FIELD, parseInput } from './input.js';
import type {
  Ledger,
  PrivateEntry,
  PrivateKey,
  PrivateRange,
  PublicEntry,
  PublicKey,
  PublicRange,
  Salted,
} from './ledger.js';
import { decodeValue, encodePrivateValue, encodeValue } from './stored-value.js';
import { WriteDiscipline } from './write-discipline.js';

/**
 * The ledger as fabric-shim gives it to a chaincode process of one organization. What lies in the state is what a contract wrote there,
 * so it is typed by its key and not checked again.
 */
export class StubLedger implements Ledger {
  readonly #stub: ChaincodeStub;
  readonly #discipline = new WriteDiscipline();
  readonly transactionId: string;
  readonly custodian: string;
  readonly timestamp: string;
  #input: Readonly<Record<string, unknown>> | undefined;

  constructor(stub: ChaincodeStub) {
    this.#stub = stub;
    this.transactionId = stub.getTxID();
    this.custodian = stub.getMspID();
    this.timestamp = instantOf(stub.getDateTimestamp());
  }

  get input(): Readonly<Record<string, unknown>> {
    return (this.#input ??= parseInput(this.#stub.getTransient().get(INPUT_FIELD)));
  }

  announce(tag: string): void {
    this.#stub.setEvent(NOTICE_EVENT, Buffer.from(tag, 'ascii'));
  }

  async get<T>(key: PublicKey<T>): Promise<T | undefined> {
    return decodeValue(await this.#stub.getState(key.public)) as T | undefined;
  }

  async put<T>(key: PublicKey<T>, value: T): Promise<void> {
    this.#discipline.writing('public');
    await this.#stub.putState(key.public, encodeValue(value));
  }

  async delete<T>(key: PublicKey<T>): Promise<void> {
    this.#discipline.writing('public');
    await this.#stub.deleteState(key.public);
  }

  async *range<T>(range: PublicRange<T>): AsyncIterable<PublicEntry<T>> {
    this.#discipline.ranging();
    const [start, end] = publicBounds(range);
    const found =
      range.limit === undefined
        ? this.#stub.getStateByRange(start, end)
        : this.#stub.getStateByRangeWithPagination(start, end, range.limit);
    for await (const { key, value } of found) {
      yield { name: key.slice(range.prefix.length), value: decodeValue(value) as T };
    }
  }

  async getPrivate<T extends Salted>(key: PrivateKey<T>): Promise<T | undefined> {
    return decodeValue(await this.#privateBytes(key.private)) as T | undefined;
  }

  async privateHash(custodian: string, key: PrivateKey<Salted>): Promise<string | undefined> {
    this.#discipline.ranging();
    const hash = await this.#stub.getPrivateDataHash(`_implicit_org_${custodian}`, key.private);
    return hash.length === 0 ? undefined : Buffer.from(hash).toString('hex');
  }

  async putPrivate<T extends Salted>(key: PrivateKey<T>, value: T): Promise<void> {
    this.#discipline.writing('private');
    await this.#stub.putPrivateData(this.#collection, key.private, encodePrivateValue(value));
  }

  async purgePrivate<T extends Salted>(key: PrivateKey<T>): Promise<void> {
    this.#discipline.writing('private');
    await this.#stub.purgePrivateData(this.#collection, key.private);
  }

  async *rangePrivate<T extends Salted>(range: PrivateRange<T>): AsyncIterable<PrivateEntry<T>> {
    this.#discipline.ranging();
    const [start, end] = rangeBounds(range);
    for await (const { key, value } of this.#stub.getPrivateDataByRange(this.#collection, start, end)) {
      yield { name: key.slice(range.prefix.length), value: decodeValue(value) as T };
    }
  }

  async #privateBytes(key: string): Promise<Uint8Array> {
    try {
      return await this.#stub.getPrivateData(this.#collection, key);
    } catch (error) {
      throw error instanceof Error &&
        error.message.includes('private data matching public hash version is not available')
        ? privateDataMissing()
        : error;
    }
  }

  /** Fabric makes one such collection for every organization without anyone defining it. */
  get #collection(): string {
    return `_implicit_org_${this.custodian}`;
  }
}

/** The client chooses the timestamp; some dates have no instant, and years beyond 9999 would not sort. */
function instantOf(timestamp: Date): string {
  const instant = Number.isNaN(timestamp.getTime()) ? '' : timestamp.toISOString();
  if (!isInstant(instant)) {
    throw invalid('timestamp', "must be an instant of the years 0 to 9999; set this machine's clock");
  }
  return instant;
}

/** The peer knows by its hash that there is a value, but has not received it, as one that joined or was restored. */
function privateDataMissing(): VitaledgerError {
  return new VitaledgerError(
    'UNAVAILABLE',
    "This peer has not yet received the custodian's private data; ask another of its peers, or retry later.",
    { reason: 'PRIVATE_DATA_MISSING' },
  );
}

/**
 * First key and first key behind the range, in byte order. All our keys are ASCII, so U+0000 right after a key is its
 * successor, and nothing with the prefix sorts behind prefix + U+007F.
 */
export function rangeBounds(range: {
  readonly prefix: string;
  readonly after?: string | undefined;
}): [string, string] {
  const start = range.after === undefined ? range.prefix : `${range.prefix}${range.after}\u0000`;
  return [start, `${range.prefix}\u007f`];
}

/** As `rangeBounds`, for a public range. */
export function publicBounds({
  prefix,
  from = '',
  before = '\u007f',
}: PublicRange<unknown>): [string, string] {
  return [`${prefix}${from}`, `${prefix}${before}`];
}
