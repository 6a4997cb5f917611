import { VitaledgerError } from '@vitaledger/domain';
import type { ErasableStore } from '../vault/vault.js';

/** A registration that has been begun: what is in the vault without being known to be on the ledger. */
export interface PendingRegistration {
  readonly patient: string;
  /** ISO 8601. */
  readonly started: string;
  readonly records: readonly PendingRecord[];
  /** The records are registered, and these are new versions of them. */
  readonly amends?: true;
}

/** An erasure that has been begun: what the ledger may have forgotten while the vault still has it. */
export interface PendingErasure {
  readonly patient: string;
  readonly record: string;
  /** The vault's names of the record's objects. */
  readonly objects: readonly string[];
  /** When the record was registered: older backups cannot hold it. */
  readonly registered: string;
  /** ISO 8601. */
  readonly started: string;
}

export interface PendingRecord {
  readonly record: string;
  /** The vault's name of the object. */
  readonly object: string;
  /** Where it is not the registration's. */
  readonly patient?: string;
}

/** What has been begun and is not known to be finished; kept in the custodian's vault, erased when finished. */
export class Journal<Entry extends object> {
  readonly #store: ErasableStore;

  constructor(store: ErasableStore) {
    this.#store = store;
  }

  async begin(name: string, entry: Entry): Promise<void> {
    await this.#store.put(name, Buffer.from(JSON.stringify(entry)));
  }

  async find(name: string): Promise<Entry | undefined> {
    const value = await this.#store.get(name);
    return value && (read(name, value) as Entry);
  }

  async finish(name: string): Promise<void> {
    await this.#store.delete(name);
  }

  /** @param prefix of the names of those that are wanted */
  async *pending(prefix = ''): AsyncGenerator<{ readonly name: string; readonly entry: Entry }> {
    for (const name of await this.#store.names()) {
      if (!name.startsWith(prefix)) continue;
      const entry = await this.find(name);
      // Another process may have finished it since.
      if (entry) {
        yield { name, entry };
      }
    }
  }
}

function read(name: string, value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'));
  } catch {
    throw new VitaledgerError('INTEGRITY', `The vault's note ${name} of an unfinished operation is damaged`);
  }
}
