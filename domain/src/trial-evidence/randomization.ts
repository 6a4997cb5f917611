import { createHash } from 'node:crypto';
import { invalid } from '../errors/vitaledger-error.js';
import { isDigest, isSalt } from '../json/formats.js';

/**
 * What is published of a randomization list while it is secret. The list itself could be guessed (a few arms in blocks), so a salt
 * that is kept with it is hashed too.
 *
 * @param digest SHA-256 of the list, as a file.
 * @param salt at least 128 random bits, lower-case hexadecimal.
 * @throws VitaledgerError `INVALID_ARGUMENT` when either is none.
 */
export function randomizationCommitment(digest: string, salt: string): string {
  if (!isDigest(digest)) throw invalid('digest', 'must be 256 bits in 64 lower-case hexadecimal digits');
  if (!isSalt(salt) || salt !== salt.toLowerCase())
    throw invalid('salt', 'must be at least 128 random bits in lower-case hexadecimal digits');
  return createHash('sha256').update(`vitaledger/randomization/1/${salt}/${digest}`, 'utf8').digest('hex');
}
