import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { DurableFiles, isMissing, isTaken, one } from './durable-file.js';
import { FileStore } from './file-store.js';
import { PartialFile } from './partial-file.js';
import type { ErasableStore, ErasedParts, PartialObject, StoreKind, Vault } from './vault.js';

const objectName = /^[0-9a-f]{32,64}$/;
const readAhead = 1 << 20;

/** What a sweep removed. */
export interface SweepReport {
  /** Files whose writing was interrupted. */
  readonly unfinished: number;
  /** Objects without a share and shares without an object: neither can be read any more. */
  readonly orphans: number;
}

/**
 * A vault in a folder: `objects/` (back it up), `shares/` (do not: see {@link Vault.putShare}), `stores/` (erasable small
 * values) and `temporary/`. Readable by its owner only.
 *
 * @example
 * ```typescript
 * const ledger = await connect({ profile, identity, vault: new FileVault('/srv/vitaledger/vault') });
 * ```
 */
export class FileVault implements Vault {
  readonly folder: string;
  readonly #files: DurableFiles;

  constructor(folder: string) {
    this.folder = resolve(folder);
    this.#files = new DurableFiles(join(this.folder, 'temporary'));
  }

  async putObject(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#create('objects', name, content);
  }

  getObject(name: string): AsyncIterable<Uint8Array> {
    return this.getObjectFrom(name, 0);
  }

  async *getObjectFrom(name: string, offset: number): AsyncIterable<Uint8Array> {
    const stream = createReadStream(this.#path('objects', name), { highWaterMark: readAhead, start: offset });
    try {
      for await (const bytes of stream) {
        yield bytes as Uint8Array;
      }
    } catch (error) {
      throw isMissing(error) ? notFound('object', name) : error;
    }
  }

  async resumeObject(name: string): Promise<PartialObject> {
    const file = this.#path('objects', name);
    const begun = await this.#files.beginning(`object-${name}`);
    if (await exists(file)) {
      await this.#files.remove(begun);
      return PartialFile.open(file, true, () => Promise.resolve());
    }
    return PartialFile.open(begun, false, () => named(name, this.#files.adopt(begun, file)));
  }

  async putShare(name: string, share: Uint8Array): Promise<void> {
    await this.#create('shares', name, one(share));
  }

  async getShare(name: string): Promise<Uint8Array> {
    try {
      return await readFile(this.#path('shares', name));
    } catch (error) {
      throw isMissing(error) ? notFound('key share', name) : error;
    }
  }

  async erase(name: string): Promise<ErasedParts> {
    // The share first: without it, what is left of the object is unreadable.
    const share = await this.#files.remove(this.#path('shares', name));
    const object = await this.#files.remove(this.#path('objects', name));
    await this.#files.remove(await this.#files.beginning(`object-${name}`));
    return { object, share };
  }

  store(kind: StoreKind): ErasableStore {
    return new FileStore(join(this.folder, 'stores', kind), this.#files);
  }

  /**
   * Removes what interrupted writes left behind.
   * @param before only what was written before this instant; leave time for writes that are still going on
   */
  async sweep(before: Date): Promise<SweepReport> {
    let unfinished = 0;
    for (const name of await namesIn(join(this.folder, 'temporary'))) {
      unfinished += Number(await this.#removeOld(join(this.folder, 'temporary', name), before));
    }
    const objects = new Set(await this.#names('objects'));
    const shares = new Set(await this.#names('shares'));
    let orphans = 0;
    for (const name of objects) {
      orphans += Number(!shares.has(name) && (await this.#removeOld(this.#path('objects', name), before)));
    }
    for (const name of shares) {
      orphans += Number(!objects.has(name) && (await this.#removeOld(this.#path('shares', name), before)));
    }
    return { unfinished, orphans };
  }

  async #create(part: 'objects' | 'shares', name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await named(name, this.#files.create(this.#path(part, name), content));
  }

  /** Objects are spread over 256 folders by the first byte of their names. */
  #path(part: 'objects' | 'shares', name: string): string {
    if (!objectName.test(name)) {
      throw new VitaledgerError(
        'INVALID_ARGUMENT',
        'A vault object is named by 32 to 64 lower-case hexadecimal digits',
      );
    }
    return join(this.folder, part, name.slice(0, 2), name);
  }

  async #names(part: 'objects' | 'shares'): Promise<string[]> {
    const folders = await namesIn(join(this.folder, part));
    const names = await Promise.all(folders.map((folder) => namesIn(join(this.folder, part, folder))));
    return names.flat().filter((name) => objectName.test(name));
  }

  async #removeOld(file: string, before: Date): Promise<boolean> {
    try {
      if ((await stat(file)).mtime >= before) {
        return false;
      }
    } catch (error) {
      if (isMissing(error)) {
        return false;
      }
      throw error;
    }
    return this.#files.remove(file);
  }
}

/** Tells that a name is taken. */
async function named(name: string, writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new VitaledgerError('ALREADY_EXISTS', 'The vault already holds an object of this name', {
      object: name,
    });
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) {
      return [];
    }
    throw error;
  }
}

function notFound(what: string, name: string): VitaledgerError {
  return new VitaledgerError(
    'NOT_FOUND',
    `The vault holds no ${what} of this name: it was erased, or this is not the vault of the record's custodian`,
    { object: name },
  );
}
