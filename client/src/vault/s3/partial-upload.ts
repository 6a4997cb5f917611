import { VitaledgerError } from '@vitaledger/domain';
import type { PartialObject } from '../vault.js';
import { drained, textOf, type Bucket } from './bucket.js';
import { assemble } from './multipart.js';

/** Where an object lies, and its parts until it does. */
export interface PartialPlace {
  readonly bucket: Bucket;
  readonly key: string;
  /** In front of the numbers of the parts, ends with `/`. */
  readonly parts: string;
  readonly partSize: number;
}

const digits = 5;

/**
 * An object that is written part by part, each part an object of its own until all are there: only so can what is stored be read and
 * compared before more is written behind it. The store then puts them together by itself.
 */
export class PartialUpload implements PartialObject {
  readonly size: number;
  readonly finished: boolean;
  readonly #place: PartialPlace;
  /** Bytes of the parts that are stored and full. */
  #stored: number;
  /** What comes behind them. */
  #rest: Uint8Array;
  #window: { readonly index: number; readonly bytes: Uint8Array } | undefined;

  private constructor(place: PartialPlace, size: number, finished: boolean, rest: Uint8Array) {
    this.size = size;
    this.finished = finished;
    this.#place = place;
    this.#stored = size - rest.length;
    this.#rest = rest;
  }

  static async open(place: PartialPlace): Promise<PartialUpload> {
    const { bucket, key, partSize } = place;
    const held = await bucket.request({ method: 'HEAD', key });
    await drained(held.body);
    if (held.status === 200) {
      await removeParts(place);
      return new PartialUpload(place, Number(held.headers.get('content-length')), true, new Uint8Array());
    }
    let full = 0;
    const sizes = await partSizes(place);
    while (sizes.get(full + 1) === partSize) full++;
    const last = sizes.get(full + 1) ?? 0;
    const rest = last > 0 ? await whole(bucket, partKey(place, full)) : new Uint8Array();
    return new PartialUpload(place, full * partSize + rest.length, false, rest);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let at = offset; at < offset + length;) {
      const bytes = await this.#from(at);
      if (bytes.length === 0) break;
      const taken = bytes.subarray(0, offset + length - at);
      parts.push(taken);
      at += taken.length;
    }
    return Buffer.concat(parts);
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (offset !== this.#stored + this.#rest.length)
      throw new VitaledgerError('INTERNAL', 'An object in parts is written from its beginning to its end');
    const { partSize } = this.#place;
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= partSize) {
      await this.#store(this.#rest.subarray(0, partSize));
      this.#stored += partSize;
      this.#rest = this.#rest.subarray(partSize);
    }
  }

  async finish(): Promise<void> {
    if (this.finished) return;
    const { bucket, key, partSize } = this.#place;
    if (this.#rest.length > 0) await this.#store(this.#rest);
    const count = Math.ceil((this.#stored + this.#rest.length) / partSize);
    const keys = Array.from({ length: count }, (_, index) => partKey(this.#place, index));
    await assemble(bucket, key, keys);
    await removeParts(this.#place);
  }

  close(): Promise<void> {
    this.#window = undefined;
    return Promise.resolve();
  }

  /** What is stored from a byte on, as far as it is in one part. */
  async #from(offset: number): Promise<Uint8Array> {
    const { bucket, key, partSize } = this.#place;
    if (!this.finished && offset >= this.#stored) return this.#rest.subarray(offset - this.#stored);
    const index = Math.floor(offset / partSize);
    if (this.#window?.index !== index) {
      const bytes = this.finished
        ? await whole(bucket, key, index * partSize, partSize)
        : await whole(bucket, partKey(this.#place, index));
      this.#window = { index, bytes };
    }
    return this.#window.bytes.subarray(offset - index * partSize);
  }

  async #store(body: Uint8Array): Promise<void> {
    const key = partKey(this.#place, this.#stored / this.#place.partSize);
    await drained((await this.#place.bucket.request({ method: 'PUT', key, body })).body);
  }
}

/** Removes the parts of an object that is there, or is not wanted any more. */
export async function removeParts(place: PartialPlace): Promise<void> {
  for (const number of (await partSizes(place)).keys()) await place.bucket.remove(partKey(place, number - 1));
}

/** Bytes of the parts by their numbers, from 1. */
async function partSizes({ bucket, parts }: PartialPlace): Promise<ReadonlyMap<number, number>> {
  const sizes = new Map<number, number>();
  // A list begins behind a name: 10,000 parts are ten pages.
  for (let last: string | undefined = ''; last !== undefined;) {
    const query = { 'list-type': '2', prefix: parts, ...(last === '' ? {} : { 'start-after': last }) };
    const page = await textOf((await bucket.request({ method: 'GET', query })).body);
    last = undefined;
    for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      const key = /<Key>([^<]+)<\/Key>/.exec(entry)?.[1] ?? '';
      sizes.set(Number(key.slice(parts.length)), Number(/<Size>(\d+)<\/Size>/.exec(entry)?.[1]));
      last = key;
    }
    if (!page.includes('<IsTruncated>true')) break;
  }
  return sizes;
}

/** @param index from 0 */
function partKey({ parts }: PartialPlace, index: number): string {
  return `${parts}${String(index + 1).padStart(digits, '0')}`;
}

async function whole(bucket: Bucket, key: string, from = 0, most = Infinity): Promise<Uint8Array> {
  const content = await bucket.get(key, from);
  if (!content) throw new VitaledgerError('NOT_FOUND', 'The vault holds no part of this object any more');
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of content) {
    parts.push(bytes);
    size += bytes.length;
    if (size >= most) break;
  }
  return Buffer.concat(parts).subarray(0, most);
}
