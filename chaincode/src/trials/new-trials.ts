import { cardOf, nextStatus, VitaledgerError, type Role } from '@vitaledger/domain';
import type { LedgerMoment } from '../consortium/adopted-document.js';
import { trialKey, trialVersionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import type { CheckedRecord } from './public-text.js';
import { indexNewTrials } from './trial-index.js';
import { firstStep, stepsKey } from './trial-steps.js';
import type { TrialHead } from './trial.js';

/** Who registers, and when. */
export interface Registrant extends LedgerMoment {
  /** MSP id. */
  readonly organization: string;
  readonly role: Role;
}

/** A record with the number that it gets. */
export interface NewTrial extends CheckedRecord {
  readonly id: string;
}

/** Writes new trials: their first versions, their numbers, and where they are found. What they are is theirs alone, so nothing is read of them. */
export async function putNewTrials(
  ledger: Ledger,
  trials: readonly NewTrial[],
  { organization, role, instant, beat }: Registrant,
): Promise<void> {
  const cards = [];
  for (const { id, record, digest } of trials) {
    const status = nextStatus(undefined, 'submit', [role]);
    const version = 1;
    const head: TrialHead = {
      id,
      status,
      version,
      sponsor: organization,
      digest,
      registered: instant,
      approvals: [],
    };
    await ledger.put(trialKey(id), head);
    await ledger.put(trialVersionKey(id, version), {
      record,
      changes: [],
      instant,
      beat,
      organization,
      digest,
    });
    await ledger.put(stepsKey(id), firstStep(head));
    cards.push(cardOf(head, record, instant));
  }
  await indexNewTrials(ledger, cards);
}

/** What happens once in ages: the number that a transaction's id gives is another trial's. */
export function numberTaken(): VitaledgerError {
  return new VitaledgerError('CONFLICT', 'The number is taken; submit again.');
}
