import {
  canonicalJson,
  contactDigest,
  isDigest,
  redactContacts,
  type RedactedContact,
  rejoinContacts,
  type TrialRecord,
} from '@vitaledger/domain';
import { newSalt } from '../session/random.js';
import type { ErasableStore } from '../vault/vault.js';

/** A contact as the sponsor's erasable store keeps it, under its digest. */
interface KeptContact {
  readonly contact: RedactedContact['contact'];
  readonly salt: string;
}

/** A record that may be public, and the digests of the contacts that were kept for it. */
export interface PublicRecord {
  readonly record: TrialRecord;
  readonly kept: readonly string[];
}

/**
 * Takes the contacts out of a record and keeps them in the erasable store.
 *
 * @param before the record's last public version: who stands in it already keeps their digest, so that an amendment
 *   changes nothing about them
 */
export async function keepContacts(
  store: ErasableStore,
  record: TrialRecord,
  before?: TrialRecord,
): Promise<PublicRecord> {
  const known = before ? await contactsOf(store, before) : new Map<string, KeptContact>();
  const digests = new Map([...known].map(([digest, { contact }]) => [canonicalJson(contact), digest]));
  const fresh = new Map<string, KeptContact>();
  const redacted = redactContacts(record, ({ contact }) => {
    const text = canonicalJson(contact);
    const existing = digests.get(text);
    if (existing !== undefined) {
      return existing;
    }
    const salt = newSalt();
    const digest = contactDigest(contact, salt);
    digests.set(text, digest);
    fresh.set(digest, { contact, salt });
    return digest;
  });
  for (const [digest, kept] of fresh) {
    await store.put(digest, Buffer.from(JSON.stringify(kept)));
  }
  return { record: redacted.record, kept: [...fresh.keys()] };
}

/** Puts back those contacts that the store still has. */
export async function withContacts(store: ErasableStore, record: TrialRecord): Promise<TrialRecord> {
  const known = await contactsOf(store, record);
  return rejoinContacts(
    record,
    [...known].map(([digest, { contact }]) => ({ digest, contact })),
  );
}

/** Erases contacts; what stands in public records are digests that nobody can resolve any more. Returns how many there were. */
export async function forgetContacts(store: ErasableStore, digests: readonly string[]): Promise<number> {
  let count = 0;
  for (const digest of digests) {
    if (await store.delete(digest)) count += 1;
  }
  return count;
}

/** The digests of those contacts of some records that the store has and `which` picks, each once. */
export async function keptContacts(
  store: ErasableStore,
  records: readonly TrialRecord[],
  which: (contact: RedactedContact['contact']) => boolean,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const record of records)
    for (const [digest, { contact }] of await contactsOf(store, record))
      if (which(contact)) found.add(digest);
  return [...found];
}

async function contactsOf(store: ErasableStore, record: TrialRecord): Promise<Map<string, KeptContact>> {
  const found = new Map<string, KeptContact>();
  for (const digest of digestsIn(record)) {
    const value = await store.get(digest);
    if (value) {
      found.set(digest, JSON.parse(Buffer.from(value).toString('utf8')) as KeptContact);
    }
  }
  return found;
}

/** Whatever stands as `digest` anywhere; those that are no contact's are not in the store. */
function digestsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'digest' && typeof member === 'string' && isDigest(member) ? [member] : digestsIn(member),
  );
}
