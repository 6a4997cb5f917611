import type { ValidationCode, Version } from './ledger.js';
import { phantomFree } from './phantoms.js';
import type {
  HashedRead,
  KeyRead,
  NamespaceReadWriteSet,
  TransactionReadWriteSet,
} from './read-write-set.js';
import type { StateReader, StateUpdates } from './state-database.js';
import { hashedKey, publicKey, type StateKey } from './state-key.js';
import { sameVersion } from './versioned-value.js';

/** `protos.TxValidationCode` of the verdicts that the state gives. */
export const Verdict = {
  VALID: 0,
  NIL_TXACTION: 16,
  MVCC_READ_CONFLICT: 11,
  PHANTOM_READ_CONFLICT: 12,
  INVALID_OTHER_REASON: 255,
} as const satisfies Record<string, ValidationCode>;

/**
 * Whether a transaction may still be applied: everything it read has the version it saw, and no earlier valid
 * transaction of the same block wrote it. Per namespace first reads, then ranges, then hashed reads; the first conflict
 * decides (core/ledger/kvledger/txmgmt/validation/validator.go).
 */
export async function validate(
  set: TransactionReadWriteSet,
  committed: StateReader,
  blockUpdates: StateUpdates,
): Promise<ValidationCode> {
  for (const namespace of set) {
    if (!namespace.reads.every((read) => readIsCurrent(namespace.namespace, read, committed, blockUpdates))) {
      return Verdict.MVCC_READ_CONFLICT;
    }
    for (const query of namespace.rangeQueries) {
      if (!(await phantomFree(namespace.namespace, query, committed, blockUpdates))) {
        return Verdict.PHANTOM_READ_CONFLICT;
      }
    }
    if (!hashedReadsAreCurrent(namespace, committed, blockUpdates)) {
      return Verdict.MVCC_READ_CONFLICT;
    }
  }
  return Verdict.VALID;
}

function readIsCurrent(
  namespace: string,
  read: KeyRead,
  committed: StateReader,
  blockUpdates: StateUpdates,
): boolean {
  return isCurrent(publicKey(namespace, read.key), read.version, committed, blockUpdates);
}

function hashedReadsAreCurrent(
  { namespace, collections }: NamespaceReadWriteSet,
  committed: StateReader,
  blockUpdates: StateUpdates,
): boolean {
  return collections.every(({ collection, reads }) =>
    reads.every((read: HashedRead) =>
      isCurrent(hashedKey(namespace, collection, read.keyHash), read.version, committed, blockUpdates),
    ),
  );
}

function isCurrent(
  key: StateKey,
  version: Version | undefined,
  committed: StateReader,
  blockUpdates: StateUpdates,
): boolean {
  return !blockUpdates.has(key) && sameVersion(committed.get(key)?.version, version);
}
