import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';

/**
 * Signs a message (not its digest) and returns an ASN.1 DER signature. To be used with a gateway whose `hash` is the
 * identity function, so that the message arrives here unhashed.
 */
export type MessageSigner = (message: Uint8Array) => Promise<Uint8Array>;

/** Order of the P-256 group (FIPS 186-5, SP 800-186 §3.2.1.3). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = order >> 1n;
const scalarBytes = 32;

/**
 * An ECDSA P-256/SHA-256 signer on OpenSSL, several times faster than one in JavaScript. Peers accept only the smaller
 * of the two equivalent signatures ("low S"), so the other is folded over.
 *
 * @param privateKey a P-256 private key, as a key object or PKCS #8 / SEC 1 PEM
 * @throws VitaledgerError `INVALID_ARGUMENT` when it is not a P-256 private key
 * @example
 * ```typescript
 * const gateway = fabric.connect({ client, identity, signer: nativeSigner(pem), hash: fabric.hash.none });
 * ```
 */
export function nativeSigner(privateKey: KeyObject | string | Buffer): MessageSigner {
  const key = p256PrivateKey(privateKey);
  return (message) => Promise.resolve(lowSDer(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' })));
}

/** Reads a private key and makes sure that it is one for P-256. */
export function p256PrivateKey(privateKey: KeyObject | string | Buffer): KeyObject {
  const key = readKey(privateKey);
  if (key.type !== 'private' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      'The private key must be an elliptic curve key on P-256 (prime256v1)',
    );
  }
  return key;
}

function readKey(privateKey: KeyObject | string | Buffer): KeyObject {
  if (typeof privateKey !== 'string' && !Buffer.isBuffer(privateKey)) {
    return privateKey;
  }
  try {
    return createPrivateKey(privateKey);
  } catch {
    // The cause is left out on purpose: OpenSSL's messages may quote what was read.
    throw new VitaledgerError('INVALID_ARGUMENT', 'The private key is not a readable, unencrypted PEM key');
  }
}

/** Folds a raw `r ‖ s` signature (IEEE P1363, 64 bytes) to low S and encodes it as DER (RFC 3279 §2.2.3). */
export function lowSDer(raw: Uint8Array): Uint8Array {
  const r = raw.subarray(0, scalarBytes);
  const s = lowS(raw.subarray(scalarBytes));
  const body = Buffer.concat([derInteger(r), derInteger(s)]);
  return Buffer.concat([Uint8Array.of(0x30, body.length), body]);
}

function lowS(s: Uint8Array): Uint8Array {
  const value = BigInt(`0x${Buffer.from(s).toString('hex')}`);
  if (value <= halfOrder) {
    return s;
  }
  return Buffer.from((order - value).toString(16).padStart(2 * scalarBytes, '0'), 'hex');
}

function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) {
    start++;
  }
  const magnitude = bytes.subarray(start);
  const sign = (magnitude[0] ?? 0) & 0x80 ? [0] : [];
  return Uint8Array.of(0x02, magnitude.length + sign.length, ...sign, ...magnitude);
}
