import { invalid } from '../errors/vitaledger-error.js';

/** Deeper JSON is refused: no document of this ledger needs it, and recursive readers must not overflow. */
export const MAX_JSON_DEPTH = 128;

/**
 * Reads JSON that came from outside.
 *
 * @param what what it is, for the message ("the consortium document"); never a value from it.
 * @throws VitaledgerError `INVALID_ARGUMENT` if it is not JSON, nested deeper than {@link MAX_JSON_DEPTH}, or has a member of a name that
 * every JavaScript object has.
 */
export function parseJson(text: string, what: string): unknown {
  if (nesting(text) > MAX_JSON_DEPTH) throw invalid(what, `is nested deeper than ${MAX_JSON_DEPTH} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, which may be personal.
    throw invalid(what, 'is not well-formed JSON');
  }
  if (hasInheritedName(value)) {
    throw invalid(what, 'must have no member such as __proto__ or constructor, which every object has');
  }
  return value;
}

/**
 * Whether a member bears a name that objects inherit (`__proto__`, `constructor`, `toString`; or `prototype`). Code that looks such a member up
 * finds something where there is nothing, and checks of shapes let it pass or drop it unseen.
 */
function hasInheritedName(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasInheritedName);
  return Object.entries(value).some(
    ([name, member]) => name in Object.prototype || name === 'prototype' || hasInheritedName(member),
  );
}

/** How deep brackets nest, counted without recursion; brackets inside strings do not count. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') deepest = Math.max(deepest, (depth += 1));
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

/** The index of the quote that closes the string opened at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
