import { createHash } from 'node:crypto';
import { invalid } from '../errors/vitaledger-error.js';
import { isDigest } from '../json/formats.js';

/**
 * The public revocation handle of a secret: SHA-256 of its 32 bytes, in lower-case hexadecimal.
 *
 * @param secret 256 bits, 64 lower-case hexadecimal digits.
 * @throws VitaledgerError `INVALID_ARGUMENT` for anything else.
 */
export function handleOf(secret: string): string {
  if (!isDigest(secret)) throw invalid('secret', 'must be 256 bits in 64 lower-case hexadecimal digits');
  return createHash('sha256').update(secret, 'hex').digest('hex');
}
