import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { VitaledgerError } from '@vitaledger/domain';
import type { ErasableStore, ErasedParts, Vault } from '../vault.js';
import type { Capability, SignedProposal } from './loan.js';
import { errorFrom } from './vault-server.js';

/** How another custodian's vault is reached, and trusted. */
export interface RemoteVaultOptions {
  /** `https://host:port` of the custodian's `vitaledger vault serve`. */
  readonly url: string;
  /** Roots of its TLS certificate, PEM; those of the system unless told. */
  readonly tlsRoots?: string;
  /** How often something is asked for at most while the vault does not answer. 4 unless told. */
  readonly attempts?: number;
  /** Milliseconds without a byte after which an attempt is given up. 30,000 unless told. */
  readonly idleTimeout?: number;
}

/**
 * Another organization's vault, which lends to holders of a receipt. To be given to `connect({ vault })` for that organization; reading
 * released records then fetches through it.
 *
 * @example
 * ```typescript
 * const hospital = new RemoteVault({ url: 'https://vault.hospital.example:8443' });
 * const ledger = await connect({ profile, identity, vault: (mspId) => (mspId === 'HospitalMSP' ? hospital : undefined) });
 * ```
 */
export class RemoteVault implements Vault {
  readonly #options: RemoteVaultOptions;
  readonly #sign: (() => Promise<SignedProposal>) | undefined;
  #capability: Promise<Capability> | undefined;

  /** @throws VitaledgerError `INVALID_ARGUMENT` when the URL is not https */
  constructor(options: RemoteVaultOptions, sign?: () => Promise<SignedProposal>) {
    if (!URL.canParse(options.url) || new URL(options.url).protocol !== 'https:')
      throw new VitaledgerError('INVALID_ARGUMENT', 'The URL of a vault must be https://host:port', {
        path: 'url',
      });
    this.#options = options;
    this.#sign = sign;
  }

  lend(sign: () => Promise<SignedProposal>): Vault {
    return new RemoteVault(this.#options, sign);
  }

  getObject(name: string): AsyncIterable<Uint8Array> {
    return this.getObjectFrom(name, 0);
  }

  async *getObjectFrom(name: string, offset: number): AsyncIterable<Uint8Array> {
    let position = offset;
    for (let failures = 1; ; failures++) {
      try {
        for await (const bytes of await this.#get(`/objects/${name}?from=${position}`)) {
          position += bytes.length;
          failures = 1;
          yield bytes;
        }
        return;
      } catch (error) {
        if (error instanceof VitaledgerError) throw error;
        if (failures >= this.#attempts) throw this.#down(error);
        await sleep(pauseAfter(failures));
      }
    }
  }

  async getShare(name: string): Promise<Uint8Array> {
    return this.#repeated(async () => all(await this.#get(`/shares/${name}`)));
  }

  putObject(): Promise<void> {
    return Promise.reject(readOnly());
  }

  putShare(): Promise<void> {
    return Promise.reject(readOnly());
  }

  erase(): Promise<ErasedParts> {
    return Promise.reject(readOnly());
  }

  store(): ErasableStore {
    throw readOnly();
  }

  get #attempts(): number {
    return this.#options.attempts ?? 4;
  }

  async #get(path: string): Promise<AsyncIterable<Uint8Array>> {
    const ask = async () => {
      const { capability } = await this.#authorized();
      return this.#send('GET', path, { authorization: `Bearer ${capability}` });
    };
    let answer = await ask();
    if (answer.statusCode === 403) {
      // It has expired, or the server was restarted.
      answer.resume();
      this.#capability = undefined;
      answer = await ask();
    }
    if (answer.statusCode === 200) return answer as AsyncIterable<Uint8Array>;
    throw await refusal(answer);
  }

  #authorized(): Promise<Capability> {
    this.#capability ??= this.#repeated(() => this.#borrow()).catch((error: unknown) => {
      this.#capability = undefined;
      throw error;
    });
    return this.#capability;
  }

  async #borrow(): Promise<Capability> {
    if (!this.#sign) {
      throw new VitaledgerError(
        'PERMISSION_DENIED',
        'This vault lends to holders of a receipt only: open one, and read its records',
        {
          reason: 'CAPABILITY',
        },
      );
    }
    const body = JSON.stringify(await this.#sign());
    const answer = await this.#send('POST', '/capabilities', { 'content-type': 'application/json' }, body);
    if (answer.statusCode !== 200) throw await refusal(answer);
    return JSON.parse((await all(answer)).toString()) as Capability;
  }

  async #repeated<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const isDown = !(error instanceof VitaledgerError);
        if (!isDown || attempt >= this.#attempts) throw isDown ? this.#down(error) : error;
        await sleep(pauseAfter(attempt));
      }
    }
  }

  #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<IncomingMessage> {
    const { url, tlsRoots, idleTimeout = 30_000 } = this.#options;
    const options: RequestOptions = {
      method,
      headers,
      timeout: idleTimeout,
      ...(tlsRoots ? { ca: tlsRoots } : {}),
    };
    return new Promise((resolve, reject) => {
      const sent = httpsRequest(new URL(path, url), options, resolve);
      sent.on('timeout', () => sent.destroy(new Error('nothing was received in time')));
      sent.on('error', reject);
      sent.end(body);
    });
  }

  #down(cause: unknown): VitaledgerError {
    return new VitaledgerError(
      'UNAVAILABLE',
      `The custodian's vault at ${new URL(this.#options.url).host} does not answer: what was released can be read once it does; the receipt stays good for minutes`,
      { reason: 'VAULT_UNREACHABLE' },
      { cause },
    );
  }
}

/** A server that cannot answer now is treated as one that does not. */
async function refusal(answer: IncomingMessage): Promise<Error> {
  const text = (await all(answer)).toString();
  const error = errorFrom(text);
  if (error && error.code !== 'UNAVAILABLE' && error.code !== 'INTERNAL') return error;
  return new Error(`status ${answer.statusCode ?? 0}: ${error?.message ?? 'no reason given'}`);
}

async function all(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of content) parts.push(bytes);
  return Buffer.concat(parts);
}

function pauseAfter(attempt: number): number {
  return 100 * 2 ** (attempt - 1) * (0.5 + 0.5 * Math.random());
}

function readOnly(): VitaledgerError {
  return new VitaledgerError('PERMISSION_DENIED', "Nothing is written into another organization's vault");
}
