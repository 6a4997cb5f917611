import { hkdfSync } from 'node:crypto';
import { invalid } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import { isDigest, isId } from '../json/formats.js';

/** What a prescription's secret opens: each is derived on its own, so that showing one says nothing about another. */
export interface PrescriptionSecrets {
  /** Shown to the prescriber's organization, which then releases the content. Never public. */
  readonly content: string;
  /** One for each authorized fill, in order. Filling makes it public. */
  readonly fills: readonly string[];
  /** Ends the prescription. Cancelling makes it public. */
  readonly cancel: string;
}

/**
 * Derives a prescription's secrets (HKDF-SHA256; salt = the prescription's id, info names the use): 256 bits each, 64
 * lower-case hexadecimal digits.
 *
 * @param secret what the patient carries: 256 random bits, 64 lower-case hexadecimal digits.
 * @throws VitaledgerError `INVALID_ARGUMENT`.
 */
export function prescriptionSecrets(
  prescription: string,
  secret: string,
  fills: number,
): PrescriptionSecrets {
  if (!isId(prescription))
    throw invalid('prescription', 'must be 128 bits in 32 lower-case hexadecimal digits');
  if (!isDigest(secret)) throw invalid('secret', 'must be 256 bits in 64 lower-case hexadecimal digits');
  const derive = (use: string): string =>
    Buffer.from(
      hkdfSync('sha256', Buffer.from(secret, 'hex'), Buffer.from(prescription, 'hex'), info(use), 32),
    ).toString('hex');
  return {
    content: derive('content'),
    fills: Array.from({ length: fills }, (_, index) => derive(`fill/${index + 1}`)),
    cancel: derive('cancel'),
  };
}

/** What is published, or kept by the prescriber, of a secret: it can be checked by it, and not guessed from it. */
export function commitmentOf(secret: string): string {
  if (!isDigest(secret)) throw invalid('secret', 'must be 256 bits in 64 lower-case hexadecimal digits');
  return digestOf(`vitaledger/prescription/commitment/${secret}`);
}

/** The public counter's id: whoever knows the prescription finds it, nobody finds the prescription from it. */
export function counterOf(prescription: string): string {
  return digestOf(`vitaledger/prescription/counter/${prescription}`).slice(0, 32);
}

/** What a fill shows in public of the pharmacy's dispense record, so that the pharmacy, and only it, knows its own. */
export function markOf(dispense: string): string {
  return digestOf(`vitaledger/prescription/mark/${dispense}`);
}

function info(use: string): string {
  return `vitaledger/prescription/${use}/1`;
}
