import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerConfigurationError } from '../options.js';
import { PackageError, readPackage, type InstalledPackage } from './chaincode-package.js';

/** The chaincode packages that one peer has installed. */
export class PackageStore {
  readonly #directory: string | undefined;
  readonly #packages = new Map<string, InstalledPackage>();

  private constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  /** Without a directory packages are kept in memory. Throws LedgerConfigurationError for a damaged file. */
  static async open(directory: string | undefined): Promise<PackageStore> {
    const store = new PackageStore(directory);
    for (const file of await filesIn(directory)) {
      try {
        const installed = readPackage(await readFile(file));
        store.#packages.set(installed.packageId, installed);
      } catch (error) {
        throw new LedgerConfigurationError(
          `${file} is not a chaincode package: delete it and install the package again`,
          { cause: error },
        );
      }
    }
    return store;
  }

  get list(): readonly InstalledPackage[] {
    return [...this.#packages.values()];
  }

  get(packageId: string): InstalledPackage | undefined {
    return this.#packages.get(packageId);
  }

  /** Installs a package unless it is there. Throws PackageError. */
  async keep(bytes: Uint8Array): Promise<void> {
    if (!this.#packages.has(readPackage(bytes).packageId)) {
      await this.install(bytes);
    }
  }

  /** Durable when it resolves. Throws PackageError. */
  async install(bytes: Uint8Array): Promise<InstalledPackage> {
    const installed = readPackage(bytes);
    const { packageId } = installed;
    if (this.#packages.has(packageId)) {
      throw new PackageError(`chaincode already successfully installed (package ID '${packageId}')`);
    }
    if (this.#directory !== undefined) {
      await write(this.#directory, fileName(packageId), bytes);
    }
    this.#packages.set(packageId, installed);
    return installed;
  }
}

function fileName(packageId: string): string {
  return `${packageId.replace(':', '.')}.tar.gz`;
}

async function filesIn(directory: string | undefined): Promise<readonly string[]> {
  if (directory === undefined) {
    return [];
  }
  try {
    const names = await readdir(directory);
    return names.filter((name) => name.endsWith('.tar.gz')).map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

async function write(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, name);
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
