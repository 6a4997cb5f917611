import { VitaledgerError } from '@vitaledger/domain';
import type { Content } from '../vault/chunks.js';
import { newObjectName, readContent, storeContent, type StoredContent } from '../vault/objects.js';
import type { ErasableStore, Vault } from '../vault/vault.js';

/** A document in its holder's vault: how to read it, under its digest. */
export interface KeptDocument extends StoredContent {
  /** What the object's chunks are bound to. */
  readonly record: string;
}

const version = 1;

/**
 * Encrypts a document into a vault. The digest is known last; where the vault has this content already, the new copy is let go.
 *
 * @returns how to read it, and whether it was not there before.
 */
export async function keepDocument(
  vault: Vault,
  content: Content,
  signal: AbortSignal | undefined,
): Promise<{ readonly kept: KeptDocument; readonly isNew: boolean }> {
  const object = newObjectName();
  const stored = await storeContent(vault, content, { record: object, version, object, signal });
  const kept = { ...stored, record: object };
  try {
    const store = documents(vault);
    const before = await find(store, stored.manifest.digest);
    if (before) {
      await vault.erase(object);
      return { kept: before, isNew: false };
    }
    await store.put(stored.manifest.digest, Buffer.from(JSON.stringify(kept)));
  } catch (error) {
    await vault.erase(object);
    throw error;
  }
  return { kept, isNew: true };
}

/** Erases a document. */
export async function forgetDocument(vault: Vault, { manifest }: KeptDocument): Promise<void> {
  await documents(vault).delete(manifest.digest);
  await vault.erase(manifest.object);
}

/** Decrypts a document. Only a stream that ends without an error was complete and unaltered. */
export async function* readKept(
  vault: Vault,
  digest: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const kept = await find(documents(vault), digest);
  if (!kept) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'This vault keeps no document of this digest; register documents with "keep" to have them here',
      { what: 'content', digest },
    );
  }
  yield* readContent(vault, kept, { record: kept.record, version, signal });
}

function documents(vault: Vault): ErasableStore {
  return vault.store('documents');
}

async function find(store: ErasableStore, digest: string): Promise<KeptDocument | undefined> {
  const value = await store.get(digest);
  return value && (JSON.parse(Buffer.from(value).toString('utf8')) as KeptDocument);
}
