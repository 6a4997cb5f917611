import {
  digestOf,
  proofSalt,
  VitaledgerError,
  type AccessFilter,
  type CopySource,
  type RecordInput,
} from '@vitaledger/domain';
import { Access } from '../access/access.js';
import type { ReleasedRecord } from '../access/released-record.js';
import type { PatientToken } from '../patient/patient-token.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';
import type { Vault } from '../vault/vault.js';
import type { Draft } from './draft.js';
import { Journal } from './journal.js';
import { registerAll } from './registration.js';
import { verifyDigest } from './verification.js';

/** Which records are to be copied into one's own care. */
export interface Transfer {
  /** The patient at the custodian who has them. */
  readonly from: PatientToken;
  /** The patient's id at one's own organization. */
  readonly patient: string;
  /** HL7 v3 PurposeOfUse code that the patient's consent permits; `TREAT` unless told. */
  readonly purpose?: string;
  /** Which records; all when absent. */
  readonly filter?: AccessFilter;
}

/** A record that is now in one's own care too. */
export interface Transferred {
  /** Its id here. */
  readonly record: string;
  readonly source: CopySource;
  /** The transaction that registered it; absent when an earlier attempt had done so. */
  readonly transactionId?: string;
}

/** A copy that has been begun; kept, so that repeating a transfer copies nothing twice. */
interface PendingCopy {
  /** The id that it gets here. */
  readonly record: string;
  readonly done: boolean;
}

/**
 * Copies records of another custodian: one transaction there, which is decided by consent and logged like every access, and one
 * here for each record. Every content is held against the hash that the other custodian registered before it is taken over.
 */
export async function* transfer(
  session: Session,
  { from, patient, purpose = 'TREAT', filter = {} }: Transfer,
  options: OperationOptions = {},
): AsyncGenerator<Transferred> {
  if (from.custodian === session.mspId) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'The records are in the own care already', {
      path: 'from.custodian',
    });
  }
  const vault = vaultOf(session, session.mspId);
  const journal = new Journal<PendingCopy>(vault.store('transfers'));
  const released = new Access(session).read({ ...from, purpose, filter, scope: 'content' }, options);
  for await (const record of released) {
    const source = sourceOf(from.custodian, record);
    const note = digestOf({ ...source, patient });
    const begun = (await journal.find(note)) ?? { record: newId(), done: false };
    if (begun.done) {
      yield { record: begun.record, source };
      continue;
    }
    await journal.begin(note, begun);
    const committed = await copy({ session, vault, patient }, { record, source, id: begun.record }, options);
    await journal.begin(note, { ...begun, done: true });
    yield { record: begun.record, source, ...(committed && { transactionId: committed.transactionId }) };
  }
}

interface Destination {
  readonly session: Session;
  readonly vault: Vault;
  readonly patient: string;
}

interface Original {
  readonly record: ReleasedRecord;
  readonly source: CopySource;
  readonly id: string;
}

/** @returns undefined where an earlier attempt had registered it */
async function copy(
  { session, vault, patient }: Destination,
  original: Original,
  options: OperationOptions,
): Promise<Committed | undefined> {
  const { source } = original;
  const { manifest } = original.record.metadata;
  const commit = async (records: readonly RecordInput[]): Promise<Committed> => {
    const [stored] = records;
    await proveSame(session, source, manifest?.digest, stored?.manifest.digest, options);
    const input = { patient, records, ...actorOf(session) };
    const call = { function: 'RecordContract:register', custodian: session.mspId, input };
    return session.channel('care').submit(call, options);
  };
  try {
    return await registerAll(vault, patient, [draftOf(original, options)], commit, options);
  } catch (error) {
    if (error instanceof VitaledgerError && error.code === 'ALREADY_EXISTS') return undefined;
    throw error;
  }
}

/** What was stored here, what was released there, and what the ledger knows of it must be one and the same. */
async function proveSame(
  session: Session,
  { custodian, proof }: CopySource,
  released: string | undefined,
  stored: string | undefined,
  options: OperationOptions,
): Promise<void> {
  if (stored === undefined || stored !== released) {
    throw new VitaledgerError('INTEGRITY', 'What was copied is not what was released');
  }
  const { status } = await verifyDigest(session, { custodian, salt: proof }, stored, options);
  if (status !== 'current') {
    throw new VitaledgerError('CONFLICT', 'The record was changed while it was copied; transfer it again', {
      reason: 'SOURCE_CHANGED',
    });
  }
}

function sourceOf(custodian: string, { metadata }: ReleasedRecord): CopySource {
  const { id, version, salt } = metadata;
  return { custodian, record: id, version, proof: proofSalt(salt) };
}

function draftOf({ record, source, id }: Original, { signal }: OperationOptions): Draft {
  const { class: type, category, codes, labels, date, origin, mediaType, manifest } = record.metadata;
  return {
    metadata: {
      id,
      salt: newSalt(),
      class: type,
      category,
      codes,
      labels,
      ...(date === undefined ? {} : { date }),
      ...(origin === undefined ? {} : { origin }),
      copiedFrom: source,
      mediaType,
    },
    content: record.content({ signal }),
    ...(manifest && { chunkSize: manifest.chunkSize }),
  };
}
