import { createHash, randomBytes } from 'node:crypto';
import { MAX_CHUNK_BYTES, VitaledgerError, type Manifest } from '@vitaledger/domain';
import { ChunkCipher, shareBytes, tagBytes, type ChunkContext } from './chunk-cipher.js';
import { cut, type Content } from './chunks.js';
import type { Vault } from './vault.js';

/** Plaintext bytes. */
export const DEFAULT_CHUNK_SIZE = 1 << 20;
const objectNameBytes = 16;

/** How a content is stored. */
export interface StoreOptions extends ChunkContext {
  /** From {@link newObjectName}, for those who must know it beforehand. */
  readonly object?: string;
  /** Plaintext bytes per chunk; memory use is a few times this. 1 MiB unless told. */
  readonly chunkSize?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A random name of a vault object. */
export function newObjectName(): string {
  return randomBytes(objectNameBytes).toString('hex');
}

/** What storing an object leaves to be registered on the ledger. */
export interface StoredContent {
  readonly manifest: Manifest;
  /** The ledger's share of the key material: 256 bits, base64url. */
  readonly keyShare: string;
}

/**
 * Encrypts a stream into the vault, under a fresh name and key, in bounded memory. When the stream or the vault fails,
 * nothing stays in the vault.
 */
export async function storeContent(
  vault: Vault,
  content: Content,
  options: StoreOptions,
): Promise<StoredContent> {
  const object = options.object ?? newObjectName();
  const ledgerShare = randomBytes(shareBytes);
  const vaultShare = randomBytes(shareBytes);
  const chunkSize = options.chunkSize ?? DEFAULT_CHUNK_SIZE;
  const cipher = new ChunkCipher(object, ledgerShare, vaultShare, contextOf(options));
  const hash = createHash('sha256');
  let size = 0;
  let chunks = 0;

  async function* sealed(): AsyncGenerator<Uint8Array> {
    for await (const { bytes, final } of cut(content, chunkSize)) {
      options.signal?.throwIfAborted();
      hash.update(bytes);
      size += bytes.length;
      yield* cipher.sealParts(bytes, chunks++, final);
    }
  }

  // Outside the try: a share that is there already is another object's, and must not be erased.
  await vault.putShare(object, vaultShare);
  try {
    await vault.putObject(object, sealed());
  } catch (error) {
    await vault.erase(object);
    throw error;
  }
  const manifest = { object, size, chunkSize, chunks, digest: hash.digest('hex') };
  return { manifest, keyShare: ledgerShare.toString('base64url') };
}

/** Which part of an object is read. */
export interface ReadOptions extends ChunkContext {
  /** The chunk to begin with, from 0, where an earlier reading got so far. */
  readonly fromChunk?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decrypts an object in bounded memory. Every chunk is verified before it is yielded, the whole when the stream ends: only
 * a stream that ends without an error was complete and unaltered. From a later chunk on, every chunk is verified with its
 * place and that the object ends where it should; the digest of the whole is not.
 *
 * @throws VitaledgerError `NOT_FOUND` when object or share are gone; `INTEGRITY` with `details.object` and
 *   `details.chunk` when what the vault returned is not what was registered
 */
export async function* readContent(
  vault: Vault,
  stored: StoredContent,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const { manifest } = stored;
  checkChunkSize(manifest);
  const first = firstChunk(manifest, options.fromChunk);
  const ledgerShare = Buffer.from(stored.keyShare, 'base64url');
  const vaultShare = await vault.getShare(manifest.object);
  const cipher = new ChunkCipher(manifest.object, ledgerShare, vaultShare, contextOf(options));
  const hash = createHash('sha256');
  const sealedSize = manifest.chunkSize + tagBytes;
  let size = first * manifest.chunkSize;
  let index = first;
  for await (const { bytes, final } of cut(
    objectFrom(vault, manifest.object, first * sealedSize),
    sealedSize,
  )) {
    options.signal?.throwIfAborted();
    const plaintext = cipher.open(bytes, index, final);
    if (!plaintext) {
      throw damaged(manifest, index, final);
    }
    hash.update(plaintext);
    size += plaintext.length;
    index++;
    yield plaintext;
  }
  const isSame = first > 0 || hash.digest('hex') === manifest.digest;
  if (size !== manifest.size || index !== manifest.chunks || !isSame) {
    throw new VitaledgerError(
      'INTEGRITY',
      'The content is not the one that was registered: its digest differs',
      {
        object: manifest.object,
      },
    );
  }
}

function firstChunk({ chunks }: Manifest, from = 0): number {
  if (Number.isInteger(from) && from >= 0 && from < chunks) return from;
  throw new VitaledgerError('INVALID_ARGUMENT', `fromChunk must be a whole number from 0 to ${chunks - 1}`, {
    path: 'fromChunk',
  });
}

function objectFrom(vault: Vault, object: string, offset: number): AsyncIterable<Uint8Array> {
  if (offset === 0) return vault.getObject(object);
  return vault.getObjectFrom?.(object, offset) ?? behind(vault.getObject(object), offset);
}

async function* behind(source: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let left = offset;
  for await (const bytes of source) {
    if (left < bytes.length) yield bytes.subarray(left);
    left = Math.max(0, left - bytes.length);
  }
}

/** The manifest is another member's word: the size of a chunk is how much is held in memory. */
function checkChunkSize({ object, chunkSize }: Manifest): void {
  if (Number.isSafeInteger(chunkSize) && chunkSize >= 1 && chunkSize <= MAX_CHUNK_BYTES) return;
  throw new VitaledgerError(
    'INTEGRITY',
    'The custodian released a manifest that the ledger would not have accepted',
    {
      object,
    },
  );
}

function contextOf(options: ChunkContext): ChunkContext {
  return { record: options.record, version: options.version };
}

function damaged(manifest: Manifest, chunk: number, final: boolean): VitaledgerError {
  const early = final && chunk + 1 < manifest.chunks;
  return new VitaledgerError(
    'INTEGRITY',
    early
      ? `The object ends in chunk ${chunk + 1} of ${manifest.chunks}: restore it from a backup of the vault`
      : `Chunk ${chunk + 1} of ${manifest.chunks} of the object was altered: restore it from a backup of the vault`,
    { object: manifest.object, chunk },
  );
}
