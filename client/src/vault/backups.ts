import { isInstant, VitaledgerError } from '@vitaledger/domain';
import type { Vault } from './vault.js';

/** A copy of a vault's objects that is kept elsewhere. Shares are in none. */
export interface VaultBackup {
  /** By which the operator finds it: letters, digits, `.`, `_`, `-`. Nothing in it concerns a patient. */
  readonly name: string;
  /** When it was taken: ISO 8601, UTC with milliseconds. */
  readonly taken: string;
  /** When it will be gone by itself; not when absent. */
  readonly until?: string;
}

/** Notes a backup that was taken, so that receipts of erasures name it as one to purge. */
export async function noteBackup(vault: Pick<Vault, 'store'>, backup: VaultBackup): Promise<void> {
  for (const instant of [backup.taken, backup.until ?? backup.taken]) {
    if (!isInstant(instant)) {
      throw new VitaledgerError('INVALID_ARGUMENT', 'A backup has instants in UTC with milliseconds');
    }
  }
  await vault.store('backups').put(backup.name, Buffer.from(JSON.stringify(backup)));
}

/** Notes that a backup is gone, or was purged. */
export async function forgetBackup(vault: Pick<Vault, 'store'>, name: string): Promise<boolean> {
  return vault.store('backups').delete(name);
}

/** The backups that may hold an object which was stored at `since` and erased at `now`, the oldest first. */
export async function backupsOf(
  vault: Pick<Vault, 'store'>,
  since: string,
  now: string,
): Promise<readonly VaultBackup[]> {
  const store = vault.store('backups');
  const found: VaultBackup[] = [];
  for (const name of await store.names()) {
    const note = await store.get(name);
    if (!note) continue;
    const backup = JSON.parse(Buffer.from(note).toString('utf8')) as VaultBackup;
    if (backup.taken >= since && (backup.until === undefined || backup.until > now)) found.push(backup);
  }
  return found.sort((a, b) => (a.taken < b.taken ? -1 : 1));
}
