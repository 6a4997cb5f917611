import { randomBytes } from 'node:crypto';

const bytes = 16;

/** A new id of a patient or record: 128 random bits, lower-case hexadecimal. */
export function newId(): string {
  return randomBytes(bytes).toString('hex');
}

/** A new salt, so that the public hash of a private value tells nothing: 128 random bits, hexadecimal. */
export function newSalt(): string {
  return randomBytes(bytes).toString('hex');
}

/** A new key or secret of 256 random bits, lower-case hexadecimal. */
export function newSecret(): string {
  return randomBytes(2 * bytes).toString('hex');
}
