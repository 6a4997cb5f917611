import { invalid, VitaledgerError } from '@vitaledger/domain';
import { type TrialDelay, trialIdentifiers, type TrialRecord } from '@vitaledger/domain';
import { sponsorsTrialKey, trialIdentifierKey, trialKey, trialVersionKey } from '../ledger/keys.js';
import type { Ledger, PublicKey } from '../ledger/ledger.js';
import { indexTrial } from './trial-index.js';
import type { TrialHead, TrialVersionEntry } from './trial.js';

/** The registry's number of a new trial: 64 random bits of its transaction's id, the same at every endorser. */
export function trialNumber(transactionId: string): string {
  return `VL-${transactionId.slice(0, 16)}`;
}

/**
 * A trial by this registry's number, by another registry's (such as its NCT number), or by one of its sponsor's own, which is named
 * with the sponsor: `ResearchMSP/CP-101`.
 *
 * @throws VitaledgerError `NOT_FOUND`, or `INVALID_ARGUMENT` for what can be no number of a trial.
 */
export async function trialHead(ledger: Ledger, number: string): Promise<TrialHead> {
  const identifier = asIdentifier(number, 'trial');
  const own = await ledger.get(trialKey(identifier));
  if (own) return own;
  const other = await byIdentifier(ledger, identifier);
  const found = other && (await ledger.get(trialKey(other.trial)));
  if (!found)
    throw new VitaledgerError('NOT_FOUND', 'No trial of this number is registered here.', { what: 'trial' });
  return found;
}

/** This registry's number of a trial that has another number, as in {@link trialHead}; undefined where there is none. */
export async function trialOf(ledger: Ledger, number: string): Promise<string | undefined> {
  return (await byIdentifier(ledger, asIdentifier(number, 'numbers')))?.trial;
}

async function byIdentifier(
  ledger: Ledger,
  identifier: string,
): Promise<{ readonly trial: string } | undefined> {
  return (await ledger.get(trialIdentifierKey(identifier))) ?? (await bySponsor(ledger, identifier));
}

async function bySponsor(
  ledger: Ledger,
  identifier: string,
): Promise<{ readonly trial: string } | undefined> {
  const [sponsor = '', ...number] = identifier.split('/');
  return number.length === 0 ? undefined : ledger.get(sponsorsTrialKey(sponsor, number.join('/')));
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

/** Writes a head whose status has changed. */
export async function putStatus(ledger: Ledger, head: TrialHead): Promise<void> {
  await ledger.put(trialKey(head.id), head);
  await indexTrial(ledger, head, undefined);
}

/** Writes the head and a new version of a trial that is registered. */
export async function putTrial(ledger: Ledger, head: TrialHead, version: TrialVersionEntry): Promise<void> {
  await ledger.put(trialKey(head.id), head);
  await ledger.put(trialVersionKey(head.id, head.version), version);
  const { record, instant } = version;
  const delays = await trialDelays(ledger, head.id);
  await indexTrial(ledger, head, { record, instant, delays, isVersion: true });
}

function delaysKey(id: string): PublicKey<readonly TrialDelay[]> {
  return { public: `trial-delays/${id}` };
}

/** Certificates of delay and extensions of a trial, the first one first. */
export async function trialDelays(ledger: Ledger, id: string): Promise<readonly TrialDelay[]> {
  return (await ledger.get(delaysKey(id))) ?? [];
}

/** Writes the delays of a trial, and what they make of its duties. */
export async function putDelays(
  ledger: Ledger,
  head: TrialHead,
  delays: readonly TrialDelay[],
  instant: string,
): Promise<void> {
  await ledger.put(delaysKey(head.id), delays);
  const { record } = await trialVersion(ledger, head, head.version);
  await indexTrial(ledger, head, { record, instant, delays, isVersion: false });
}

/**
 * Claims the identifying numbers of a record for its trial, for ever: one trial is registered once. The sponsor's own numbers are claimed
 * among the sponsor's, or any member could take another's.
 *
 * @param claimed the keys claimed in this transaction so far, which its reads do not show; those of this record are added.
 * @throws VitaledgerError `ALREADY_EXISTS` if another trial has one of them.
 */
export async function claimIdentifiers(
  ledger: Ledger,
  { id, sponsor }: Pick<TrialHead, 'id' | 'sponsor'>,
  record: TrialRecord,
  claimed = new Set<string>(),
): Promise<void> {
  for (const key of identifierKeys(sponsor, record)) {
    if (claimed.has(key.public))
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'Another trial registered with this one has one of its numbers.',
      );
    const holder = await ledger.get(key);
    if (holder && holder.trial !== id) {
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'A trial with one of these identifying numbers is registered already; amend that one.',
        { trial: holder.trial },
      );
    }
    if (!holder) await ledger.put(key, { trial: id });
    claimed.add(key.public);
  }
}

/** The keys of a record's identifying numbers, each once, in byte order. */
function identifierKeys(
  sponsor: string,
  record: TrialRecord,
): readonly PublicKey<{ readonly trial: string }>[] {
  const keys = new Map<string, PublicKey<{ readonly trial: string }>>();
  for (const { number, uniqueIn } of trialIdentifiers(record)) {
    const identifier = asIdentifier(number, 'record');
    const isRegistrys = uniqueIn === 'registry';
    const key = isRegistrys ? trialIdentifierKey(identifier) : sponsorsTrialKey(sponsor, identifier);
    keys.set(key.public, key);
  }
  return [...keys].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, key]) => key);
}

/** Numbers are compared without regard to case and to the space around and within them. */
function asIdentifier(number: string, path: string): string {
  const identifier = number.trim().replace(/\s+/gu, ' ');
  if (identifier === '' || identifier.length > 200 || /\p{C}/u.test(identifier)) {
    throw invalid(path, 'must have identifying numbers of 1 to 200 characters');
  }
  return identifier;
}
