import { createHash } from 'node:crypto';
import {
  proofId,
  proofSalt,
  provenStatus,
  VitaledgerError,
  type ProofStatus,
  type RecordInput,
} from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import type { OperationOptions, Session } from '../session/session.js';
import type { Content } from '../vault/chunks.js';

/** What has to go with a content so that anybody on the channel can check it. It tells nothing of the record. */
export interface ContentCertificate {
  /** MSP id of the organization that registered it. */
  readonly custodian: string;
  readonly salt: string;
}

/** What a check found: the content is the registered one, and this became of it since. */
export interface VerifiedContent {
  readonly status: ProofStatus;
  /** SHA-256 of the content. */
  readonly digest: string;
}

/** The certificate of a record that was released, or listed: hand it on with the content. */
export function contentCertificate(
  custodian: string,
  { salt }: Pick<RecordInput, 'salt'>,
): ContentCertificate {
  return { custodian, salt: proofSalt(salt) };
}

/** Holds a content against what the ledger knows of it, read once as a stream. */
export async function verifyContent(
  session: Session,
  certificate: ContentCertificate,
  content: Content,
  options: OperationOptions = {},
): Promise<VerifiedContent> {
  return verifyDigest(session, certificate, await digestOfContent(content, options), options);
}

/** As {@link verifyContent}, for a content whose digest is known. */
export async function verifyDigest(
  session: Session,
  { custodian, salt }: ContentCertificate,
  digest: string,
  options: OperationOptions,
): Promise<VerifiedContent> {
  const call = { function: 'RecordContract:contentHash', arguments: [custodian, proofId(salt)] };
  const found = await session.channel('care').evaluate(call, { ...options, needsRecentState: true });
  const status = provenStatus((answer(found) as { hash: string }).hash, digest, salt);
  if (status === undefined) {
    throw new VitaledgerError(
      'INTEGRITY',
      'The content is not the one that was registered with this salt: its digest differs',
    );
  }
  return { status, digest };
}

async function digestOfContent(content: Content, { signal }: OperationOptions): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of content instanceof Uint8Array ? [content] : content) {
    signal?.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest('hex');
}
