import type { X509Certificate } from 'node:crypto';
import { verify } from 'node:crypto';
import { derTag, readDer, readDerChildren, type DerElement } from './der.js';

/** An X.509 certificate revocation list (RFC 5280, section 5), as far as an MSP needs it. */
export interface RevocationList {
  /** Serial numbers, upper-case hex without leading zeros, as Node prints a certificate's. */
  readonly revoked: ReadonlySet<string>;
  isSignedBy(authority: X509Certificate): boolean;
}

/** Reads a PEM or DER list; throws RangeError when it is neither. */
export function readRevocationList(bytes: Uint8Array): RevocationList {
  const list = readDer(pemContent(bytes) ?? bytes);
  const [toBeSigned, , signature] = readDerChildren(list.content);
  if (toBeSigned?.tag !== derTag.sequence || signature?.tag !== derTag.bitString) {
    throw new RangeError('not a certificate revocation list');
  }
  const signedBytes = list.content.subarray(0, toBeSigned.end);
  const signatureValue = signature.content.subarray(1);
  return {
    revoked: revokedSerials(toBeSigned),
    isSignedBy: (authority) => verify('sha256', signedBytes, authority.publicKey, signatureValue),
  };
}

/** The list's fields: an optional version, the algorithm, the issuer, one or two dates, and then the entries, if any. */
function revokedSerials(toBeSigned: DerElement): ReadonlySet<string> {
  const fields = readDerChildren(toBeSigned.content);
  const issuer = fields[0]?.tag === derTag.integer ? 2 : 1;
  const entries = fields.slice(issuer + 1).find(({ tag }) => tag === derTag.sequence);
  return new Set(entries === undefined ? [] : readDerChildren(entries.content).map(serialOf));
}

function serialOf(entry: DerElement): string {
  const [serial] = readDerChildren(entry.content);
  if (serial?.tag !== derTag.integer) {
    throw new RangeError('entry of a certificate revocation list has no serial number');
  }
  return normalizeSerial(serial.content.toString('hex'));
}

export function normalizeSerial(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, '');
}

function pemContent(bytes: Uint8Array): Buffer | undefined {
  const match = /-----BEGIN X509 CRL-----([\s\S]+?)-----END X509 CRL-----/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  return match?.[1] === undefined ? undefined : Buffer.from(match[1], 'base64');
}
