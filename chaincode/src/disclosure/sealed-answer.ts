import { createCipheriv, createECDH, createHash, randomBytes } from 'node:crypto';
import { canonicalJson, invalid, type PublicJwk } from '@vitaledger/domain';

const ALGORITHM = 'ECDH-ES+A256KW';
const KEY_BITS = 256;
/** The integrity check value that RFC 3394 begins with. */
const WRAP_IV = Buffer.alloc(8, 0xa6);

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
  const header = { alg: ALGORITHM, cty: 'json', enc: 'A256GCM', epk: ephemeral };
  const encodedHeader = Buffer.from(canonicalJson(header)).toString('base64url');
  const contentKey = randomBytes(KEY_BITS / 8);
  const wrap = createCipheriv('id-aes256-wrap', derivedKey(secret), WRAP_IV);
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()]);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(encodedHeader, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const parts = [wrapped, iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  return [encodedHeader, ...parts].join('.');
}

/** A key pair for this answer alone, and what it has in common with the reader's key. */
function agree({ x, y }: PublicJwk): { readonly secret: Buffer; readonly ephemeral: PublicJwk } {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const ephemeral = {
    crv: 'P-256',
    kty: 'EC',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  } as const;
  const readers = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  try {
    return { secret: ecdh.computeSecret(readers), ephemeral };
  } catch {
    throw invalid('encryptionKey', 'must be a point on the curve P-256');
  }
}

/** Concat KDF with SHA-256 (RFC 7518 §4.6.2), of one round, with neither party's information. */
function derivedKey(secret: Buffer): Buffer {
  const algorithm = Buffer.from(ALGORITHM, 'ascii');
  const otherInfo = [uint32(algorithm.length), algorithm, uint32(0), uint32(0), uint32(KEY_BITS)];
  return createHash('sha256')
    .update(Buffer.concat([uint32(1), secret, ...otherInfo]))
    .digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
