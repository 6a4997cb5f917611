import { VitaledgerError, type ErasureGround } from '@vitaledger/domain';
import { TransactionError, type Committed } from '../transaction/index.js';
import { backupsOf } from '../vault/backups.js';
import type { Vault } from '../vault/vault.js';
import {
  destroyedAt,
  remainders,
  type ErasedObject,
  type ErasurePreview,
  type ErasureReceipt,
} from './erasure.js';
import { Journal, type PendingErasure } from './journal.js';

export interface ErasureRequest {
  readonly patient: string;
  readonly record: string;
  readonly ground: ErasureGround;
  readonly reason: string;
}

/** What erasing needs of the ledger. */
export interface ErasureLedger {
  /** MSP id. */
  readonly custodian: string;
  preview(patient: string, record: string): Promise<ErasurePreview>;
  erase(request: ErasureRequest): Promise<Committed>;
}

/**
 * Erases on the ledger, which may refuse, and then in the vault. The vault keeps a note of the object's name from before
 * the ledger forgets it until the vault has forgotten the object too, so that an interrupted erasure can be finished.
 */
export async function eraseRecord(
  vault: Vault,
  ledger: ErasureLedger,
  request: ErasureRequest,
): Promise<ErasureReceipt> {
  const { patient, record } = request;
  const journal = new Journal<PendingErasure>(vault.store('erasures'));
  const earlier = await journal.find(record);
  if (earlier && earlier.patient !== patient) {
    // The ledger would say NOT_FOUND, as if it had forgotten the record, and the content would go while the ledger still has it.
    throw noSuchRecord();
  }
  const { objects, registered } = earlier ?? (await ledger.preview(patient, record));
  if (!earlier) {
    const started = new Date().toISOString();
    await journal.begin(record, { patient, record, objects, registered, started });
  }
  const committed = await purge(ledger, request, earlier !== undefined, () => journal.finish(record));
  const erased = await eraseObjects(vault, objects);
  const backups = await backupsOf(vault, registered, new Date().toISOString());
  await journal.finish(record);
  return {
    record,
    ground: request.ground,
    ...(committed && { transactionId: committed.transactionId, block: committed.block }),
    destroyed: destroyedAt(ledger.custodian, erased),
    vault: erased,
    backups,
    remains: remainders(committed?.block, backups),
  };
}

async function eraseObjects(vault: Vault, objects: readonly string[]): Promise<readonly ErasedObject[]> {
  const erased: ErasedObject[] = [];
  for (const name of objects) erased.push({ name, ...(await vault.erase(name)) });
  return erased;
}

/** @returns undefined when an earlier attempt has already purged it */
async function purge(
  ledger: ErasureLedger,
  request: ErasureRequest,
  begunEarlier: boolean,
  forget: () => Promise<void>,
): Promise<Committed | undefined> {
  try {
    return await ledger.erase(request);
  } catch (error) {
    if (begunEarlier && error instanceof VitaledgerError && error.code === 'NOT_FOUND') {
      return undefined;
    }
    if (!begunEarlier && !(error instanceof TransactionError && error.fate === 'unknown')) {
      await forget();
    }
    throw error;
  }
}

function noSuchRecord(): VitaledgerError {
  return new VitaledgerError('NOT_FOUND', 'This patient has no such record here; it may be erased already');
}
