import { canonicalJson, isSalt } from '@vitaledger/domain';
import type { Salted } from './ledger.js';

/** A value as it is stored: canonical JSON, never empty (Fabric takes an empty value for a deletion). */
export function encodeValue(value: unknown): Buffer {
  return Buffer.from(canonicalJson(value), 'utf8');
}

/** As `encodeValue`, for a private value: refuses one without a proper salt, whose public hash could be guessed. */
export function encodePrivateValue(value: Salted): Buffer {
  if (!isSalt(value.salt)) throw new Error('a private value needs a salt');
  return encodeValue(value);
}

/** The value behind stored bytes; undefined where nothing is stored. */
export function decodeValue(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}
