import { sha256 } from './block-codec.js';
import type { KeyRead, MerkleSummary, RangeQuery } from './read-write-set.js';
import { encodeRawReads } from './read-write-set-encoder.js';

/** How many results, or hashes of one level, stand side by side before they are hashed (query_executor.go). */
export const MAX_DEGREE = 50;
const LEAF_LEVEL = 1;

/**
 * The results of one range query as they go into the read set: up to `maxDegree` of them as they are, more of them as
 * the upper level of a Merkle tree that grows while they arrive (rwsetutil/query_results_helper.go).
 */
export class QueryResults {
  readonly #maxDegree: number;
  #pending: KeyRead[] = [];
  #maxLevel = LEAF_LEVEL;
  readonly #levels = new Map<number, Buffer[]>();

  constructor(maxDegree = MAX_DEGREE) {
    this.#maxDegree = maxDegree;
  }

  /** Whether the tree grew. */
  add(read: KeyRead): boolean {
    this.#pending.push(read);
    if (this.#pending.length <= this.#maxDegree) {
      return false;
    }
    this.#hashPending();
    return true;
  }

  /** The tree as it stands, for a comparison that ends at the first difference. */
  summary(): MerkleSummary {
    return {
      maxDegree: this.#maxDegree,
      maxLevel: this.#maxLevel,
      maxLevelHashes: [...this.#level(this.#maxLevel)],
    };
  }

  /** Nothing may be added afterwards. Neither is set when there were no results. */
  done(): Pick<RangeQuery, 'rawReads' | 'merkle'> {
    if (this.#maxLevel === LEAF_LEVEL && this.#level(LEAF_LEVEL).length === 0) {
      return { rawReads: this.#pending.length === 0 ? undefined : this.#pending, merkle: undefined };
    }
    if (this.#pending.length > 0) {
      this.#hashPending();
    }
    this.#complete();
    return { rawReads: undefined, merkle: this.summary() };
  }

  #level(level: number): Buffer[] {
    return this.#levels.get(level) ?? [];
  }

  #push(level: number, hash: Buffer): void {
    this.#levels.set(level, [...this.#level(level), hash]);
  }

  #hashPending(): void {
    this.#push(LEAF_LEVEL, sha256(encodeRawReads(this.#pending)));
    this.#pending = [];
    for (let level = LEAF_LEVEL; this.#level(level).length > this.#maxDegree; level++) {
      const combined = sha256(...this.#level(level));
      this.#levels.delete(level);
      this.#push(level + 1, combined);
      this.#maxLevel = Math.max(this.#maxLevel, level + 1);
    }
  }

  /** Lifts what stands below the highest level, so that one level holds the hash of everything. */
  #complete(): void {
    for (let level = LEAF_LEVEL; level < this.#maxLevel; level++) {
      const [only, ...others] = this.#level(level);
      if (only !== undefined) {
        this.#levels.delete(level);
        this.#push(level + 1, others.length === 0 ? only : sha256(only, ...others));
      }
    }
    const highest = this.#level(this.#maxLevel);
    if (highest.length > this.#maxDegree) {
      this.#levels.delete(this.#maxLevel);
      this.#maxLevel++;
      this.#push(this.#maxLevel, sha256(...highest));
    }
  }
}
