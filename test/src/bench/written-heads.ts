import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openKeyValueStore, type Write } from '@vitaledger/embedded-ledger/dist/ledger/key-value-store.js';
import {
  hashedKey,
  privateKey,
  rawKeyOf,
  stateKeyBytes,
} from '@vitaledger/embedded-ledger/dist/ledger/state-key.js';
import { encodeVersionedValue } from '@vitaledger/embedded-ledger/dist/ledger/versioned-value.js';

const CUSTODIAN = 'HospitalMSP';
const COLLECTION = `_implicit_org_${CUSTODIAN}`;
const NAMESPACE = 'care';
const AT_ONCE = 10_000;

/** A patient head as it is stored. */
export interface WrittenHead {
  readonly patient: string;
  /** Canonical JSON. */
  readonly value: string;
}

/**
 * Writes patient heads straight into the state of the hospital's peer on an embedded ledger that is not running, as commits would leave them:
 * value, hash and key. A million transactions would take hours and leave the same state.
 *
 * @param root the network's folder.
 */
export async function writeHeads(
  root: string,
  count: number,
  headOf: (index: number) => WrittenHead,
  onProgress: (written: number) => void,
): Promise<void> {
  const store = await openKeyValueStore(stateFolder(root));
  try {
    for (let from = 0; from < count; from += AT_ONCE) {
      const to = Math.min(count, from + AT_ONCE);
      const writes: Write[] = [];
      for (let index = from; index < to; index++) {
        const { patient, value } = headOf(index);
        writes.push(...stateOf(`patient/${patient}`, value));
      }
      await store.write(writes, { sync: true });
      onProgress(to);
    }
  } finally {
    await store.close();
  }
}

/** The folder of the state of `care`. */
function stateFolder(root: string): string {
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(join('channels', 'care', 'ledger', 'state', 'CURRENT')),
  );
  if (found === undefined) throw new Error('the embedded ledger has no state of care');
  return join(root, dirname(found));
}

/** A private value as a commit leaves it: value, hash, and the key itself for a purge by its hash. */
function stateOf(key: string, text: string): Write[] {
  const version = { block: 1, transaction: 0 };
  const keyHash = createHash('sha256').update(key).digest();
  const value = Buffer.from(text);
  const hash = createHash('sha256').update(value).digest();
  const entry = (stateKey: string, content: Buffer): Write => ({
    key: stateKeyBytes(stateKey),
    value: encodeVersionedValue({ value: content, metadata: undefined, version }),
  });
  return [
    entry(privateKey(NAMESPACE, COLLECTION, key), value),
    entry(hashedKey(NAMESPACE, COLLECTION, keyHash), hash),
    entry(rawKeyOf(NAMESPACE, COLLECTION, keyHash), Buffer.from(key)),
  ];
}
