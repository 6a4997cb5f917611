import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bestPairs } from './assignment.js';

function total(gains: readonly (readonly number[])[], pairs: ReadonlyMap<number, number>): number {
  return [...pairs].reduce((sum, [row, column]) => sum + (gains[row]?.[column] ?? NaN), 0);
}

/** The greatest sum, by trying everything. */
function greatest(gains: readonly (readonly number[])[], row = 0, taken: readonly number[] = []): number {
  const own = gains[row];
  if (own === undefined) return 0;
  const paired = own.map((gain, column) =>
    taken.includes(column) ? 0 : gain + greatest(gains, row + 1, [...taken, column]),
  );
  return Math.max(greatest(gains, row + 1, taken), ...paired);
}

describe('bestPairs', () => {
  it('pairs for the greatest sum, where taking the best one first would not', () => {
    assert.deepEqual(
      [
        ...bestPairs([
          [10, 9],
          [9, 1],
        ]),
      ],
      [
        [1, 0],
        [0, 1],
      ],
    );
  });

  it('is never beaten by any other pairing, and pairs nothing without a gain', () => {
    const table = fc
      .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(fc.constantFrom(0, 0, 1, 2, 3.5, 7), { minLength: columns, maxLength: columns }), {
          minLength: rows,
          maxLength: rows,
        }),
      );
    fc.assert(
      fc.property(table, (gains) => {
        const pairs = bestPairs(gains);
        assert.ok(Math.abs(total(gains, pairs) - greatest(gains)) < 1e-9);
        assert.equal(new Set(pairs.values()).size, pairs.size);
        for (const [row, column] of pairs) assert.ok((gains[row]?.[column] ?? 0) > 0);
      }),
    );
  });
});
