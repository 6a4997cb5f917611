import { createCipheriv, createECDH, randomBytes } from 'node:crypto';
import {
  canonicalJson,
  invalid,
  SEALING,
  SEALING_KEY_BITS,
  WRAP_IV,
  wrappingKey,
  type PublicJwk,
} from '@vitaledger/domain';

/**
 * Encrypts an answer to the key that the reader named, so that nothing between this peer and the reader's device sees it:
 * JWE compact serialization (RFC 7516), `ECDH-ES+A256KW` on P-256, `A256GCM`, content type `json`.
 *
 * Its result differs every time, so only evaluated functions may use it. It is made of synchronous primitives, which take a third of the
 * time that a library on WebCrypto takes, whose every step waits for a thread.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` if the key is no point of the curve.
 */
export function sealAnswer(answer: unknown, reader: PublicJwk): Promise<string> {
  // A promise, since what comes to nothing here must be a rejection.
  return new Promise((resolve) => {
    resolve(seal(Buffer.from(canonicalJson(answer), 'utf8'), reader));
  });
}

function seal(plaintext: Buffer, reader: PublicJwk): string {
  const { secret, ephemeral } = agree(reader);
  const header = { ...SEALING, epk: ephemeral };
  const encodedHeader = Buffer.from(canonicalJson(header)).toString('base64url');
  const contentKey = randomBytes(SEALING_KEY_BITS / 8);
  const wrap = createCipheriv('id-aes256-wrap', wrappingKey(secret), WRAP_IV);
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()]);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(encodedHeader, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const parts = [wrapped, iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return [encodedHeader, ...parts].join('.');
}

/** Making one is a fifth of agreeing on a key; each answer gives it new keys, and has done with them before the next one comes. */
const agreement = createECDH('prime256v1');

/** A key pair for this answer alone, and what it has in common with the reader's key. */
function agree({ x, y }: PublicJwk): { readonly secret: Buffer; readonly ephemeral: PublicJwk } {
  const point = agreement.generateKeys();
  const ephemeral = {
    crv: 'P-256',
    kty: 'EC',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  } as const;
  const readers = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  try {
    return { secret: agreement.computeSecret(readers), ephemeral };
  } catch {
    throw invalid('encryptionKey', 'must be a point on the curve P-256');
  }
}
