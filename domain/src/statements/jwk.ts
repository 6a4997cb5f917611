import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import * as v from 'valibot';
import { invalid } from '../errors/vitaledger-error.js';
import { canonicalJson } from '../json/canonical.js';
import { checkShape, closed, text } from '../json/shape.js';

/** A public key on P-256 (RFC 7518 §6.2.1), with these four members and no others. */
export interface PublicJwk {
  readonly crv: 'P-256';
  readonly kty: 'EC';
  /** 32 bytes, base64url. */
  readonly x: string;
  /** 32 bytes, base64url. */
  readonly y: string;
}

const coordinate = text(
  (value) => /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(String(value)),
  'must be 32 bytes in base64url',
);

/** The shape of {@link PublicJwk}. Whether the point lies on the curve is {@link checkPublicJwk}'s to say. */
export const publicJwkShape = closed({
  crv: v.literal('P-256', 'must be P-256'),
  kty: v.literal('EC', 'must be EC'),
  x: coordinate,
  y: coordinate,
});

/**
 * Checks a public key: its shape, that it holds nothing private, and that its point lies on the curve.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path.
 */
export function checkPublicJwk(value: unknown, path: string): PublicJwk {
  if (typeof value === 'object' && value !== null && 'd' in value) {
    throw invalid(path, 'must not contain a private key; send the members crv, kty, x and y only');
  }
  const jwk: PublicJwk = checkShape(publicJwkShape, value, path);
  publicKeyOf(jwk, path);
  return jwk;
}

/** The key object of a JWK. */
export function publicKeyOf(jwk: PublicJwk, path = 'jwk'): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw invalid(path, 'must be a point on the curve P-256');
  }
}

/** The RFC 7638 thumbprint of a public key (SHA-256, base64url): its `kid`. */
export function thumbprint(jwk: PublicJwk): string {
  const { crv, kty, x, y } = jwk;
  return createHash('sha256').update(canonicalJson({ crv, kty, x, y }), 'utf8').digest('base64url');
}
