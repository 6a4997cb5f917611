import { VitaledgerError } from '@vitaledger/domain';
import { Journal, type PendingRegistration } from '../records/journal.js';
import { isObjectOf } from '../records/recovery.js';
import { isRegistered, registeredObjects } from '../records/registered.js';
import type { OperationOptions, Session } from '../session/session.js';
import type { Vault } from '../vault/vault.js';

/**
 * Sweeps what earlier attempts at an import left in the vault. By now their records are registered, from this attempt or that one, so
 * whatever is not the content of one belongs to nothing and never will. What is not certain stays, for `records.recover`.
 *
 * @param prefix of the names of the notes about those attempts
 * @returns how many notes stay; all of them for whoever is not a registrar and may not know what objects a record has
 */
export async function settleLeftovers(
  session: Session,
  vault: Vault,
  prefix: string,
  options: OperationOptions,
): Promise<number> {
  const journal = new Journal<PendingRegistration>(vault.store('registrations'));
  let left = 0;
  for await (const { name, entry } of journal.pending(prefix)) {
    if (!(await settled(session, vault, entry, options))) left++;
    else await journal.finish(name);
  }
  return left;
}

async function settled(
  session: Session,
  vault: Vault,
  { patient: first, records }: PendingRegistration,
  options: OperationOptions,
): Promise<boolean> {
  const objects = (patient: string, record: string): Promise<readonly string[]> =>
    registeredObjects(session, patient, record, options);
  try {
    for (const { patient = first, record, object } of records) {
      if (!(await isRegistered(session, patient, record, options))) return false;
      if (!(await isObjectOf({ objects }, { patient, record, object }))) await vault.erase(object);
    }
    return true;
  } catch (error) {
    if (error instanceof VitaledgerError && error.code !== 'UNAVAILABLE') return false;
    throw error;
  }
}
