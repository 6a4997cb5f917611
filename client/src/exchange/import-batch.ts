import { VitaledgerError } from '@vitaledger/domain';
import { loadDrafts } from '../records/bulk-load.js';
import { isRegistered } from '../records/registered.js';
import type { RegistrationOptions } from '../records/registration.js';
import { newId } from '../session/random.js';
import type { Session } from '../session/session.js';
import { TransactionError } from '../transaction/index.js';
import type { ImportFault, ImportStep } from './import-journal.js';
import type { ReadResource } from './read-resource.js';

/** What a batch of an import writes to. */
export interface ImportTarget {
  readonly session: Session;
  readonly options: RegistrationOptions;
  /** Of the vault's notes about registrations whose fate is not known. */
  readonly notes: string;
}

/** Refusals that are about a single patient or record, and keep no other from being registered. */
const OF_ONE: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'NOT_FOUND', 'PRECONDITION_FAILED']);

const parallel = 8;

/**
 * Registers what a part of an import holds, in one transaction where nothing stands against it, and leaves out what cannot be
 * registered or is there already.
 *
 * @param resources those of the same id have the same content
 * @throws what concerns them all: no ledger, no permission, a fate that is not known
 */
export async function registerPart(
  target: ImportTarget,
  resources: readonly ReadResource[],
): Promise<Omit<ImportStep, 'position'>> {
  const byRecord = new Map<string, ReadResource>();
  const repeated: ReadResource[] = [];
  for (const one of resources) {
    const { id } = one.draft.metadata;
    if (byRecord.has(id)) repeated.push(one);
    else byRecord.set(id, one);
  }
  const batch = new ImportBatch(target);
  await batch.register([...byRecord.values()]);
  // The same resource twice is one record, and what keeps one from being registered keeps the other.
  const again = repeated.flatMap(({ place, draft }) => {
    const first = byRecord.get(draft.metadata.id)?.place ?? place;
    return batch.faults.filter((fault) => fault.place === first).map((fault) => repeatedFault(place, fault));
  });
  const there = batch.there + repeated.length - again.length;
  return { registered: batch.registered, there, faults: [...batch.faults, ...again] };
}

function repeatedFault(place: string, fault: ImportFault): ImportFault {
  return { ...fault, place, message: fault.message.replace(fault.place, place) };
}

class ImportBatch {
  registered = 0;
  there = 0;
  readonly faults: ImportFault[] = [];
  readonly #target: ImportTarget;

  constructor(target: ImportTarget) {
    this.#target = target;
  }

  async register(resources: readonly ReadResource[]): Promise<void> {
    if (resources.length === 0) return;
    const { session, options, notes } = this.#target;
    const drafts = resources.map(({ draft }) => draft);
    try {
      await loadDrafts(session, drafts, options, `${notes}${newId()}`);
      this.registered += resources.length;
    } catch (error) {
      if (!(error instanceof VitaledgerError) || isFateUnknown(error)) throw error;
      await this.#withoutRefused(resources, error);
    }
  }

  async #withoutRefused(resources: readonly ReadResource[], error: VitaledgerError): Promise<void> {
    if (error.code === 'ALREADY_EXISTS') {
      const left = await this.#leaveOutKnown(resources);
      if (left.length === resources.length) throw error;
      return this.register(left);
    }
    if (!OF_ONE.has(error.code)) throw error;
    const left = await this.#leaveOutRefusedPatients(resources);
    if (left.length < resources.length) return this.register(left);
    const [only] = left;
    if (only && left.length === 1) {
      this.faults.push(faultOf(only.place, error));
      return;
    }
    const middle = Math.ceil(left.length / 2);
    await this.register(left.slice(0, middle));
    await this.register(left.slice(middle));
  }

  /** Those that are not registered, and can be. */
  async #leaveOutKnown(resources: readonly ReadResource[]): Promise<readonly ReadResource[]> {
    const { session, options } = this.#target;
    const known = await inParallel(resources, async ({ draft }) => {
      try {
        return await isRegistered(session, draft.patient, draft.metadata.id, options);
      } catch (error) {
        if (error instanceof VitaledgerError && OF_ONE.has(error.code)) return error;
        throw error;
      }
    });
    for (const [index, { place }] of resources.entries()) {
      const found = known[index];
      if (found instanceof VitaledgerError) this.faults.push(faultOf(place, found));
    }
    const left = resources.filter((_, index) => known[index] === false);
    this.there += known.filter((one) => one === true).length;
    return left;
  }

  /** Those whose patient takes records. */
  async #leaveOutRefusedPatients(resources: readonly ReadResource[]): Promise<readonly ReadResource[]> {
    const refusals = await refusedPatients(
      this.#target,
      new Set(resources.map(({ draft }) => draft.patient)),
    );
    for (const { place, draft } of resources) {
      const refusal = refusals.get(draft.patient);
      if (refusal) this.faults.push(faultOf(place, refusal));
    }
    return resources.filter(({ draft }) => !refusals.has(draft.patient));
  }
}

/** The patients whom the ledger takes no records for, and why. */
export async function refusedPatients(
  { session, options }: Pick<ImportTarget, 'session' | 'options'>,
  patients: ReadonlySet<string>,
): Promise<ReadonlyMap<string, VitaledgerError>> {
  const refusals = new Map<string, VitaledgerError>();
  await inParallel([...patients], async (patient) => {
    try {
      await isRegistered(session, patient, newId(), options);
    } catch (error) {
      if (!(error instanceof VitaledgerError && OF_ONE.has(error.code))) throw error;
      refusals.set(patient, error);
    }
  });
  return refusals;
}

/** Of one that cannot be registered. */
export function faultOf(place: string, { code, message }: VitaledgerError): ImportFault {
  const told = message.startsWith(place) ? message : `${place}: ${message}`;
  return { place, result: 'failed', code, message: told };
}

function isFateUnknown(error: VitaledgerError): boolean {
  return error instanceof TransactionError && error.fate === 'unknown';
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Array<R>(items.length);
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return results;
}
