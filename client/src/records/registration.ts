import type { LegalClass, RecordInput, RecordOrigin } from '@vitaledger/domain';
import { newId } from '../session/random.js';
import type { Session } from '../session/session.js';
import { TransactionError } from '../transaction/index.js';
import { newObjectName, storeContent } from '../vault/objects.js';
import { continueContent } from '../vault/upload.js';
import type { Vault } from '../vault/vault.js';
import type { Draft } from './draft.js';
import { Journal, type PendingRegistration } from './journal.js';

/** How far a registration has come. */
export interface RegistrationProgress {
  /** `vault`: contents are being stored; `ledger`: all are, and the transaction is on its way; `done`. */
  readonly step: 'vault' | 'ledger' | 'done';
  readonly stored: number;
  readonly total: number;
}

/** How a registration is declared and watched. */
export interface RegistrationOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told of each step. */
  readonly onProgress?: ((progress: RegistrationProgress) => void) | undefined;
  /**
   * The legal classes of the records, where a law treats them by where they come from, and the organization that made them;
   * one's own unless told.
   */
  readonly origin?: Partial<Pick<RecordOrigin, 'organization'>> & { readonly classes: readonly LegalClass[] };
}

/** The legal origin that is declared for every record of a registration. */
export function declaredOrigin(
  { mspId }: Pick<Session, 'mspId'>,
  { origin }: Pick<RegistrationOptions, 'origin'>,
): Pick<RecordInput, 'origin'> {
  return origin === undefined ? {} : { origin: { organization: mspId, ...origin } };
}

/** How many contents are written at the same time. */
const parallel = 8;

const firstVersion = 1;

/**
 * Stores contents and has them registered, all or none. While it is not known whether the ledger has them, a note in the
 * vault tells what belongs to the registration; when they were certainly not registered, nothing stays behind.
 *
 * @param name of the note; a random one unless told
 */
export async function registerAll<T>(
  vault: Vault,
  patient: string,
  drafts: readonly Draft[],
  commit: (records: readonly RecordInput[]) => Promise<T>,
  options: RegistrationOptions = {},
  name?: string,
): Promise<T> {
  const journal = new Journal<PendingRegistration>(vault.store('registrations'));
  const named = drafts.map((draft) => ({ draft, object: draft.upload?.object ?? newObjectName() }));
  const resumed = named.find(({ draft }) => draft.upload);
  const note = noteName(resumed, name);
  await journal.begin(note, pendingOf(patient, named));
  let result: T;
  try {
    const records = await storeAll(vault, named, options);
    options.signal?.throwIfAborted();
    options.onProgress?.({ step: 'ledger', stored: records.length, total: records.length });
    result = await commit(records);
  } catch (error) {
    if (!isFateUnknown(error)) {
      await eraseAll(vault, named);
      if (!resumed) await journal.finish(note);
    }
    throw error;
  }
  await journal.finish(note);
  options.onProgress?.({ step: 'done', stored: drafts.length, total: drafts.length });
  return result;
}

/** An upload that is taken up again is the same unfinished registration. */
function noteName(resumed: NamedDraft | undefined, given: string | undefined): string {
  return resumed?.object ?? given ?? newId();
}

function isFateUnknown(error: unknown): boolean {
  return error instanceof TransactionError && error.fate === 'unknown';
}

function pendingOf(patient: string, named: readonly NamedDraft[]): PendingRegistration {
  return {
    patient,
    started: new Date().toISOString(),
    records: named.map(({ draft, object }) => ({
      record: draft.metadata.id,
      object,
      ...(draft.patient === undefined ? {} : { patient: draft.patient }),
    })),
    ...(named.some(({ draft: { version } }) => version !== undefined) ? { amends: true } : {}),
  };
}

interface NamedDraft {
  readonly draft: Draft;
  readonly object: string;
}

async function storeAll(
  vault: Vault,
  named: readonly NamedDraft[],
  options: RegistrationOptions,
): Promise<readonly RecordInput[]> {
  const records: RecordInput[] = new Array<RecordInput>(named.length);
  const failed = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal;
  const waiting = named.entries();
  let stored = 0;
  const work = async (): Promise<void> => {
    for (const [index, { draft, object }] of waiting) {
      signal.throwIfAborted();
      records[index] = await storeOne(vault, draft, object, signal);
      options.onProgress?.({ step: 'vault', stored: ++stored, total: named.length });
    }
  };
  const stopOthers = (error: unknown): never => {
    failed.abort(error);
    throw error;
  };
  // All are awaited, so that nothing is written any more when the objects are erased after a failure.
  const outcomes = await Promise.allSettled(Array.from({ length: parallel }, () => work().catch(stopOthers)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) {
    throw failure.reason;
  }
  return records;
}

async function storeOne(
  vault: Vault,
  draft: Draft,
  object: string,
  signal: AbortSignal,
): Promise<RecordInput> {
  const { metadata, content, chunkSize, upload } = draft;
  if (upload) {
    const context = { record: metadata.id, version: draft.version ?? firstVersion, signal };
    return { ...metadata, ...(await continueContent(vault, content, upload, context)) };
  }
  const stored = await storeContent(vault, content, {
    object,
    record: metadata.id,
    version: draft.version ?? firstVersion,
    signal,
    ...(chunkSize === undefined ? {} : { chunkSize }),
  });
  return { ...metadata, ...stored };
}

/** What can be taken up again stays, and what may be registered already; a recovery removes it if it never is. */
async function eraseAll(vault: Vault, named: readonly NamedDraft[]): Promise<void> {
  for (const { draft, object } of named) {
    if (!draft.upload) await vault.erase(object);
  }
}
