import { QueryResults } from './query-results.js';
import type { KeyRead, MerkleSummary, RangeQuery } from './read-write-set.js';
import { OverlaidState, type StateReader, type StateUpdates } from './state-database.js';
import { fromBinary, publicKey, publicRange, splitStateKey } from './state-key.js';
import { sameVersion } from './versioned-value.js';

/**
 * Whether a range read again now, with the writes of earlier valid transactions of the block, gives what the simulation
 * saw (validation/rangequery_validator.go).
 */
export async function phantomFree(
  namespace: string,
  query: RangeQuery,
  committed: StateReader,
  blockUpdates: StateUpdates,
): Promise<boolean> {
  const current = currentReads(namespace, query, new OverlaidState(committed, blockUpdates));
  return query.merkle === undefined
    ? sameReads(query.rawReads ?? [], current)
    : sameSummary(query.merkle, current);
}

/**
 * A range that was not read to its end carries the last key that was read as its end, and that key belongs to it
 * (validation/combined_iterator.go).
 */
async function* currentReads(
  namespace: string,
  query: RangeQuery,
  state: StateReader,
): AsyncGenerator<KeyRead> {
  const iterator = state.iterate(publicRange(namespace, query.startKey, query.endKey));
  try {
    for (;;) {
      const page = await iterator.next(200);
      if (page.length === 0) {
        break;
      }
      for (const [key, { version }] of page) {
        yield { key: fromBinary(splitStateKey(key).key), version };
      }
    }
  } finally {
    await iterator.close();
  }
  const last = query.exhausted ? undefined : state.get(publicKey(namespace, query.endKey));
  if (last !== undefined) {
    yield { key: query.endKey, version: last.version };
  }
}

async function sameReads(expected: readonly KeyRead[], current: AsyncGenerator<KeyRead>): Promise<boolean> {
  let count = 0;
  for await (const read of current) {
    const expectation = expected[count++];
    if (expectation?.key !== read.key || !sameVersion(expectation.version, read.version)) {
      return false;
    }
  }
  return count === expected.length;
}

async function sameSummary(expected: MerkleSummary, current: AsyncGenerator<KeyRead>): Promise<boolean> {
  if (expected.maxDegree < 2) {
    return false;
  }
  const results = new QueryResults(expected.maxDegree);
  for await (const read of current) {
    if (results.add(read) && differsAlready(expected, results.summary())) {
      return false;
    }
  }
  const { merkle } = results.done();
  return (
    merkle?.maxLevel === expected.maxLevel &&
    merkle.maxLevelHashes.length === expected.maxLevelHashes.length &&
    !differsAlready(expected, merkle)
  );
}

/** A hash of the expected level never changes once it stands, so that the first wrong one ends the comparison. */
function differsAlready(expected: MerkleSummary, built: MerkleSummary): boolean {
  if (built.maxLevel !== expected.maxLevel) {
    return built.maxLevel > expected.maxLevel;
  }
  return built.maxLevelHashes.some((hash, index) => {
    const other = expected.maxLevelHashes[index];
    return other === undefined || !Buffer.from(hash).equals(other);
  });
}
