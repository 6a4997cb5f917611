import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { canonicalJson } from '@vitaledger/domain';

/** Bytes of either share of an object's key material. */
export const shareBytes = 32;
/** Bytes that sealing adds to a chunk: the GCM tag. */
export const tagBytes = 16;

const keyBytes = 32;
const nonceBytes = 12;
const purpose = 'vitaledger/vault/1';

/** What a chunk belongs to; authenticated with it, so that chunks cannot be swapped between records or versions. */
export interface ChunkContext {
  /** The record's id. */
  readonly record: string;
  /** The record's version, from 1. */
  readonly version: number;
}

/**
 * Seals and opens the chunks of one object (docs/protocol.md, "Vault objects"): AES-256-GCM (NIST SP 800-38D) under a key
 * that HKDF-SHA256 (RFC 5869) derives from both shares and the object's name. The key is used for this object only, so
 * the chunk's index is a unique nonce.
 */
export class ChunkCipher {
  readonly #key: Buffer;
  readonly #context: ChunkContext;

  constructor(object: string, ledgerShare: Uint8Array, vaultShare: Uint8Array, context: ChunkContext) {
    const material = Buffer.concat([ledgerShare, vaultShare]);
    this.#key = Buffer.from(hkdfSync('sha256', material, object, purpose, keyBytes));
    this.#context = context;
  }

  /** @returns ciphertext ‖ tag */
  seal(bytes: Uint8Array, index: number, final: boolean): Uint8Array {
    return Buffer.concat(this.sealParts(bytes, index, final));
  }

  /** @returns ciphertext and tag, which belong one behind the other: putting them together would copy the chunk */
  sealParts(bytes: Uint8Array, index: number, final: boolean): readonly [Uint8Array, Uint8Array] {
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(index));
    cipher.setAAD(this.#additionalData(index, final));
    const ciphertext = cipher.update(bytes);
    // GCM is a stream: nothing is left for the end.
    cipher.final();
    return [ciphertext, cipher.getAuthTag()];
  }

  /** @returns the plaintext, or undefined when the chunk is not what was sealed at this place */
  open(sealed: Uint8Array, index: number, final: boolean): Uint8Array | undefined {
    if (sealed.length < tagBytes) {
      return undefined;
    }
    const end = sealed.length - tagBytes;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce(index), { authTagLength: tagBytes });
    decipher.setAAD(this.#additionalData(index, final));
    decipher.setAuthTag(sealed.subarray(end));
    const plaintext = decipher.update(sealed.subarray(0, end));
    try {
      return Buffer.concat([plaintext, decipher.final()]);
    } catch {
      // OpenSSL reports a tag that does not match by throwing, with nothing in the error to tell more.
      return undefined;
    }
  }

  #additionalData(index: number, final: boolean): Buffer {
    return Buffer.from(canonicalJson({ ...this.#context, index, final }));
  }
}

function nonce(index: number): Buffer {
  const bytes = Buffer.alloc(nonceBytes);
  bytes.writeBigUInt64BE(BigInt(index), nonceBytes - 8);
  return bytes;
}
