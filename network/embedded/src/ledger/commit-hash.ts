import { sha256 } from './block-codec.js';
import type { StateUpdates } from './state-database.js';
import { splitStateKey } from './state-key.js';
import { orderPreservingVersion } from './versioned-value.js';
import { EMPTY_BYTES, WireWriter } from './wire-format.js';

/**
 * The hash that chains what blocks did to the state: SHA-256 of the length of the transaction filter as a varint, the
 * filter, the updates, and the hash of the block before (core/ledger/kvledger/kv_ledger.go, addBlockCommitHash).
 * Peers that disagree on it have different states.
 */
export function commitHash(filter: Uint8Array, updates: StateUpdates, previous: Uint8Array): Buffer {
  // The varint of a length with the bytes after it is what a bytes field is, but for its tag.
  const lengthAndFilter = new WireWriter().presentBytes(1, filter).finish().subarray(1);
  return sha256(lengthAndFilter, updateBytes(updates), previous);
}

/**
 * Fabric's deterministic form of a block's updates (txmgmt/txmgr/update_batch_bytes.go): ordered by namespace, public
 * keys before collections; namespace and collection stand only in the first write that belongs to them. The channel
 * configuration, in the empty namespace, is left out.
 */
function updateBytes(updates: StateUpdates): Buffer {
  const writer = new WireWriter();
  let lastNamespace = '';
  let lastCollection = '';
  for (const stateKey of [...updates.keys()].sort(byBytes)) {
    const { namespace, collection, key } = splitStateKey(stateKey);
    const update = updates.get(stateKey);
    if (namespace === '' || update === undefined) {
      continue;
    }
    const inner = new WireWriter();
    if (namespace !== lastNamespace) {
      inner.string(1, namespace);
      lastNamespace = namespace;
      lastCollection = '';
    }
    if (collection !== lastCollection) {
      inner.string(2, collection);
      lastCollection = collection;
    }
    inner
      .bytes(3, Buffer.from(key, 'latin1'))
      .boolean(4, update.value === undefined)
      .bytes(5, update.value ?? EMPTY_BYTES)
      .bytes(6, orderPreservingVersion(update.version));
    writer.presentBytes(1, inner.finish());
  }
  return writer.finish();
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
