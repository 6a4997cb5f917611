import {
  MAX_TRIALS_AT_ONCE,
  refusePersonalData,
  trialIdentifiers,
  validateRegistration,
  VitaledgerError,
  type TrialRecord,
} from '@vitaledger/domain';
import type { OperationOptions } from '../session/session.js';
import { TransactionError } from '../transaction/index.js';
import type { ErasableStore } from '../vault/vault.js';
import { forgetContacts, keepContacts, type PublicRecord } from './contacts.js';

export interface ImportOptions extends OperationOptions {
  /** Trials per transaction at most; 100 unless told, and no more. */
  readonly batchSize?: number;
  /** Transactions on their way at the same time, 4 unless told. */
  readonly concurrency?: number;
  /** Only asks whether the registry would take them: everything is checked, nothing is written. */
  readonly dryRun?: boolean;
}

/** What became of one record of an import. */
export interface ImportedTrial {
  /** Its place in what was imported, from 0. */
  readonly index: number;
  readonly result: 'registered' | 'there already' | 'failed';
  /** The registry's number; absent when it failed, and after a dry run of a record that is not there. */
  readonly trial?: string;
  /** Why it cannot be registered. */
  readonly error?: VitaledgerError;
}

/** What an import needs of the registry and its own organization. */
export interface ImportTarget {
  /** MSP id of the sponsor. */
  readonly sponsor: string;
  readonly contacts: ErasableStore;
  /** Registers trials, all or none. */
  register(records: readonly TrialRecord[]): Promise<readonly string[]>;
  find(numbers: readonly string[]): Promise<readonly (string | undefined)[]>;
}

const DEFAULT_BATCH = MAX_TRIALS_AT_ONCE;
const DEFAULT_CONCURRENCY = 4;
/** A transaction ends early where its records reach this: they travel in one message, and come back in what it writes. */
const BATCH_BYTES = 1024 * 1024;
/** How many records' contacts are stored at the same time. */
const PARALLEL = 8;

interface Waiting {
  readonly index: number;
  readonly record: TrialRecord;
}

interface Ready extends Waiting {
  readonly published: PublicRecord;
}

/** A record with the numbers of another one of its transaction. */
interface Twin extends Waiting {
  readonly error: VitaledgerError;
}

/**
 * Registers what a stream yields, many trials a transaction, and yields what became of each once it is known, a transaction at a time. What
 * keeps one record from being registered keeps no other; what concerns all (no ledger, no permission) ends the import. It can be repeated: what is
 * there is found by its numbers and left as it is.
 */
export async function* importTrials(
  target: ImportTarget,
  records: Iterable<unknown> | AsyncIterable<unknown>,
  options: ImportOptions = {},
): AsyncGenerator<ImportedTrial> {
  const { concurrency = DEFAULT_CONCURRENCY, signal } = options;
  const importing = new Import(target);
  const underway = new Set<Promise<Done>>();
  try {
    for await (const { refused, waiting } of batchesOf(records, checkedSize(options))) {
      signal?.throwIfAborted();
      yield* refused;
      const running = importing.run(waiting);
      // It may fail while nobody waits for it; whoever does next hears of it.
      running.catch(() => undefined);
      underway.add(running);
      if (underway.size >= concurrency) yield* await firstOf(underway);
    }
    while (underway.size > 0) yield* await firstOf(underway);
  } finally {
    // When it ends, however it ends, nothing goes on.
    await Promise.allSettled(underway);
  }
}

function checkedSize({ batchSize = DEFAULT_BATCH }: ImportOptions): number {
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_TRIALS_AT_ONCE) return batchSize;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `batchSize must be a whole number from 1 to ${MAX_TRIALS_AT_ONCE}`,
  );
}

interface Done {
  readonly results: readonly ImportedTrial[];
}

async function firstOf(underway: Set<Promise<Done>>): Promise<readonly ImportedTrial[]> {
  const settled = await Promise.race([...underway].map(async (one) => ({ one, done: await one })));
  underway.delete(settled.one);
  return settled.done.results;
}

interface Batch {
  readonly refused: readonly ImportedTrial[];
  readonly waiting: readonly Waiting[];
}

async function* batchesOf(
  records: Iterable<unknown> | AsyncIterable<unknown>,
  size: number,
): AsyncGenerator<Batch> {
  let [refused, waiting, bytes, index]: [ImportedTrial[], Waiting[], number, number] = [[], [], 0, 0];
  for await (const record of records) {
    const place = index++;
    try {
      waiting.push({ index: place, record: validateRegistration(record) });
      bytes += Buffer.byteLength(JSON.stringify(record));
    } catch (error) {
      refused.push(failed(place, error));
    }
    if (waiting.length >= size || bytes >= BATCH_BYTES || refused.length >= size) {
      yield { refused, waiting };
      [refused, waiting, bytes] = [[], [], 0];
    }
  }
  if (refused.length + waiting.length > 0) yield { refused, waiting };
}

/** Batches of one import: they share whether what comes next is likely to be there already. */
class Import {
  readonly #target: ImportTarget;
  #isRepeated = false;

  constructor(target: ImportTarget) {
    this.#target = target;
  }

  async run(batch: readonly Waiting[]): Promise<Done> {
    const [results, twins]: [ImportedTrial[], Twin[]] = [[], []];
    const asked = this.#isRepeated ? await this.#leaveOutKnown(batch, results) : batch;
    let ready = await this.#publish(asked, results);
    while (ready.length > 0) ready = await this.#submit(ready, results, twins);
    // What has the numbers of another one here is that one, now that it is registered.
    const single = twins.length === 0 ? [] : await this.#leaveOutKnown(twins, results);
    for (const { index, error } of single) results.push(failed(index, error));
    return { results: results.sort((one, other) => one.index - other.index) };
  }

  /** Those that the registry does not have. */
  async #leaveOutKnown<T extends Waiting>(
    batch: readonly T[],
    results: ImportedTrial[],
  ): Promise<readonly T[]> {
    const owners = batch.flatMap((one) =>
      numbersOf(one.record, this.#target.sponsor).map((number) => ({ one, number })),
    );
    const found = owners.length === 0 ? [] : await this.#target.find(owners.map(({ number }) => number));
    const known = new Map<T, string>();
    for (const [place, { one }] of owners.entries()) {
      const trial = found[place];
      if (trial !== undefined) known.set(one, trial);
    }
    for (const [{ index }, trial] of known) results.push({ index, result: 'there already', trial });
    this.#isRepeated = known.size > 0;
    return batch.filter((one) => !known.has(one));
  }

  /** Takes the contacts out, several at a time. */
  async #publish(batch: readonly Waiting[], results: ImportedTrial[]): Promise<readonly Ready[]> {
    const ready: Ready[] = [];
    const left = batch.values();
    const work = async (): Promise<void> => {
      for (const { index, record } of left) {
        const published = await keepContacts(this.#target.contacts, record);
        try {
          refusePersonalData(published.record);
          ready.push({ index, record, published });
        } catch (error) {
          await this.#forget([{ published }]);
          results.push(failed(index, error));
        }
      }
    };
    const outcomes = await Promise.allSettled(Array.from({ length: PARALLEL }, work));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure) {
      await this.#forget(ready);
      throw failure.reason;
    }
    return ready.sort((one, other) => one.index - other.index);
  }

  /** One transaction. Returns what is still to be registered after one record was refused. */
  async #submit(ready: readonly Ready[], results: ImportedTrial[], twins: Twin[]): Promise<readonly Ready[]> {
    try {
      const trials = await this.#target.register(ready.map(({ published }) => published.record));
      for (const [place, { index }] of ready.entries()) {
        const trial = trials[place];
        results.push({ index, result: 'registered', ...(trial === undefined ? {} : { trial }) });
      }
      return [];
    } catch (error) {
      const refused = ready[indexOf(error)];
      if (refused === undefined) {
        if (!(error instanceof TransactionError && error.fate === 'unknown')) await this.#forget(ready);
        throw error;
      }
      const left = await this.#without(refused, error as VitaledgerError, ready, { results, twins });
      await this.#forget(ready.filter((one) => !left.includes(one)));
      return left;
    }
  }

  async #without(
    refused: Ready,
    error: VitaledgerError,
    ready: readonly Ready[],
    { results, twins }: { readonly results: ImportedTrial[]; readonly twins: Twin[] },
  ): Promise<readonly Ready[]> {
    const { index } = refused;
    const others = ready.filter((one) => one !== refused);
    if (error.code !== 'ALREADY_EXISTS') {
      results.push(failed(index, error));
      return others;
    }
    const { trial } = error.details;
    if (typeof trial !== 'string') {
      twins.push({ ...refused, error });
      return others;
    }
    results.push({ index, result: 'there already', trial });
    // Where one is there, others are likely to be.
    const left = await this.#leaveOutKnown(others, results);
    this.#isRepeated = true;
    return left;
  }

  async #forget(ready: readonly Pick<Ready, 'published'>[]): Promise<void> {
    for (const { published } of ready) await forgetContacts(this.#target.contacts, published.kept);
  }
}

/** Which record of a transaction a refusal is about; -1 when it is about no single one. */
function indexOf(error: unknown): number {
  const index = error instanceof VitaledgerError ? error.details.index : undefined;
  return typeof index === 'number' ? index : -1;
}

function numbersOf(record: TrialRecord, sponsor: string): readonly string[] {
  return trialIdentifiers(record).map(({ number, uniqueIn }) =>
    uniqueIn === 'registry' ? number : `${sponsor}/${number}`,
  );
}

function failed(index: number, error: unknown): ImportedTrial {
  if (!(error instanceof VitaledgerError)) throw error;
  return { index, result: 'failed', error };
}
