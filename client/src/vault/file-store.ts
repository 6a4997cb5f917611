import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { isMissing, type DurableFiles } from './durable-file.js';
import type { ErasableStore } from './vault.js';

const valueName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** Small values, one file each. */
export class FileStore implements ErasableStore {
  readonly #folder: string;
  readonly #files: DurableFiles;

  constructor(folder: string, files: DurableFiles) {
    this.#folder = folder;
    this.#files = files;
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    await this.#files.replace(this.#path(name), value);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path(name));
    } catch (error) {
      if (isMissing(error)) {
        return undefined;
      }
      throw error;
    }
  }

  async delete(name: string): Promise<boolean> {
    return this.#files.remove(this.#path(name));
  }

  async names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (isMissing(error)) {
        return [];
      }
      throw error;
    }
  }

  #path(name: string): string {
    if (!valueName.test(name)) {
      throw new VitaledgerError(
        'INVALID_ARGUMENT',
        'A stored value is named by up to 128 letters, digits, points, dashes and underscores',
      );
    }
    return join(this.#folder, name);
  }
}
