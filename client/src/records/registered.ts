import { digestOf, VitaledgerError, type RecordInput } from '@vitaledger/domain';
import { newSalt } from '../session/random.js';
import { answer } from '../session/answer.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';
import { shareBytes } from '../vault/chunk-cipher.js';
import { newObjectName } from '../vault/objects.js';
import type { ErasurePreview } from './erasure.js';

/**
 * Whether a record is registered at one's own organization. A list may lack what its peer has not received yet, so a registration under
 * the same id is tried, without submitting it: the contract looks the key itself up, and fails where the peer cannot know.
 *
 * @throws VitaledgerError as a registration would
 */
export async function isRegistered(
  session: Session,
  patient: string,
  record: string,
  options: OperationOptions,
): Promise<boolean> {
  const input = { patient, records: [emptyRecord(record)], ...actorOf(session) };
  const call = { function: 'RecordContract:register', custodian: session.mspId, input };
  try {
    await session.channel('care').evaluate(call, options);
    return false;
  } catch (error) {
    if (error instanceof VitaledgerError && error.code === 'ALREADY_EXISTS') return true;
    throw error;
  }
}

/**
 * What erasing a record would destroy, as its custodian's registrar may see it.
 *
 * @throws VitaledgerError `NOT_FOUND`, `PERMISSION_DENIED`
 */
export async function erasurePreview(
  session: Session,
  patient: string,
  record: string,
  options: OperationOptions,
): Promise<ErasurePreview> {
  const input = { patient, record, ...actorOf(session) };
  const call = { function: 'ErasureContract:preview', custodian: session.mspId, input };
  return answer(await session.channel('care').evaluate(call, options)) as ErasurePreview;
}

/** The vault's names of the objects of all versions of a record; none where the ledger does not hold it. For registrars. */
export async function registeredObjects(
  session: Session,
  patient: string,
  record: string,
  options: OperationOptions,
): Promise<readonly string[]> {
  try {
    return (await erasurePreview(session, patient, record, options)).objects;
  } catch (error) {
    if (error instanceof VitaledgerError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

function emptyRecord(id: string): RecordInput {
  const manifest = { object: newObjectName(), size: 0, chunkSize: 1, chunks: 1, digest: digestOf('') };
  const keyShare = Buffer.alloc(shareBytes).toString('base64url');
  const described = {
    class: 'Basic',
    category: [],
    codes: [],
    labels: [],
    mediaType: 'application/octet-stream',
  };
  return { id, salt: newSalt(), ...described, keyShare, manifest };
}
