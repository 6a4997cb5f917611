import type { BlockRecords } from './block-file.js';
import type { CollectionAccess } from './collection-access.js';
import { SimulationError } from './errors.js';
import { HistoryCursor } from './history.js';
import { ChaincodeInterest, VALIDATION_PARAMETER } from './interest.js';
import type { Cursor, HistoryEntry, KeyValue, RangeCursor, SimulationResult, Simulator } from './ledger.js';
import { keyHashOf } from './private-writes.js';
import { EMPTY_CURSOR, PrivateCursor, RecordingCursor } from './range-cursor.js';
import { ReadWriteSetBuilder } from './read-write-set-builder.js';
import { decodeMetadataWrite } from './read-write-set-decoder.js';
import type { StateSnapshot } from './state-database.js';
import { hashedKey, privateKey, privateRange, publicKey, publicRange, type StateKey } from './state-key.js';
import { sameVersion, versionText, type VersionedValue } from './versioned-value.js';
import { EMPTY_BYTES } from './wire-format.js';

/** The metadata of a key by name, from the form in which the state holds it. */
export function metadataMap(value: VersionedValue | undefined): ReadonlyMap<string, Uint8Array> {
  const entries = value?.metadata === undefined ? [] : decodeMetadataWrite(value.metadata).entries;
  return new Map(entries.map(({ name, value: bytes }) => [name, bytes]));
}

/** What has happened in a simulation that rules something else out. */
interface Performed {
  write: boolean;
  privateQuery: boolean;
  paginatedQuery: boolean;
  result: boolean;
  release: boolean;
}

export class StateSimulator implements Simulator {
  readonly #transactionId: string;
  readonly #state: StateSnapshot;
  readonly #blocks: BlockRecords;
  readonly #access: CollectionAccess;
  readonly #sets = new ReadWriteSetBuilder();
  readonly #interest = new ChaincodeInterest();
  /** What was read so far. */
  readonly #seen = new Map<StateKey, VersionedValue | undefined>();
  readonly #ranges: { namespace: string; cursor: RecordingCursor }[] = [];
  readonly #performed: Performed = {
    write: false,
    privateQuery: false,
    paginatedQuery: false,
    result: false,
    release: false,
  };

  constructor(transactionId: string, state: StateSnapshot, blocks: BlockRecords, access: CollectionAccess) {
    this.#transactionId = transactionId;
    this.#state = state;
    this.#blocks = blocks;
    this.#access = access;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a failed check must reject, not throw
  async getState(namespace: string, key: string): Promise<Uint8Array | undefined> {
    return this.#read(namespace, key)?.value;
  }

  hasState(namespace: string, key: string): boolean {
    return this.#read(namespace, key) !== undefined;
  }

  putState(namespace: string, key: string, value: Uint8Array): void {
    this.#beginWrite();
    this.#sets.write(namespace, key, value);
    this.#noteWrite(namespace, '', key, publicKey(namespace, key));
  }

  deleteState(namespace: string, key: string): void {
    this.putState(namespace, key, EMPTY_BYTES);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getStateRange(
    namespace: string,
    start: string,
    end: string,
    page?: { size: number; bookmark: string },
  ): Promise<RangeCursor> {
    this.#checkOpen();
    if (page !== undefined) {
      this.#beginPaginatedQuery();
    }
    const from = page === undefined || page.bookmark === '' ? start : page.bookmark;
    const items = this.#state.iterate(publicRange(namespace, from, end));
    const cursor = new RecordingCursor(items, { start: from, end, pageSize: page?.size ?? 0 });
    this.#ranges.push({ namespace, cursor });
    return cursor;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getHistory(namespace: string, key: string): Promise<Cursor<HistoryEntry>> {
    this.#checkOpen();
    return new HistoryCursor(this.#state.store, this.#blocks, namespace, key);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getStateMetadata(namespace: string, key: string): Promise<ReadonlyMap<string, Uint8Array>> {
    return metadataMap(this.#read(namespace, key));
  }

  putStateMetadata(namespace: string, key: string, name: string, value: Uint8Array): void {
    this.#beginWrite();
    this.#sets.writeMetadata(namespace, key, new Map([[name, value]]));
    this.#noteWrite(namespace, '', key, publicKey(namespace, key));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getPrivateData(namespace: string, collection: string, key: string): Promise<Uint8Array | undefined> {
    const rules = this.#access.checkRead(namespace, collection);
    this.#checkOpen();
    const held = this.#access.holdsValues(rules)
      ? this.#state.get(privateKey(namespace, collection, key))
      : undefined;
    const hash = this.#state.get(hashedKey(namespace, collection, keyHashOf(key)));
    if (!sameVersion(hash?.version, held?.version)) {
      throw new SimulationError(
        'private data matching public hash version is not available. ' +
          `Public hash version = ${versionText(hash?.version)}, Private data version = ${versionText(held?.version)}`,
      );
    }
    this.#sets.hashedRead(namespace, collection, key, held?.version);
    this.#interest.readPrivately(namespace, collection);
    return held?.value;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getPrivateDataHash(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<Uint8Array | undefined> {
    this.#access.checkExists(namespace, collection);
    return this.#readHash(namespace, collection, key)?.value;
  }

  putPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.#writePrivately(namespace, collection, key, value, false);
  }

  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.#writePrivately(namespace, collection, key, EMPTY_BYTES, false);
  }

  purgePrivateData(namespace: string, collection: string, key: string): void {
    this.#writePrivately(namespace, collection, key, EMPTY_BYTES, true);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getPrivateDataRange(
    namespace: string,
    collection: string,
    start: string,
    end: string,
  ): Promise<Cursor<KeyValue>> {
    const rules = this.#access.checkRead(namespace, collection);
    this.#beginPrivateQuery();
    this.#checkOpen();
    if (!this.#access.holdsValues(rules)) {
      return EMPTY_CURSOR;
    }
    return new PrivateCursor(this.#state.iterate(privateRange(namespace, collection, start, end)));
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- as above
  async getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    this.#access.checkRead(namespace, collection);
    return metadataMap(this.#readHash(namespace, collection, key));
  }

  putPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    name: string,
    value: Uint8Array,
  ): void {
    this.#access.checkWrite(namespace, collection);
    this.#beginWrite();
    this.#sets.privateMetadata(namespace, collection, key, new Map([[name, value]]));
    this.#noteWrite(namespace, collection, key, hashedKey(namespace, collection, keyHashOf(key)));
  }

  result(): SimulationResult {
    if (this.#performed.result) {
      throw new SimulationError(
        'this function should only be called once on a transaction simulator instance',
      );
    }
    this.#performed.result = true;
    for (const { namespace, cursor } of this.#ranges) {
      this.#sets.rangeQuery(namespace, cursor.recorded());
    }
    const { namespaces, publicReadWriteSet, privateWrites } = this.#sets.build();
    return { publicReadWriteSet, privateWrites, interest: this.#interest.build(namespaces) };
  }

  async release(): Promise<void> {
    if (!this.#performed.release) {
      this.#performed.release = true;
      await Promise.all(this.#ranges.map(({ cursor }) => cursor.close()));
      await this.#state.close();
    }
  }

  #read(namespace: string, key: string): VersionedValue | undefined {
    this.#checkOpen();
    const value = this.#get(publicKey(namespace, key));
    this.#sets.read(namespace, key, value?.version);
    return value;
  }

  #readHash(namespace: string, collection: string, key: string): VersionedValue | undefined {
    this.#checkOpen();
    const hash = this.#get(hashedKey(namespace, collection, keyHashOf(key)));
    this.#sets.hashedRead(namespace, collection, key, hash?.version);
    return hash;
  }

  /** Most transactions write what they have read, and then its own policy is asked for too. */
  #get(key: StateKey): VersionedValue | undefined {
    const value = this.#seen.get(key) ?? this.#state.get(key);
    this.#seen.set(key, value);
    return value;
  }

  #writePrivately(
    namespace: string,
    collection: string,
    key: string,
    value: Uint8Array,
    isPurge: boolean,
  ): void {
    this.#access.checkWrite(namespace, collection);
    this.#beginWrite();
    this.#sets.privateWrite(namespace, collection, key, value, isPurge);
    this.#noteWrite(namespace, collection, key, hashedKey(namespace, collection, keyHashOf(key)));
  }

  #noteWrite(namespace: string, collection: string, key: string, stateKey: StateKey): void {
    const policy = metadataMap(
      this.#seen.has(stateKey) ? this.#seen.get(stateKey) : this.#state.get(stateKey),
    ).get(VALIDATION_PARAMETER);
    this.#interest.wrote(namespace, collection, key, policy);
  }

  #checkOpen(): void {
    if (this.#performed.release) {
      throw new SimulationError('this instance should not be used after calling Done()');
    }
  }

  #beginWrite(): void {
    this.#checkOpen();
    if (this.#performed.privateQuery) {
      throw this.#unsupported(
        'Transaction has already performed queries on pvt data. Writes are not allowed',
      );
    }
    if (this.#performed.paginatedQuery) {
      throw this.#unsupported('Transaction has already performed a paginated query. Writes are not allowed');
    }
    this.#performed.write = true;
  }

  #beginPrivateQuery(): void {
    if (this.#performed.write) {
      throw this.#unsupported('Queries on pvt data is supported only in a read-only transaction');
    }
    this.#performed.privateQuery = true;
  }

  #beginPaginatedQuery(): void {
    if (this.#performed.write) {
      throw this.#unsupported('Paginated queries are supported only in a read-only transaction');
    }
    this.#performed.paginatedQuery = true;
  }

  /** Fabric's spelling. */
  #unsupported(reason: string): SimulationError {
    return new SimulationError(`txid [${this.#transactionId}]: unsuppored transaction. ${reason}`);
  }
}
