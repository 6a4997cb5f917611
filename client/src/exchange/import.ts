import { MAX_RECORDS_AT_ONCE, VitaledgerError } from '@vitaledger/domain';
import { MOST_BATCH_BYTES } from '../records/bulk-load.js';
import type { RegistrationOptions } from '../records/registration.js';
import { vaultOf, type Session } from '../session/session.js';
import { ContentsSeen } from './contents-seen.js';
import { faultOf, refusedPatients, registerPart, type ImportTarget } from './import-batch.js';
import {
  after,
  emptyState,
  ImportJournal,
  type ImportCounts,
  type ImportFault,
  type ImportState,
  type ImportStep,
} from './import-journal.js';
import { resourcesOf, survey, type FoundResource, type ImportSource, type Survey } from './import-source.js';
import { importTransaction } from './import-transaction.js';
import { PatientServer } from './patient-server.js';
import {
  NobodysResource,
  readResource,
  type FindPatient,
  type ReadingRules,
  type ReadResource,
} from './read-resource.js';
import { settleLeftovers } from './settle-leftovers.js';

/** How an import is cut, resumed and watched. */
export interface FhirImportOptions extends Pick<RegistrationOptions, 'signal' | 'origin'> {
  /** The patient at one's own organization whose resources all of them are, or how to find each one's. */
  readonly patients: string | FindPatient;
  /**
   * Which system they come from, such as the URL of its FHIR server. Two systems may call different resources of a patient `Observation/1`: without
   * it the second one passes for the first, and is not registered.
   */
  readonly system?: string;
  /** Goes on where an earlier import of the same bytes was interrupted. Without it all is looked at anew; nothing is registered twice. */
  readonly resume?: boolean;
  /** Checks everything, asks the ledger for the patients, and writes nothing. */
  readonly dryRun?: boolean;
  /** Resources per transaction, 500 unless told; no more than 2,000. */
  readonly batchSize?: number;
  /** Transactions on their way at the same time, 2 unless told. Memory grows with it. */
  readonly concurrency?: number;
  /** Told whenever a part is done. */
  readonly onProgress?: (progress: FhirImportProgress) => void;
}

export interface FhirImportProgress extends ImportCounts {
  /** Resources that are done with. */
  readonly position: number;
  readonly total: number;
}

/** What an import did, from its beginning; interruptions included. */
export interface FhirImportReport extends ImportCounts {
  readonly total: number;
  /** Where this attempt began: 0, or where an earlier one had ended. */
  readonly resumedAt: number;
  /** What is not registered, and why: the first 1,000. */
  readonly faults: readonly ImportFault[];
  /**
   * Interrupted attempts whose leftovers in the vault could not be judged; `records.recover` sweeps them, when a registrar calls it an
   * hour later.
   */
  readonly unsettled: number;
}

const defaultBatch = 500;
const defaultConcurrency = 2;

/**
 * Imports resources. A transaction Bundle is registered whole or not at all; of everything else, each resource by itself, many a
 * transaction. The record of a resource is found by patient, type and id, so that nothing is registered twice.
 */
export async function runImport(
  session: Session,
  source: ImportSource,
  options: FhirImportOptions,
): Promise<FhirImportReport> {
  const known = await survey(source);
  const vault = vaultOf(session, session.mspId);
  const journal = new ImportJournal(vault, known.digest, options);
  const { signal, origin } = options;
  const notes = `import-${journal.name}-`;
  const target = { session, notes, options: { signal, ...(origin ? { origin } : {}) } };
  const rules: ReadingRules = {
    patients: options.patients,
    isBundle: source.format === 'bundle',
    isBatch: known.bundleType === 'batch',
    fullUrls: known.fullUrls,
    server: new PatientServer(),
    system: options.system,
  };
  const total = known.resources;
  const isDryRun = options.dryRun === true;
  const settle = (): Promise<number> =>
    isDryRun ? Promise.resolve(0) : settleLeftovers(session, vault, notes, { signal });
  if (known.bundleType === 'transaction') {
    const done = await importTransaction(target, source, rules, isDryRun);
    const counts = { ...done, failed: 0, leftOut: 0 };
    options.onProgress?.({ ...counts, position: total, total });
    return { ...counts, total, resumedAt: 0, faults: [], unsettled: await settle() };
  }
  const begun = (options.resume ? await journal.find() : undefined) ?? emptyState();
  const importing = new Import(target, known, rules, options, isDryRun ? undefined : journal);
  const state = await importing.run(source, begun);
  const unsettled = await settle();
  if (!isDryRun) await journal.finish();
  return { ...countsOf(state), total, resumedAt: begun.position, faults: state.faults, unsettled };
}

function countsOf({ registered, there, failed, leftOut }: ImportCounts): ImportCounts {
  return { registered, there, failed, leftOut };
}

/** A part of a source: what one transaction takes, with what cannot be read before it ends. */
interface Part {
  /** Resources of the source up to its end. */
  readonly position: number;
  readonly resources: readonly ReadResource[];
  readonly faults: readonly ImportFault[];
}

interface Underway {
  readonly position: number;
  readonly running: Promise<Omit<ImportStep, 'position'>>;
}

class Import {
  readonly #target: ImportTarget;
  readonly #survey: Survey;
  readonly #rules: ReadingRules;
  readonly #options: FhirImportOptions;
  /** Absent in a dry run. */
  readonly #journal: ImportJournal | undefined;
  readonly #underway: Underway[] = [];
  readonly #seen = new ContentsSeen();
  #state: ImportState = emptyState();

  constructor(
    target: ImportTarget,
    known: Survey,
    rules: ReadingRules,
    options: FhirImportOptions,
    journal: ImportJournal | undefined,
  ) {
    this.#target = target;
    this.#survey = known;
    this.#rules = rules;
    this.#options = options;
    this.#journal = journal;
  }

  async run(source: ImportSource, begun: ImportState): Promise<ImportState> {
    this.#state = begun;
    const { concurrency = defaultConcurrency, signal } = this.#options;
    let read = begun.position;
    try {
      for await (const part of this.#parts(source)) {
        signal?.throwIfAborted();
        const running = this.#register(part);
        // It may fail while nobody waits for it; whoever does next hears of it.
        running.catch(() => undefined);
        this.#underway.push({ position: (read = part.position), running });
        if (this.#underway.length >= concurrency) await this.#settleFirst();
      }
      while (this.#underway.length > 0) await this.#settleFirst();
    } finally {
      // However it ends, nothing goes on.
      await Promise.allSettled(this.#underway.map(({ running }) => running));
    }
    if (read === this.#survey.resources) return this.#state;
    throw new VitaledgerError('CONFLICT', 'The source changed while it was imported; import it again');
  }

  /** In the order of the source, so that what lies before the position in the journal is done. */
  async #settleFirst(): Promise<void> {
    const [first] = this.#underway;
    if (!first) return;
    const step = await first.running;
    this.#underway.shift();
    this.#state = after(this.#state, { ...step, position: first.position });
    await this.#journal?.write(this.#state);
    const { position } = this.#state;
    this.#options.onProgress?.({ ...countsOf(this.#state), position, total: this.#survey.resources });
  }

  async #register({ resources, faults }: Part): Promise<Omit<ImportStep, 'position'>> {
    const done = this.#journal
      ? await registerPart(this.#target, resources)
      : await this.#wouldRegister(resources);
    return { ...done, faults: [...faults, ...done.faults] };
  }

  async #wouldRegister(resources: readonly ReadResource[]): Promise<Omit<ImportStep, 'position'>> {
    const refusals = await refusedPatients(
      this.#target,
      new Set(resources.map(({ draft }) => draft.patient)),
    );
    const faults = resources.flatMap(({ place, draft }) => {
      const refusal = refusals.get(draft.patient);
      return refusal ? [faultOf(place, refusal)] : [];
    });
    return { registered: resources.length - faults.length, there: 0, faults };
  }

  async *#parts(source: ImportSource): AsyncGenerator<Part> {
    const size = checkedSize(this.#options);
    let [resources, faults, bytes]: [ReadResource[], ImportFault[], number] = [[], [], 0];
    let position = this.#state.position;
    const from = position;
    for await (const found of resourcesOf(source)) {
      const read = await this.#read(found);
      // What an earlier attempt did was read only for what it stands in the way of.
      if (found.index < from) continue;
      position = found.index + 1;
      bytes += found.text?.length ?? 0;
      if ('draft' in read) resources.push(read);
      else faults.push(read);
      if (resources.length < size && faults.length < size && bytes < MOST_BATCH_BYTES) continue;
      yield { position, resources, faults };
      [resources, faults, bytes] = [[], [], 0];
    }
    if (resources.length + faults.length > 0) yield { position, resources, faults };
  }

  async #read(found: FoundResource): Promise<ReadResource | ImportFault> {
    try {
      const read = await readResource(found, this.#rules);
      if (this.#seen.isAnother(read.draft)) throw anotherContent(read);
      return read;
    } catch (error) {
      if (error instanceof NobodysResource) return { ...faultOf(found.place, error), result: 'left out' };
      if (error instanceof VitaledgerError) return faultOf(found.place, error);
      throw error;
    }
  }
}

/** Which of the two is meant is not for an import to guess. */
function anotherContent({ place }: ReadResource): VitaledgerError {
  const message = `${place} has the id of a resource before it, and another content; amend the record, or import what comes from another system as such`;
  return new VitaledgerError('CONFLICT', message, { place });
}

function checkedSize({ batchSize = defaultBatch }: FhirImportOptions): number {
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_RECORDS_AT_ONCE) return batchSize;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `batchSize must be a whole number from 1 to ${MAX_RECORDS_AT_ONCE}`,
  );
}
