import { createHash, randomBytes } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import { newId, newSalt } from '../session/random.js';
import { ChunkCipher, shareBytes, type ChunkContext } from './chunk-cipher.js';
import { cut, type Content } from './chunks.js';
import { DEFAULT_CHUNK_SIZE, newObjectName, type StoredContent } from './objects.js';
import type { PartialObject, Vault } from './vault.js';

/**
 * What an upload goes on by after an interruption, also in another process: keep it, as JSON, where only you can read it until the
 * record is registered, since it has the ledger's share of the key.
 */
export interface Upload {
  /** The id and salt that the record will have. */
  readonly record: string;
  readonly salt: string;
  /** The vault's name of the object. */
  readonly object: string;
  /** The ledger's share of the key material: 256 bits, base64url. */
  readonly keyShare: string;
  /** Plaintext bytes per chunk. */
  readonly chunkSize: number;
}

/** Plans an upload that can be interrupted. Keep it before it is begun. */
export function newUpload(options: { readonly chunkSize?: number } = {}): Upload {
  return {
    record: newId(),
    salt: newSalt(),
    object: newObjectName(),
    keyShare: randomBytes(shareBytes).toString('base64url'),
    chunkSize: options.chunkSize ?? DEFAULT_CHUNK_SIZE,
  };
}

/**
 * Encrypts a stream into the vault, or goes on where that was interrupted, in bounded memory. The stream is read from its beginning;
 * what the vault has of it is compared with it byte by byte and not written again. The key and a chunk's nonce are the same each
 * time, so another content is refused before anything of it is sealed into the object.
 *
 * @throws VitaledgerError `INTEGRITY` when what is stored is not of this content; `PRECONDITION_FAILED` for a vault that cannot go on
 */
export async function continueContent(
  vault: Vault,
  content: Content,
  { object, keyShare, chunkSize }: Upload,
  { signal, ...context }: ChunkContext & { readonly signal?: AbortSignal | undefined },
): Promise<StoredContent> {
  if (!vault.resumeObject) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'This vault cannot go on with an interrupted upload; register the document without one.',
      { reason: 'NOT_RESUMABLE' },
    );
  }
  const share = await shareOf(vault, object);
  const cipher = new ChunkCipher(object, Buffer.from(keyShare, 'base64url'), share, context);
  const partial = await vault.resumeObject(object);
  try {
    const hash = createHash('sha256');
    let [size, chunks, offset] = [0, 0, 0];
    for await (const { bytes, final } of cut(content, chunkSize)) {
      signal?.throwIfAborted();
      const sealed = cipher.seal(bytes, chunks++, final);
      await writeRest(partial, sealed, offset);
      hash.update(bytes);
      size += bytes.length;
      offset += sealed.length;
    }
    if (offset < partial.size) throw otherContent();
    await partial.finish();
    return { manifest: { object, size, chunkSize, chunks, digest: hash.digest('hex') }, keyShare };
  } finally {
    await partial.close();
  }
}

/** Compares what is stored of a sealed chunk, and writes what is not. */
async function writeRest(partial: PartialObject, sealed: Uint8Array, offset: number): Promise<void> {
  const stored = Math.min(Math.max(partial.size - offset, 0), sealed.length);
  if (stored > 0) {
    const there = await partial.read(offset, stored);
    if (Buffer.compare(there, sealed.subarray(0, stored)) !== 0) throw otherContent();
  }
  if (stored === sealed.length) return;
  if (partial.finished) throw otherContent();
  await partial.write(sealed.subarray(stored), offset + stored);
}

/** The vault's share, made when the upload is begun. */
async function shareOf(vault: Vault, object: string): Promise<Uint8Array> {
  try {
    return await vault.getShare(object);
  } catch (error) {
    if (!(error instanceof VitaledgerError && error.code === 'NOT_FOUND')) throw error;
  }
  const share = randomBytes(shareBytes);
  await vault.putShare(object, share);
  return share;
}

function otherContent(): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'What the vault holds of this upload is not of this content: the content has changed, or the vault has altered it. Begin a new upload.',
    { reason: 'OTHER_CONTENT' },
  );
}
