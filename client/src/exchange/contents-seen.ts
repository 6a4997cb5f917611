import { createHash } from 'node:crypto';
import type { Draft } from '../records/draft.js';

/** A resource as it is registered. */
export interface SeenDraft extends Draft {
  readonly patient: string;
}

/**
 * Which contents the records of an import have had so far. Of each, 64 bits of a digest of the id and as many of one of the content are
 * held: 32 to 64 bytes a record, also where a map would be full.
 */
export class ContentsSeen {
  /** Open addressing: the id's bits and the content's, in turn; an empty place has 0 for the id. */
  #cells: BigUint64Array;
  #used = 0;

  /** @param places a power of two */
  constructor(places = 1024) {
    this.#cells = new BigUint64Array(2 * places);
  }

  /** Whether the id was given to another content, or another patient's resource, before. The first one stays what counts. */
  isAnother({ patient, metadata, content }: SeenDraft): boolean {
    const own = bitsOf(content as Uint8Array, patient);
    const known = this.#meet(bitsOf(metadata.id) | 1n, own);
    if (this.#used * 4 > this.#cells.length) this.#grow();
    return known !== own;
  }

  /** What stands under the id, which is `content` where nothing did. */
  #meet(id: bigint, content: bigint): bigint {
    const cells = this.#cells;
    const places = cells.length / 2;
    let place = Number((id >> 1n) & BigInt(places - 1));
    while (cells[2 * place] !== 0n && cells[2 * place] !== id) place = (place + 1) % places;
    if (cells[2 * place] === id) return cells[2 * place + 1] ?? 0n;
    [cells[2 * place], cells[2 * place + 1]] = [id, content];
    this.#used++;
    return content;
  }

  #grow(): void {
    const old = this.#cells;
    this.#cells = new BigUint64Array(2 * old.length);
    this.#used = 0;
    for (let at = 0; at < old.length; at += 2) {
      const [id = 0n, content = 0n] = old.subarray(at, at + 2);
      if (id !== 0n) this.#meet(id, content);
    }
  }
}

function bitsOf(content: string | Uint8Array, beside = ''): bigint {
  return createHash('sha256').update(`${beside}\n`).update(content).digest().readBigUInt64BE();
}
