import { createHmac } from 'node:crypto';
import { invalid } from '../errors/vitaledger-error.js';
import { isDigest } from '../json/formats.js';

/** Name of the one chaincode event: the same for whatever happened, so that it tells nothing. */
export const NOTICE_EVENT = 'notice';

/**
 * What the public event of a transaction says: HMAC-SHA-256 of the transaction's id under the patient's notification key,
 * 64 hexadecimal digits. Who has the key recognizes it; to everybody else no two of them have anything in common.
 *
 * @param key 256 bits, 64 lower-case hexadecimal digits.
 */
export function notificationTag(key: string, transaction: string): string {
  return hmac(key, transaction);
}

/**
 * The key that takes the place of `key`. It is made of the one before and of `fresh` bits that the patient signs, so that
 * the relay of the statement, which sees only those, does not learn it.
 */
export function nextNotificationKey(key: string, fresh: string): string {
  if (!isDigest(fresh)) throw invalid('fresh', 'must be 256 bits in 64 lower-case hexadecimal digits');
  // A transaction's id has no slash, so this is no tag.
  return hmac(key, `vitaledger/notification/next/${fresh}`);
}

function hmac(key: string, text: string): string {
  if (!isDigest(key)) throw invalid('key', 'must be 256 bits in 64 lower-case hexadecimal digits');
  return createHmac('sha256', Buffer.from(key, 'hex')).update(text, 'ascii').digest('hex');
}
