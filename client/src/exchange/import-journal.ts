import { canonicalJson, digestOf } from '@vitaledger/domain';
import { Journal } from '../records/journal.js';
import type { Vault } from '../vault/vault.js';

/** A resource that is not registered, and why. */
export interface ImportFault {
  /** `line 17`, `Bundle.entry[3]`. */
  readonly place: string;
  /** `left out`: it is about no patient, and no fault. */
  readonly result: 'failed' | 'left out';
  readonly code: string;
  /** Says what is wrong and quotes nothing of the resource. */
  readonly message: string;
}

/** How many of the resources that were read became what. */
export interface ImportCounts {
  readonly registered: number;
  /** Registered before: by an earlier import, or twice in this one. */
  readonly there: number;
  readonly failed: number;
  readonly leftOut: number;
}

/** How far an import has come: what lies before `position` is done with. */
export interface ImportState extends ImportCounts {
  /** Resources that are done with, from the first on. */
  readonly position: number;
  /** The first of those not registered; {@link MOST_FAULTS} at most. */
  readonly faults: readonly ImportFault[];
  /** ISO 8601. */
  readonly started: string;
}

/** More faults than these are counted and not named: a file with so many is a wrong file. */
export const MOST_FAULTS = 1000;

/** What besides its bytes tells imports of a source apart. */
interface ReadAs {
  readonly patients: unknown;
  readonly system?: string;
}

/** Where an import writes down how far it has come: in the custodian's vault, until it is finished. */
export class ImportJournal {
  /** Names this import: the same source, read the same way. */
  readonly name: string;
  readonly #journal: Journal<ImportState>;

  /** @param readAs of the same bytes something else is made for another patient, or of another system */
  constructor(vault: Vault, digest: string, readAs: ReadAs) {
    const { patients, system = '' } = readAs;
    const patient = typeof patients === 'string' ? patients : '';
    this.name = digestOf(canonicalJson(['vitaledger/import', digest, patient, system])).slice(0, 32);
    this.#journal = new Journal(vault.store('imports'));
  }

  find(): Promise<ImportState | undefined> {
    return this.#journal.find(this.name);
  }

  write(state: ImportState): Promise<void> {
    return this.#journal.begin(this.name, state);
  }

  finish(): Promise<void> {
    return this.#journal.finish(this.name);
  }
}

/** What is known at an import's beginning. */
export function emptyState(): ImportState {
  const counts = { registered: 0, there: 0, failed: 0, leftOut: 0 };
  return { position: 0, ...counts, faults: [], started: new Date().toISOString() };
}

/** What became of the resources between `position` and that of `next`. */
export interface ImportStep extends Pick<ImportCounts, 'registered' | 'there'> {
  readonly position: number;
  readonly faults: readonly ImportFault[];
}

export function after(state: ImportState, { position, registered, there, faults }: ImportStep): ImportState {
  const count = (result: ImportFault['result']): number =>
    faults.filter((one) => one.result === result).length;
  return {
    ...state,
    position,
    registered: state.registered + registered,
    there: state.there + there,
    failed: state.failed + count('failed'),
    leftOut: state.leftOut + count('left out'),
    faults: [...state.faults, ...faults].slice(0, MOST_FAULTS),
  };
}
