import { createHash } from 'node:crypto';

/** How an answer is encrypted to its reader (RFC 7516, RFC 7518): the only algorithms that custodians use and readers accept. */
export const SEALING = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', cty: 'json' } as const;

/** Bits of the content's key and of the key that wraps it. */
export const SEALING_KEY_BITS = 256;

/** The integrity check value that RFC 3394 begins with, by which a wrong wrapping key is known. */
export const WRAP_IV = Buffer.alloc(8, 0xa6);

/**
 * The key that wraps the content's key, from the secret that two P-256 keys have in common: Concat KDF with SHA-256 (RFC 7518 §4.6.2), of one
 * round, with neither party's information.
 */
export function wrappingKey(secret: Uint8Array): Buffer {
  const algorithm = Buffer.from(SEALING.alg, 'ascii');
  const otherInfo = [uint32(algorithm.length), algorithm, uint32(0), uint32(0), uint32(SEALING_KEY_BITS)];
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), secret, ...otherInfo]))
    .digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
