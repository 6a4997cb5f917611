import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { DurableFiles, isMissing } from '../vault/durable-file.js';
import { checkPrivate, type IdentityPem } from './identity.js';

/** An identity of a wallet, and whose member it is. */
export interface WalletIdentity extends IdentityPem {
  readonly mspId: string;
}

const label = /^[A-Za-z0-9@_][A-Za-z0-9@._-]{0,127}$/;
const extension = '.id';

/**
 * Identities in a folder, one file each, in the format of the wallets of Fabric's older SDKs (`<label>.id`), so that what others have
 * enrolled is read too. Only the owner may read the folder.
 *
 * @example
 * ```typescript
 * const wallet = new Wallet('/home/app/wallet');
 * const ledger = await connect({ profile, identity: await wallet.get('registrar') });
 * ```
 */
export class Wallet {
  readonly #folder: string;
  readonly #files: DurableFiles;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.#files = new DurableFiles(this.#folder);
  }

  /** Labels, in alphabetical order; none where the folder is not there. */
  async list(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#folder);
      return names
        .filter((name) => name.endsWith(extension))
        .map((name) => name.slice(0, -extension.length))
        .filter((name) => label.test(name))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  /**
   * @throws VitaledgerError `NOT_FOUND`; `PRECONDITION_FAILED` when others may read the file; `INVALID_ARGUMENT` when it is no identity
   *   that the SDK can use (one in a hardware module, for instance)
   */
  async get(name: string): Promise<WalletIdentity> {
    const file = this.#file(name);
    try {
      await stat(file);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new VitaledgerError('NOT_FOUND', `The wallet ${this.#folder} has no identity "${name}"`);
    }
    await checkPrivate(file);
    return parsed(await readFile(file, 'utf8'), file);
  }

  /** Keeps an identity, in the place of what has this label. */
  async put(name: string, { mspId, certificate, privateKey }: WalletIdentity): Promise<void> {
    const content = { credentials: { certificate, privateKey }, mspId, type: 'X.509', version: 1 };
    await this.#files.replace(this.#file(name), Buffer.from(JSON.stringify(content)));
  }

  /** @returns whether it was there */
  remove(name: string): Promise<boolean> {
    return this.#files.remove(this.#file(name));
  }

  #file(name: string): string {
    if (label.test(name)) return join(this.#folder, `${name}${extension}`);
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'An identity of a wallet is named by up to 128 letters, digits, points, dashes, underscores and at signs',
    );
  }
}

function parsed(text: string, file: string): WalletIdentity {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(file);
  }
  const { mspId, credentials } = (value ?? {}) as { mspId?: unknown; credentials?: Partial<IdentityPem> };
  const { certificate, privateKey } = credentials ?? {};
  if (typeof mspId !== 'string' || typeof certificate !== 'string' || typeof privateKey !== 'string')
    throw unusable(file);
  return { mspId, certificate, privateKey };
}

function unusable(file: string): VitaledgerError {
  return new VitaledgerError(
    'INVALID_ARGUMENT',
    `${file} is not an X.509 identity of a wallet: it needs mspId, credentials.certificate and credentials.privateKey`,
  );
}
