import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import fc from 'fast-check';

import { MAX_DEGREE, QueryResults } from './query-results.js';
import type { KeyRead } from './read-write-set.js';
import { encodeRawReads } from './read-write-set-encoder.js';

function reads(count: number): KeyRead[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `k${index}`,
    version: { block: index, transaction: 1 },
  }));
}

function digest(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function groups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/**
 * The tree all at once, level by level from complete groups of degree + 1; what is left over at a level is lifted as one
 * hash. Fabric and `QueryResults` build the same while the results arrive.
 */
function reference(results: readonly KeyRead[], degree: number): { level: number; hashes: Buffer[] } {
  let hashes = groups(results, degree + 1).map((group) => digest(encodeRawReads(group)));
  let level = 1;
  while (hashes.length > degree) {
    hashes = groups(hashes, degree + 1).map((group) => (group.length === 1 ? group[0]! : digest(...group)));
    level++;
  }
  return { level, hashes };
}

function collect(results: readonly KeyRead[], degree?: number): ReturnType<QueryResults['done']> {
  const collected = new QueryResults(degree);
  for (const read of results) {
    collected.add(read);
  }
  return collected.done();
}

describe('results of a range query', () => {
  it('are recorded as they are up to 50, and not at all when there are none', () => {
    assert.deepEqual(collect([]), { rawReads: undefined, merkle: undefined });
    assert.deepEqual(collect(reads(50)), { rawReads: reads(50), merkle: undefined });
  });

  it('become one hash with the 51st', () => {
    const { rawReads, merkle } = collect(reads(51));
    assert.equal(rawReads, undefined);
    assert.deepEqual(merkle, {
      maxDegree: MAX_DEGREE,
      maxLevel: 1,
      maxLevelHashes: [digest(encodeRawReads(reads(51)))],
    });
  });

  it('become the upper level of a Merkle tree, whatever their number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 0, max: 400 }), (degree, count) => {
        fc.pre(count > degree);
        const { merkle } = collect(reads(count), degree);
        const expected = reference(reads(count), degree);
        assert.deepEqual(merkle?.maxLevelHashes, expected.hashes);
        assert.equal(merkle.maxLevel, expected.level);
      }),
      { numRuns: 300 },
    );
  });
});
