import { invalid } from '@vitaledger/domain';
import { readJson } from './json-text.js';

/** The transient field that carries everything about a person. */
export const INPUT_FIELD = 'input';

/** Parses the transient `input`. Its content never gets into an error: it may concern a person. */
export function parseInput(transient: Uint8Array | undefined): Readonly<Record<string, unknown>> {
  if (!transient || transient.length === 0) {
    throw invalid(INPUT_FIELD, 'must be sent as transient data: it carries the arguments of this function');
  }
  const value = readJson(decodeUtf8(transient), INPUT_FIELD);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(INPUT_FIELD, 'must be a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid(INPUT_FIELD, 'must be UTF-8');
  }
}
