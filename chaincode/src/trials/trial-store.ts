import { invalid, VitaledgerError } from '@vitaledger/domain';
import { trialIdentifiers, type TrialRecord } from '@vitaledger/domain';
import { trialIdentifierKey, trialKey, trialVersionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import type { TrialHead, TrialVersionEntry } from './trial.js';

/** The registry's number of a new trial: 64 random bits of its transaction's id, the same at every endorser. */
export function trialNumber(transactionId: string): string {
  return `VL-${transactionId.slice(0, 16)}`;
}

/**
 * A trial by the registry's number, or by any identifying number in its record (such as its NCT number).
 *
 * @throws VitaledgerError `NOT_FOUND`, or `INVALID_ARGUMENT` for what can be no number of a trial.
 */
export async function trialHead(ledger: Ledger, number: string): Promise<TrialHead> {
  const identifier = asIdentifier(number, 'trial');
  const own = await ledger.get(trialKey(identifier));
  if (own) return own;
  const other = await ledger.get(trialIdentifierKey(identifier));
  const found = other && (await ledger.get(trialKey(other.trial)));
  if (!found)
    throw new VitaledgerError('NOT_FOUND', 'No trial of this number is registered here.', { what: 'trial' });
  return found;
}

/** Version `number` of a trial that has it. */
export async function trialVersion(
  ledger: Ledger,
  { id }: TrialHead,
  number: number,
): Promise<TrialVersionEntry> {
  const version = await ledger.get(trialVersionKey(id, number));
  if (!version) {
    throw new VitaledgerError('INTEGRITY', 'A version of this trial is missing; the peer must be restored.', {
      trial: id,
      version: number,
    });
  }
  return version;
}

/** All versions, the first one first. */
export async function trialVersions(ledger: Ledger, head: TrialHead): Promise<readonly TrialVersionEntry[]> {
  const versions: TrialVersionEntry[] = [];
  for (let number = 1; number <= head.version; number++)
    versions.push(await trialVersion(ledger, head, number));
  return versions;
}

/** Writes the head and its latest version. */
export async function putTrial(ledger: Ledger, head: TrialHead, version: TrialVersionEntry): Promise<void> {
  await ledger.put(trialKey(head.id), head);
  await ledger.put(trialVersionKey(head.id, head.version), version);
}

/**
 * Claims the identifying numbers of a record for its trial, for ever: one trial is registered once.
 *
 * @throws VitaledgerError `ALREADY_EXISTS` if another trial has one of them.
 */
export async function claimIdentifiers(ledger: Ledger, trial: string, record: TrialRecord): Promise<void> {
  const identifiers = trialIdentifiers(record).map((number) => asIdentifier(number, 'record'));
  for (const identifier of [...new Set(identifiers)].sort()) {
    const claimed = await ledger.get(trialIdentifierKey(identifier));
    if (claimed && claimed.trial !== trial) {
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'A trial with one of these identifying numbers is registered already; amend that one.',
        { trial: claimed.trial },
      );
    }
    if (!claimed) await ledger.put(trialIdentifierKey(identifier), { trial });
  }
}

/** Numbers are compared without regard to case and to the space around and within them. */
function asIdentifier(number: string, path: string): string {
  const identifier = number.trim().replace(/\s+/gu, ' ');
  if (identifier === '' || identifier.length > 200 || /\p{C}/u.test(identifier)) {
    throw invalid(path, 'must have identifying numbers of 1 to 200 characters');
  }
  return identifier;
}
