import { VitaledgerError, type EmergencyUnblinding, type Participation } from '@vitaledger/domain';
import type { Ledger, PrivateKey, PrivateRange, Salted } from '../ledger/ledger.js';

/*
 * At the site, in its implicit collection. The hash of a key is public, so each has an id of 128 random bits in it:
 * `participation/<trial>/<participation>`, `participant/<patient>/<trial>` (once per trial), `emergency/<trial>/<transaction id>`.
 */

export function participationKey(trial: string, participation: string): PrivateKey<Participation> {
  return { private: `participation/${trial}/${participation}` };
}

/** A trial's participants at this site, by their random ids. */
export function participationsOf(trial: string, after?: string): PrivateRange<Participation> {
  return { prefix: `participation/${trial}/`, after };
}

export function participantKey(
  patient: string,
  trial: string,
): PrivateKey<Salted & { readonly participation: string }> {
  return { private: `participant/${patient}/${trial}` };
}

export function emergencyKey(trial: string, transactionId: string): PrivateKey<EmergencyUnblinding> {
  return { private: `emergency/${trial}/${transactionId}` };
}

export function emergenciesOf(trial: string, after?: string): PrivateRange<EmergencyUnblinding> {
  return { prefix: `emergency/${trial}/`, after };
}

/** Throws NOT_FOUND where nobody of this id takes part here. */
export async function checkParticipation(
  ledger: Ledger,
  trial: string,
  participation: string,
): Promise<void> {
  if (await ledger.getPrivate(participationKey(trial, participation))) return;
  throw new VitaledgerError('NOT_FOUND', 'Nobody takes part in this trial at this site under this id.', {
    what: 'participation',
  });
}
