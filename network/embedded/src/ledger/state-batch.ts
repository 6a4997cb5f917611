import { endOfRecord } from './block-file.js';
import { locationOfTransaction } from './block-index.js';
import { indexWrites, type ProcessedBlock } from './block-processor.js';
import type { KeyValueReader, Write } from './key-value-store.js';
import { savepointWrite, stateWrites, type Savepoint } from './state-database.js';
import type { StateKey } from './state-key.js';
import type { StateUpdate } from './versioned-value.js';

/** A block with what expires with it: everything that the state takes over. */
export interface AppliedBlock {
  readonly processed: ProcessedBlock;
  readonly expired: ReadonlyMap<StateKey, StateUpdate>;
}

function updatesOf({ processed, expired }: AppliedBlock): ReadonlyMap<StateKey, StateUpdate>[] {
  return [processed.blockUpdates, processed.privateUpdates, expired];
}

/** Makes a block part of the state that the next block of the group sees. */
export function mergeUpdates(pending: Map<StateKey, StateUpdate>, block: AppliedBlock): void {
  for (const updates of updatesOf(block)) {
    for (const [key, update] of updates) {
      pending.set(key, update);
    }
  }
}

/** The writes that bring the state from before a group of blocks to after it; `records` says where their records begin. */
export function stateBatch(
  state: KeyValueReader,
  group: readonly AppliedBlock[],
  records: readonly number[],
): { writes: Write[]; savepoint: Savepoint | undefined } {
  const writes: Write[] = [];
  const indexed = new Set<string>();
  const isKnown = (id: string): boolean => indexed.has(id) || locationOfTransaction(state, id) !== undefined;
  let savepoint: Savepoint | undefined;
  for (const [index, block] of group.entries()) {
    const { processed } = block;
    const record = records[index] ?? 0;
    for (const updates of updatesOf(block)) {
      writes.push(...stateWrites(updates));
    }
    writes.push(...indexWrites(processed, record, isKnown));
    for (const { header } of processed.transactions) {
      indexed.add(header.id);
    }
    savepoint = {
      block: processed.number,
      end: endOfRecord(record, processed.encoded.bytes),
      lastHash: processed.hash,
      commitHash: processed.commitHash,
    };
  }
  if (savepoint !== undefined) {
    writes.push(savepointWrite(savepoint));
  }
  return { writes, savepoint };
}
