import { MAX_RECORDS_AT_ONCE, VitaledgerError, type RecordInput } from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import { newId } from '../session/random.js';
import { actorOf, vaultOf, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';
import { draftOfResource, type Draft } from './draft.js';
import { declaredOrigin, registerAll, type RegistrationOptions } from './registration.js';

/** One resource of a bulk load. */
export interface BulkRecord {
  /** The patient's id at one's own organization. */
  readonly patient: string;
  readonly resource: FhirResource;
  /** 128 random bits; give one so that a load can be repeated without registering anything twice. */
  readonly id?: string;
}

/** A transaction's worth of a bulk load that is registered. */
export interface RegisteredBatch {
  readonly records: readonly { readonly patient: string; readonly record: string }[];
  readonly transactionId: string;
  readonly block: bigint;
}

/** How a bulk load is cut into transactions. */
export interface BulkOptions extends RegistrationOptions {
  /** Records per transaction, 500 unless told; no more than 2,000. */
  readonly batchSize?: number;
}

const defaultBatch = 500;

/**
 * A batch ends early where its contents reach this. They are held in memory, and what is registered of them, the codes above
 * all, travels in one message.
 */
export const MOST_BATCH_BYTES = 16 * 1024 * 1024;

/** A record of a bulk load before its content is in the vault. */
export interface BulkDraft extends Draft {
  readonly patient: string;
}

/**
 * Registers resources of any number of patients from a stream, batch by batch, each whole or not at all. A batch is yielded
 * once it is registered, and the next one read only then: what was yielded need not be loaded again.
 */
export async function* loadInBulk(
  session: Session,
  records: Iterable<BulkRecord> | AsyncIterable<BulkRecord>,
  options: BulkOptions = {},
): AsyncGenerator<RegisteredBatch> {
  const batchSize = checkedSize(options);
  let batch: BulkDraft[] = [];
  let bytes = 0;
  let read = 0;
  for await (const { patient, resource, id } of records) {
    const draft = { ...draftOfResource(resource, `records[${read++}]`, id ?? newId()), patient };
    batch.push(draft);
    bytes += (draft.content as Uint8Array).length;
    if (batch.length === batchSize || bytes >= MOST_BATCH_BYTES) {
      yield await loadDrafts(session, batch, options);
      [batch, bytes] = [[], 0];
    }
  }
  if (batch.length > 0) yield await loadDrafts(session, batch, options);
}

function checkedSize({ batchSize = defaultBatch }: BulkOptions): number {
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_RECORDS_AT_ONCE) return batchSize;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `batchSize must be a whole number from 1 to ${MAX_RECORDS_AT_ONCE}`,
  );
}

/**
 * Registers records of any number of patients in one transaction, all or none.
 *
 * @param note name of the vault's note about it while its fate is not known
 */
export async function loadDrafts(
  session: Session,
  drafts: readonly BulkDraft[],
  options: RegistrationOptions,
  note?: string,
): Promise<RegisteredBatch> {
  const commit = (records: readonly RecordInput[]): Promise<Committed> => {
    const patients = new Map<string, RecordInput[]>();
    for (const [index, record] of records.entries()) {
      const { patient = '' } = drafts[index] ?? {};
      const own = patients.get(patient) ?? [];
      own.push({ ...record, ...declaredOrigin(session, options) });
      patients.set(patient, own);
    }
    const input = {
      patients: [...patients].map(([patient, own]) => ({ patient, records: own })),
      ...actorOf(session),
    };
    const call = { function: 'RecordContract:registerBatch', custodian: session.mspId, input };
    return session.channel('care').submit(call, { signal: options.signal });
  };
  const vault = vaultOf(session, session.mspId);
  const [{ patient: first } = { patient: '' }] = drafts;
  const { transactionId, block } = await registerAll(vault, first, drafts, commit, options, note);
  const registered = drafts.map(({ patient, metadata }) => ({ patient, record: metadata.id }));
  return { records: registered, transactionId, block };
}
