import { hkdfSync } from 'node:crypto';
import { VitaledgerError, invalid } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import { isDigest, isId } from '../json/formats.js';

/** What an order's secret opens: the order for its performer, and what comes of it for who ordered. */
export interface OrderSecrets {
  /** Shown at the requester's organization, which then releases the order. */
  readonly request: string;
  /** Shown at the performer's organization, which then releases what came of it. */
  readonly report: string;
}

/**
 * Derives an order's secrets (HKDF-SHA256; salt = the order's id, info names the use): 256 bits each, hexadecimal.
 *
 * @param secret what the requester's organization keeps: 256 random bits, 64 lower-case hexadecimal digits.
 * @throws VitaledgerError `INVALID_ARGUMENT`.
 */
export function orderSecrets(order: string, secret: string): OrderSecrets {
  if (!isId(order)) throw invalid('order', 'must be 128 bits in 32 lower-case hexadecimal digits');
  if (!isDigest(secret)) throw invalid('secret', 'must be 256 bits in 64 lower-case hexadecimal digits');
  const derive = (use: keyof OrderSecrets): string =>
    Buffer.from(
      hkdfSync(
        'sha256',
        Buffer.from(secret, 'hex'),
        Buffer.from(order, 'hex'),
        `vitaledger/order/${use}/1`,
        32,
      ),
    ).toString('hex');
  return { request: derive('request'), report: derive('report') };
}

/** By what an organization checks a secret that is shown there. */
export function orderCommitment(secret: string): string {
  if (!isDigest(secret)) throw invalid('secret', 'must be 256 bits in 64 lower-case hexadecimal digits');
  return digestOf(`vitaledger/order/commitment/${secret}`);
}

/** @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`). */
export function checkOrderSecret(opens: string, secret: string): void {
  if (orderCommitment(secret) !== opens) {
    throw new VitaledgerError(
      'PERMISSION_DENIED',
      'The secret is not the one of this order; ask who handed it over.',
      {
        reason: 'BAD_SECRET',
      },
    );
  }
}
