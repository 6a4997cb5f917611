import { checkInstant, VitaledgerError, type ConsortiumDocument } from '@vitaledger/domain';
import type { StoredDocument } from './stored-document.js';
import type { Ledger } from '../ledger/ledger.js';
import { CLOCK, CONSORTIUM } from '../ledger/keys.js';

/** The consortium document in force, with what decisions need of its packs. Throws PRECONDITION_FAILED before the first adoption. */
export async function adoptedDocument(ledger: Ledger): Promise<StoredDocument> {
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
  return (await ledgerMoment(ledger, document)).instant;
}

/** The transaction's instant, and the number of the beat that the clock stood at: the next beat invalidates what is not committed by then. */
export interface LedgerMoment {
  readonly instant: string;
  readonly beat: number;
}

/** As {@link ledgerTime}, with the beat: between it and the next one lies the moment of the commit. */
export async function ledgerMoment(ledger: Ledger, document: ConsortiumDocument): Promise<LedgerMoment> {
  const clock = checkInstant(ledger.timestamp, await ledger.get(CLOCK), document.clock);
  return { instant: ledger.timestamp, beat: clock.beat };
}

/**
 * The moment at which a permission is taken back. As {@link ledgerMoment}, but a stale clock does not stand in the way: then the instant is what the
 * sender says, and the beat the last one there was.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` (`TIMESTAMP_BEFORE_CLOCK`).
 */
export async function withdrawalMoment(ledger: Ledger, document: ConsortiumDocument): Promise<LedgerMoment> {
  try {
    return await ledgerMoment(ledger, document);
  } catch (error) {
    if (!(error instanceof VitaledgerError) || error.details.reason !== 'CLOCK_STALE') throw error;
    const last = await ledger.get(CLOCK);
    return { instant: ledger.timestamp, beat: last?.beat ?? 0 };
  }
}
