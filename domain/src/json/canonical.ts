import { createHash } from 'node:crypto';
import { inOrder } from './in-order.js';

/**
 * The canonical form of a JSON value (RFC 8785): what is signed, hashed and stored.
 *
 * Every transaction writes several of them, so what can be is put in order and left to the engine, which writes numbers and strings as they
 * must be (§3.2.2); the rest is written here in one pass, members in the order of their names' UTF-16 code units (§3.2.3).
 *
 * @throws TypeError for anything JSON cannot hold exactly: undefined, functions, symbols, bigints, NaN, infinities,
 * lone surrogates, and objects that are not plain.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const arranged = inOrder(value);
    const text = arranged === undefined ? '\\ud' : JSON.stringify(arranged);
    // Lone surrogates are escaped, and nothing else as \ud….
    if (!text.includes('\\ud')) return text;
  }
  return written(value);
}

function written(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return numberText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object') throw new TypeError(`JSON holds no ${typeof value}`);
  return Array.isArray(value) ? arrayText(value) : objectText(value);
}

/** SHA-256 in lower-case hexadecimal: of bytes as they are, of a string's UTF-8, of any other value's canonical JSON. */
export function digestOf(value: unknown): string {
  const hash = createHash('sha256');
  if (value instanceof Uint8Array) return hash.update(value).digest('hex');
  return hash.update(typeof value === 'string' ? value : canonicalJson(value), 'utf8').digest('hex');
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('JSON holds finite numbers only');
  return JSON.stringify(value);
}

function arrayText(values: readonly unknown[]): string {
  let text = '[';
  for (let index = 0; index < values.length; index++) {
    if (index > 0) text += ',';
    text += written(values[index]);
  }
  return `${text}]`;
}

function objectText(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new TypeError('JSON holds plain objects only');
  let text = '{';
  for (const name of Object.keys(value).sort()) {
    if (text.length > 1) text += ',';
    text += `${quoted(name)}:${written((value as Readonly<Record<string, unknown>>)[name])}`;
  }
  return `${text}}`;
}

/** RFC 8785 §3.2.2.2: a string with a lone surrogate has no UTF-8 form, so it cannot be signed. */
function quoted(text: string): string {
  const json = JSON.stringify(text);
  // ECMAScript escapes lone surrogates, and nothing else as \ud…; whoever writes one in the text escapes the backslash.
  if (json.includes('\\ud') && /\p{Surrogate}/u.test(text))
    throw new TypeError('JSON strings hold no lone surrogates');
  return json;
}
