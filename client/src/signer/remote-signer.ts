import { createHash, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import { lowSDer, type MessageSigner } from './native-signer.js';

/**
 * Signs a SHA-256 digest (32 bytes) somewhere else: a key management service, a hardware module, another process, a device. Returns an
 * ECDSA P-256 signature in ASN.1 DER, as such services do, or raw (`r ‖ s`, 64 bytes).
 */
export type DigestSigner = (digest: Uint8Array) => Promise<Uint8Array>;

/**
 * A signer of messages whose key is elsewhere. Each signature is checked, so that a wrong key shows here and not as a refusal by the
 * network, and folded to the form that peers accept.
 *
 * @throws VitaledgerError (when signing) `PRECONDITION_FAILED` with `details.reason` `REMOTE_SIGNATURE` when it is not the certificate's
 */
export function remoteSigner(certificate: X509Certificate, sign: DigestSigner): MessageSigner {
  return async (message) => {
    const digest = createHash('sha256').update(message).digest();
    const raw = rawSignature(await sign(digest));
    if (raw && isSignature(raw, message, certificate.publicKey)) return lowSDer(raw);
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      "What signs for this identity has not made a signature of its certificate's key: give it the digest as it is, and the key of this certificate",
      { reason: 'REMOTE_SIGNATURE' },
    );
  };
}

/** Reads a signature in either form as `r ‖ s`; undefined when it is neither. */
export function rawSignature(signature: Uint8Array): Uint8Array | undefined {
  if (signature.length === 2 * scalarBytes && signature[0] !== sequence) return signature;
  return fromDer(signature) ?? (signature.length === 2 * scalarBytes ? signature : undefined);
}

function isSignature(raw: Uint8Array, message: Uint8Array, key: KeyObject): boolean {
  return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, raw);
}

const scalarBytes = 32;
const sequence = 0x30;
const integer = 0x02;

function fromDer(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== sequence || bytes[1] !== bytes.length - 2) return undefined;
  const r = scalar(bytes, 2);
  const s = r && scalar(bytes, r.end);
  return r && s?.end === bytes.length ? Buffer.concat([r.value, s.value]) : undefined;
}

function scalar(
  bytes: Uint8Array,
  start: number,
): { readonly value: Uint8Array; readonly end: number } | undefined {
  const begin = start + 2;
  const end = begin + (bytes[start + 1] ?? 0);
  if (bytes[start] !== integer || end > bytes.length) return undefined;
  const magnitude = bytes.subarray(begin, end);
  const value = magnitude[0] === 0 ? magnitude.subarray(1) : magnitude;
  if (value.length > scalarBytes) return undefined;
  return { value: Buffer.concat([Buffer.alloc(scalarBytes - value.length), value]), end };
}
