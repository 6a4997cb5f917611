import { canonicalJson, invalid, parseJson } from '@vitaledger/domain';

/** An escaped surrogate; JSON may escape one without its other half, which then has no UTF-8 form. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;
/** JSON can write numbers that no double holds; they would become infinite. */
const HUGE_NUMBER = /\d[eE]\+?\d{3}|\d{309}/;

/**
 * Reads JSON from a caller, and makes sure that it has a canonical form (RFC 8785), without which nothing is stored.
 *
 * @param what what it is, for the message; never a value from it.
 * @throws VitaledgerError `INVALID_ARGUMENT`.
 */
export function readJson(text: string, what: string): unknown {
  const value = parseJson(text, what);
  if (!ESCAPED_SURROGATE.test(text) && !HUGE_NUMBER.test(text)) return value;
  try {
    canonicalJson(value);
  } catch {
    throw invalid(
      what,
      'must not contain lone surrogates, or numbers beyond double precision: it has no canonical form',
    );
  }
  return value;
}
