import type { Vault } from '../vault/vault.js';
import { Journal, type PendingErasure, type PendingRecord, type PendingRegistration } from './journal.js';

/** What a recovery found and did. */
export interface RecoveryReport {
  /** Registrations that had reached the ledger; their contents stay. */
  readonly confirmed: number;
  /** Registrations that had not; their contents were removed. */
  readonly withdrawn: number;
  /** Erasures that were completed in the vault. */
  readonly erased: number;
  /** Erasures that the ledger never made; the records stay. */
  readonly dropped: number;
}

/** What recovering needs of the ledger. */
export interface RecoveryLedger {
  /** Whether the ledger has this record. Throws when the peer asked cannot tell for certain. */
  holds(patient: string, record: string): Promise<boolean>;
  /** The vault's names of the objects of all versions of a record; none if the ledger does not hold it. */
  objects(patient: string, record: string): Promise<readonly string[]>;
}

/** Settles every note of an unfinished operation that is older than `before`, by what the ledger holds. */
export async function recover(vault: Vault, ledger: RecoveryLedger, before: Date): Promise<RecoveryReport> {
  return {
    ...(await settleRegistrations(vault, ledger, before)),
    ...(await settleErasures(vault, ledger, before)),
  };
}

async function settleRegistrations(
  vault: Vault,
  ledger: RecoveryLedger,
  before: Date,
): Promise<Pick<RecoveryReport, 'confirmed' | 'withdrawn'>> {
  const journal = new Journal<PendingRegistration>(vault.store('registrations'));
  let [confirmed, withdrawn] = [0, 0];
  for await (const { name, entry } of journal.pending()) {
    if (new Date(entry.started) >= before) {
      continue;
    }
    let held = 0;
    for (const pending of entry.records) {
      // A record that the ledger does not hold was never registered, or erased since: its content goes either way.
      if (await belongs(ledger, entry, pending)) {
        held++;
      } else {
        await vault.erase(pending.object);
      }
    }
    await journal.finish(name);
    if (held > 0) {
      confirmed++;
    } else {
      withdrawn++;
    }
  }
  return { confirmed, withdrawn };
}

async function belongs(
  ledger: RecoveryLedger,
  entry: PendingRegistration,
  { patient = entry.patient, record, object }: PendingRecord,
): Promise<boolean> {
  if (entry.amends) return (await ledger.objects(patient, record)).includes(object);
  return (await ledger.holds(patient, record)) && isObjectOf(ledger, { patient, record, object });
}

/** Whether a record that is registered is made of this object: one that was registered again under its id may have stored another. */
export async function isObjectOf(
  ledger: Pick<RecoveryLedger, 'objects'>,
  { patient, record, object }: Required<PendingRecord>,
): Promise<boolean> {
  const objects = await ledger.objects(patient, record);
  // A record has one at least: where a peer that is behind knows of none, nothing is taken away.
  return objects.length === 0 || objects.includes(object);
}

async function settleErasures(
  vault: Vault,
  ledger: RecoveryLedger,
  before: Date,
): Promise<Pick<RecoveryReport, 'erased' | 'dropped'>> {
  const journal = new Journal<PendingErasure>(vault.store('erasures'));
  let [erased, dropped] = [0, 0];
  for await (const { name, entry } of journal.pending()) {
    if (new Date(entry.started) >= before) {
      continue;
    }
    if (await ledger.holds(entry.patient, entry.record)) {
      dropped++;
    } else {
      for (const object of entry.objects) await vault.erase(object);
      erased++;
    }
    await journal.finish(name);
  }
  return { erased, dropped };
}
