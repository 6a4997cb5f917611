import { checkInstant, VitaledgerError, type ConsortiumDocument } from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { CLOCK, CONSORTIUM } from '../ledger/keys.js';

/** The consortium document in force. Throws PRECONDITION_FAILED before the first adoption. */
export async function adoptedDocument(ledger: Ledger): Promise<ConsortiumDocument> {
  const document = await ledger.get(CONSORTIUM);
  if (!document) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'This channel has no consortium document yet; its founding organizations must propose and vote for one.',
      { reason: 'NO_CONSORTIUM' },
    );
  }
  return document;
}

/**
 * The transaction's instant, held against the channel's clock. Reading the clock also bounds how long an endorsed
 * transaction can be held back: the next beat changes what it read, so it is invalid.
 *
 * @throws VitaledgerError `UNAVAILABLE` (`CLOCK_STALE`), `INVALID_ARGUMENT` (`TIMESTAMP_BEFORE_CLOCK`).
 */
export async function ledgerTime(ledger: Ledger, document: ConsortiumDocument): Promise<string> {
  checkInstant(ledger.timestamp, await ledger.get(CLOCK), document.clock);
  return ledger.timestamp;
}
