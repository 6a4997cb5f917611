import { addPeriod, invalid, isInstant, VitaledgerError } from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { trialVersion } from './trial-store.js';
import type { TrialHead, TrialVersionEntry } from './trial.js';

/** A version that comes into force later than this is no version yet. */
const LONGEST_AHEAD = { years: 1 };

/**
 * Since when an amendment is in force: an instant, or that of the transaction for an empty text.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for no instant, one before that of the version before (nothing goes back in time), or one
 * more than a year ahead.
 */
export function readEffective(text: string, before: TrialVersionEntry, instant: string): string {
  const effective = text === '' ? instant : text;
  if (!isInstant(effective))
    throw invalid('effective', 'must be an instant such as 2026-03-01T12:00:00.000Z');
  const earliest = before.effective ?? before.instant;
  if (effective < earliest) {
    throw invalid('effective', `must not lie before that of the version before, ${earliest}`, { earliest });
  }
  if (effective.slice(0, 10) > addPeriod(instant.slice(0, 10), LONGEST_AHEAD)) {
    throw invalid('effective', 'must not lie more than a year ahead');
  }
  return effective;
}

/**
 * The version that was in force at an instant, among those up to `latest`.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for no instant, `NOT_FOUND` when none was in force yet.
 */
export async function versionInForce(
  ledger: Ledger,
  head: TrialHead,
  latest: number,
  at: string,
): Promise<number> {
  if (!isInstant(at)) throw invalid('effective', 'must be an instant such as 2026-03-01T12:00:00.000Z');
  // Times in force never go back, so the last one that has come is the answer.
  for (let version = latest; version >= 1; version--) {
    const { effective, instant } = await trialVersion(ledger, head, version);
    if ((effective ?? instant) <= at) return version;
  }
  throw new VitaledgerError('NOT_FOUND', 'No version of the trial was in force at that instant.', {
    what: 'trial',
  });
}
