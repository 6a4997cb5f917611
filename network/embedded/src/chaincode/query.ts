import { peer } from '@hyperledger/fabric-protos';
import type { Cursor } from '../ledger/ledger.js';
import type { TransactionContext } from './transaction-context.js';

/** Results per message to the chaincode (core/chaincode/chaincode_support.go). */
const batchSize = 100;
/** Results per query; what is beyond is left out without a word (`ledger.state.totalQueryLimit`). */
export const totalQueryLimit = 100_000;

/** An iterator that a chaincode has open. */
export interface OpenQuery {
  /** The next batch; `hasMore` only when a further result has been read. */
  nextBatch(): Promise<{ results: readonly Uint8Array[]; hasMore: boolean }>;
  close(): Promise<void>;
}

/**
 * Reads one result further than it hands out, as Fabric does: the node shim cannot take `hasMore` with nothing behind it,
 * and the range that a transaction has read, for the phantom check, is the same as on Fabric.
 */
export class BatchedQuery<T> implements OpenQuery {
  readonly #cursor: Cursor<T>;
  readonly #encode: (item: T) => Uint8Array;
  #pending: readonly T[] = [];
  #returned = 0;

  constructor(cursor: Cursor<T>, encode: (item: T) => Uint8Array) {
    this.#cursor = cursor;
    this.#encode = encode;
  }

  async nextBatch(): Promise<{ results: readonly Uint8Array[]; hasMore: boolean }> {
    const room = Math.min(batchSize + 1, totalQueryLimit - this.#returned) - this.#pending.length;
    const fetched = room > 0 ? await this.#fetch(room) : [];
    const all = [...this.#pending, ...fetched];
    const batch = all.slice(0, batchSize);
    this.#pending = all.slice(batchSize);
    this.#returned += batch.length;
    return { results: batch.map(this.#encode), hasMore: this.#pending.length > 0 };
  }

  close(): Promise<void> {
    return this.#cursor.close();
  }

  async #fetch(count: number): Promise<readonly T[]> {
    const items: T[] = [];
    while (items.length < count) {
      const more = await this.#cursor.next(count - items.length);
      if (more.length === 0) {
        break;
      }
      items.push(...more);
    }
    return items;
  }
}

/** Opens a query, answers with its first batch and keeps it open only when there is more. */
export async function startQuery<T>(
  context: TransactionContext,
  cursor: Cursor<T>,
  encode: (item: T) => Uint8Array,
): Promise<Uint8Array> {
  const id = context.openQuery(new BatchedQuery(cursor, encode));
  return continueQuery(context, id);
}

export async function continueQuery(context: TransactionContext, id: string): Promise<Uint8Array> {
  const query = context.query(id);
  if (query === undefined) {
    throw new Error('query iterator not found');
  }
  try {
    const { results, hasMore } = await query.nextBatch();
    if (!hasMore) {
      await context.closeQuery(id);
    }
    return queryResponse(id, results, hasMore).serializeBinary();
  } catch (error) {
    await context.closeQuery(id);
    throw error;
  }
}

export function queryResponse(
  id: string,
  results: readonly Uint8Array[],
  hasMore: boolean,
): peer.QueryResponse {
  const response = new peer.QueryResponse();
  response.setResultsList(
    results.map((bytes) => {
      const result = new peer.QueryResultBytes();
      result.setResultbytes(bytes);
      return result;
    }),
  );
  response.setHasMore(hasMore);
  response.setId(id);
  return response;
}
