import { VitaledgerError } from '@vitaledger/domain';
import { one } from '../durable-file.js';
import type { ErasableStore, ErasedParts, PartialObject, StoreKind, Vault } from '../vault.js';
import { Bucket, textOf, type BucketOptions } from './bucket.js';
import { putIfAbsent } from './multipart.js';
import { PartialUpload, removeParts, type PartialPlace } from './partial-upload.js';
import { S3Store } from './s3-store.js';

/** Where objects and shares are kept. */
export interface S3VaultOptions extends BucketOptions {
  /**
   * Bucket of the key shares and of the small erasable values, without versions and without backups: what is erased there must be gone.
   */
  readonly sharesBucket: string;
  /** In front of all names, ends with `/`. */
  readonly prefix?: string;
  /** Bytes of the parts of large objects; S3 takes 5 MiB to 5 GiB, and 10,000 parts. 16 MiB unless told. */
  readonly partSize?: number;
}

const objectName = /^[0-9a-f]{32,64}$/;
const leastPartSize = 5 * (1 << 20);

/**
 * A vault in an S3-compatible object store. The store must have conditional writes (`If-None-Match: *`), as AWS S3, MinIO and Ceph do.
 * Objects lie in one bucket, back it up as you like; shares in another, which keeps no versions.
 *
 * @example
 * ```typescript
 * const vault = new S3Vault({
 *   endpoint: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1', credentials,
 *   bucket: 'hospital-vault', sharesBucket: 'hospital-vault-shares',
 * });
 * const ledger = await connect({ profile, identity, vault });
 * ```
 */
export class S3Vault implements Vault {
  readonly #objects: Bucket;
  readonly #shares: Bucket;
  readonly #prefix: string;
  readonly #partSize: number;
  #erasable: Promise<void> | undefined;

  /** @throws VitaledgerError `INVALID_ARGUMENT` */
  constructor(options: S3VaultOptions) {
    const { sharesBucket, prefix = '', partSize = 16 * (1 << 20) } = options;
    if (sharesBucket === options.bucket)
      throw invalid(
        'sharesBucket',
        'must be another bucket than that of the objects: backups must not hold it',
      );
    if (!/^([\w.-]+\/)*$/.test(prefix))
      throw invalid('prefix', 'must be names of letters and digits, each with a slash behind it');
    if (partSize < leastPartSize) throw invalid('partSize', 'must be at least 5 MiB');
    this.#objects = new Bucket(options);
    this.#shares = new Bucket({ ...options, bucket: sharesBucket });
    this.#prefix = prefix;
    this.#partSize = partSize;
  }

  async putObject(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await putIfAbsent(this.#objects, this.#key('objects', name), content, this.#partSize);
  }

  getObject(name: string): AsyncIterable<Uint8Array> {
    return this.getObjectFrom(name, 0);
  }

  async *getObjectFrom(name: string, offset: number): AsyncIterable<Uint8Array> {
    const content = await this.#objects.get(this.#key('objects', name), offset);
    if (!content) throw notFound('object', name);
    yield* content;
  }

  async resumeObject(name: string): Promise<PartialObject> {
    return PartialUpload.open(this.#partial(name));
  }

  async putShare(name: string, share: Uint8Array): Promise<void> {
    await this.#checkErasable();
    await putIfAbsent(this.#shares, this.#key('shares', name), one(share), this.#partSize);
  }

  async getShare(name: string): Promise<Uint8Array> {
    const content = await this.#shares.get(this.#key('shares', name));
    if (!content) throw notFound('key share', name);
    const parts: Uint8Array[] = [];
    for await (const bytes of content) parts.push(bytes);
    return Buffer.concat(parts);
  }

  async erase(name: string): Promise<ErasedParts> {
    await this.#checkErasable();
    // The share first: without it, what is left of the object is unreadable.
    const share = await this.#shares.remove(this.#key('shares', name));
    const object = await this.#objects.remove(this.#key('objects', name));
    await removeParts(this.#partial(name));
    return { object, share };
  }

  store(kind: StoreKind): ErasableStore {
    return new S3Store(this.#shares, `${this.#prefix}stores/${kind}/`, () => this.#checkErasable());
  }

  /**
   * URLs with which another organization gets an object and its share for so many seconds, at most a week. Whoever has them may: give
   * them out only to holders of a receipt. What they get is of use only together with the ledger's share of the key.
   */
  async presigned(name: string, seconds: number): Promise<{ readonly object: URL; readonly share: URL }> {
    return {
      object: await this.#objects.presigned(this.#key('objects', name), seconds),
      share: await this.#shares.presigned(this.#key('shares', name), seconds),
    };
  }

  #partial(name: string): PartialPlace {
    const key = this.#key('objects', name);
    return { bucket: this.#objects, key, parts: `${this.#prefix}partial/${name}/`, partSize: this.#partSize };
  }

  #key(part: 'objects' | 'shares', name: string): string {
    if (!objectName.test(name))
      throw invalid('name', 'must be 32 to 64 lower-case hexadecimal digits, as vault objects are named');
    return `${this.#prefix}${part}/${name}`;
  }

  /** A bucket that keeps versions keeps what was erased. */
  #checkErasable(): Promise<void> {
    this.#erasable ??= this.#readVersioning().catch((error: unknown) => {
      this.#erasable = undefined;
      throw error;
    });
    return this.#erasable;
  }

  async #readVersioning(): Promise<void> {
    const answer = await this.#shares.request({ method: 'GET', query: { versioning: '' } });
    const status = /<Status>(\w+)<\/Status>/.exec(await textOf(answer.body))?.[1];
    if (status === undefined) return;
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `The bucket ${this.#shares.name} keeps versions (${status}), so key shares that are erased would stay: use one that never had versioning on`,
      { reason: 'SHARES_KEPT' },
    );
  }
}

function notFound(what: string, name: string): VitaledgerError {
  return new VitaledgerError(
    'NOT_FOUND',
    `The vault holds no ${what} of this name: it was erased, or this is not the vault of the record's custodian`,
    { object: name },
  );
}

function invalid(path: string, problem: string): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `S3 vault: ${path} ${problem}`, { path });
}
