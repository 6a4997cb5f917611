import { invalid } from '../errors/vitaledger-error.js';
import { canonicalJson, digestOf } from '../json/canonical.js';
import type { Statement } from './statement.js';

/** The protected header, with these members and no others. */
export interface StatementHeader {
  readonly alg: 'ES256';
  readonly kid: string;
  readonly typ: 'vitaledger-statement';
}

/** A longer statement is refused: the head that must hold it is at most 64 KB. */
export const MAX_STATEMENT_BYTES = 32 * 1024;

export function statementHeader(kid: string): StatementHeader {
  return { alg: 'ES256', kid, typ: 'vitaledger-statement' };
}

/**
 * What is signed (RFC 7515 §5.1): base64url of the canonical header, a dot, base64url of the canonical payload.
 * The compact JWS is this, a dot, and base64url of the 64-byte signature `r ‖ s`.
 */
export function encodeSigningInput(header: StatementHeader, payload: Statement): string {
  return `${base64url(canonicalJson(header))}.${base64url(canonicalJson(payload))}`;
}

/** A compact JWS taken apart; nothing of it is verified. */
export interface JwsParts {
  readonly header: string;
  readonly payload: string;
  readonly signature: Buffer;
  /** The ASCII text that the signature covers. */
  readonly signingInput: string;
}

/**
 * Takes a compact JWS apart. Each part must be base64url in its one canonical form, without padding.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT`.
 */
export function splitJws(jws: string): JwsParts {
  if (jws.length > MAX_STATEMENT_BYTES)
    throw invalid('statement', `must be at most ${MAX_STATEMENT_BYTES} bytes`);
  const [header, payload, signature, ...rest] = jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw invalid('statement', 'must be a compact JWS: three base64url parts separated by dots');
  }
  return {
    header: decode(header).toString('utf8'),
    payload: decode(payload).toString('utf8'),
    signature: decode(signature),
    signingInput: `${header}.${payload}`,
  };
}

/**
 * The digest by which the next statement names this one: SHA-256 of the signing input, in hexadecimal.
 *
 * The signature is left out on purpose. An ECDSA signature has a twin (`s` and `n − s`) that verifies as well, so
 * a relay could make the same statement into two texts; JOSE does not require the smaller `s`, and common libraries
 * produce either. Header and payload have one form only, so their digest names the statement and nothing else.
 */
export function statementDigest(jws: string): string {
  return digestOf(splitJws(jws).signingInput);
}

/** The `kid` that a statement's header names; nothing is verified. */
export function kidOf(jws: string): string {
  const header = JSON.parse(splitJws(jws).header) as StatementHeader;
  return header.kid;
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url');
}

function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw invalid('statement', 'must be base64url without padding');
  return bytes;
}
