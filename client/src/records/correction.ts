import type { ChangeReason, RecordInput } from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import { newSalt } from '../session/random.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';
import { draftOfDocument, draftOfResource, type Document, type Draft } from './draft.js';
import { registerAll, type RegistrationOptions } from './registration.js';

/** A version of a record: what was read, and what a change is meant for. */
export interface RecordVersion {
  readonly id: string;
  /** From 1. */
  readonly version: number;
}

export interface ChangeOptions extends OperationOptions {
  /** Why: one line, or that with a code (HL7 v3 ActReason, say). It is told to those who may read the record. */
  readonly reason: string | ChangeReason;
}

export interface CorrectionOptions extends ChangeOptions {
  /** The patient's request that this answers. */
  readonly rectification?: string;
}

/** Why a record is amended, and how far that is. */
export type AmendmentOptions = CorrectionOptions & Pick<RegistrationOptions, 'onProgress'>;

export interface Amended extends RecordVersion {
  readonly transactionId: string;
  readonly block: bigint;
}

export async function amend(
  session: Session,
  patient: string,
  { id, version }: RecordVersion,
  content: FhirResource | Document,
  options: AmendmentOptions,
): Promise<Amended> {
  const draft = { ...draftOf(content, id), version: version + 1 };
  const commit = ([record]: readonly RecordInput[]): Promise<Committed> => {
    const input = { patient, record, version, ...changeOf(session, options) };
    const call = { function: 'CorrectionContract:amend', custodian: session.mspId, input };
    return session.channel('care').submit(call, { signal: options.signal });
  };
  const vault = vaultOf(session, session.mspId);
  const { transactionId, block } = await registerAll(vault, patient, [draft], commit, options);
  return { id, version: version + 1, transactionId, block };
}

export async function retract(
  session: Session,
  patient: string,
  { id, version }: RecordVersion,
  options: CorrectionOptions,
): Promise<Committed> {
  const input = { patient, record: id, version, ...changeOf(session, options) };
  const call = { function: 'CorrectionContract:retract', custodian: session.mspId, input };
  return session.channel('care').submit(call, { signal: options.signal });
}

function draftOf(content: FhirResource | Document, id: string): Draft {
  if ('resourceType' in content) return draftOfResource(content, 'resource', id);
  const draft = draftOfDocument(content);
  return { ...draft, metadata: { ...draft.metadata, id } };
}

function changeOf(session: Session, options: CorrectionOptions): object {
  const { rectification } = options;
  return {
    ...reasonOf(options),
    ...(rectification === undefined ? {} : { rectification }),
    salt: newSalt(),
    ...actorOf(session),
  };
}

/** The `reason` member of an input. */
export function reasonOf({ reason }: Pick<ChangeOptions, 'reason'>): { readonly reason: ChangeReason } {
  return { reason: typeof reason === 'string' ? { text: reason } : reason };
}
