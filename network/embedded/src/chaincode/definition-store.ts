import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LedgerConfigurationError } from '../options.js';
import type { ChaincodeDefinition } from './definition.js';

/** Keeps all chaincode definitions in one file, replaced as a whole: after a crash it is the old one or the new one. */
export class DefinitionStore {
  readonly #file: string | undefined;

  /** Without a file nothing is kept. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  async load(): Promise<readonly ChaincodeDefinition[]> {
    const text = this.#file === undefined ? undefined : await readText(this.#file);
    if (text === undefined) {
      return [];
    }
    try {
      return JSON.parse(text) as readonly ChaincodeDefinition[];
    } catch (error) {
      throw new LedgerConfigurationError(
        `${String(this.#file)} is damaged: restore it, or delete it and define the chaincodes again`,
        { cause: error },
      );
    }
  }

  async save(definitions: readonly ChaincodeDefinition[]): Promise<void> {
    if (this.#file === undefined) {
      return;
    }
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    const handle = await open(`${this.#file}.new`, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(definitions, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${this.#file}.new`, this.#file);
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
