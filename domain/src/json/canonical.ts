import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/**
 * The canonical form of a JSON value (RFC 8785): what is signed, hashed and stored.
 *
 * @throws TypeError for anything JSON cannot hold exactly: undefined, functions, symbols, bigints, NaN, infinities,
 * lone surrogates, and objects that are not plain.
 */
export function canonicalJson(value: unknown): string {
  refuseWhatJsonCannotHold(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('JSON holds no undefined');
  return text;
}

/** SHA-256 in lower-case hexadecimal: of bytes as they are, of a string's UTF-8, of any other value's canonical JSON. */
export function digestOf(value: unknown): string {
  const hash = createHash('sha256');
  if (value instanceof Uint8Array) return hash.update(value).digest('hex');
  return hash.update(typeof value === 'string' ? value : canonicalJson(value), 'utf8').digest('hex');
}

function refuseWhatJsonCannotHold(value: unknown): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    refuseLoneSurrogates(value);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('JSON holds finite numbers only');
  } else if (Array.isArray(value)) {
    for (const item of value) refuseWhatJsonCannotHold(item);
  } else {
    refuseOtherThanPlainObject(value);
  }
}

function refuseOtherThanPlainObject(value: unknown): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`JSON holds no ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('JSON holds plain objects only');
  for (const [name, member] of Object.entries(value)) {
    refuseLoneSurrogates(name);
    refuseWhatJsonCannotHold(member);
  }
}

/** RFC 8785 §3.2.2.2: a string with a lone surrogate has no UTF-8 form, so it cannot be signed. */
function refuseLoneSurrogates(text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('JSON strings hold no lone surrogates');
}
