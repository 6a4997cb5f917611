import { VitaledgerError } from '@vitaledger/domain';
import type { ErasableStore } from '../vault.js';
import { drained, textOf, type Bucket } from './bucket.js';

const valueName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

/** Small values, one object each. */
export class S3Store implements ErasableStore {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #checkErasable: () => Promise<void>;

  constructor(bucket: Bucket, prefix: string, checkErasable: () => Promise<void>) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#checkErasable = checkErasable;
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    await this.#checkErasable();
    await drained((await this.#bucket.request({ method: 'PUT', key: this.#key(name), body: value })).body);
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const content = await this.#bucket.get(this.#key(name));
    if (!content) return undefined;
    const parts: Uint8Array[] = [];
    for await (const bytes of content) parts.push(bytes);
    return Buffer.concat(parts);
  }

  async delete(name: string): Promise<boolean> {
    return this.#bucket.remove(this.#key(name));
  }

  async names(): Promise<readonly string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const query = {
        'list-type': '2',
        prefix: this.#prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      };
      const page = await textOf((await this.#bucket.request({ method: 'GET', query })).body);
      for (const [, key = ''] of page.matchAll(/<Key>([^<]+)<\/Key>/g))
        names.push(key.slice(this.#prefix.length));
      token = unescaped(/<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(page)?.[1]);
    } while (token !== undefined);
    return names;
  }

  #key(name: string): string {
    if (valueName.test(name)) return this.#prefix + name;
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'A stored value is named by up to 128 letters, digits, points, dashes and underscores',
    );
  }
}

function unescaped(text: string | undefined): string | undefined {
  return text
    ?.replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
