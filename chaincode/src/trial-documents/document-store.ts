import { VitaledgerError, type TrialDocumentVersion } from '@vitaledger/domain';
import type { Ledger, PublicKey, PublicRange } from '../ledger/ledger.js';

/*
 * `trial-document/<trial>/<document>` holds the latest version, `trial-document-version/<trial>/<document>/<n>` every one, and
 * `trial-document-digest/<trial>/<digest>` leads from content to its version.
 */

/** Where a digest leads to. */
export interface DocumentReference {
  readonly document: string;
  readonly version: number;
}

export function documentKey(trial: string, document: string): PublicKey<TrialDocumentVersion> {
  return { public: `trial-document/${trial}/${document}` };
}

/** The latest versions of a trial's documents, by the document's number, from one on. */
export function documentsOf(trial: string, from?: string): PublicRange<TrialDocumentVersion> {
  return { prefix: `trial-document/${trial}/`, from };
}

export function documentVersionKey(
  trial: string,
  document: string,
  version: number,
): PublicKey<TrialDocumentVersion> {
  const number = String(version).padStart(6, '0');
  return { public: `trial-document-version/${trial}/${document}/${number}` };
}

export function documentDigestKey(trial: string, digest: string): PublicKey<DocumentReference> {
  return { public: `trial-document-digest/${trial}/${digest}` };
}

/** The registry's number of a new document: 64 random bits of its transaction's id, the same at every endorser. */
export function documentNumber(transactionId: string): string {
  return `VD-${transactionId.slice(0, 16)}`;
}

/** The latest version of a document. Throws NOT_FOUND. */
export async function latestDocument(
  ledger: Ledger,
  trial: string,
  document: string,
): Promise<TrialDocumentVersion> {
  const latest = /^VD-[0-9a-f]{16}$/.test(document)
    ? await ledger.get(documentKey(trial, document))
    : undefined;
  if (!latest) {
    throw new VitaledgerError('NOT_FOUND', 'The trial has no document of this number; list its documents.', {
      what: 'document',
      trial,
    });
  }
  return latest;
}

/** Version `number` of a document that has it. */
export async function documentVersion(
  ledger: Ledger,
  trial: string,
  { document, version }: DocumentReference,
): Promise<TrialDocumentVersion> {
  const found = await ledger.get(documentVersionKey(trial, document, version));
  if (!found) {
    throw new VitaledgerError(
      'INTEGRITY',
      'A version of this document is missing; the peer must be restored.',
      { trial, document, version },
    );
  }
  return found;
}

/** The version of a trial's document that has this digest. Throws NOT_FOUND. */
export async function documentOfDigest(
  ledger: Ledger,
  trial: string,
  digest: string,
): Promise<TrialDocumentVersion> {
  const reference = await ledger.get(documentDigestKey(trial, digest));
  if (!reference) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'No document with this digest is registered for the trial: the content is not one of its documents, or was altered.',
      { what: 'document', trial, digest },
    );
  }
  return documentVersion(ledger, trial, reference);
}

/**
 * Adds a version.
 *
 * @throws VitaledgerError `ALREADY_EXISTS` when the trial has a document of this digest, so that a digest leads to one version only.
 */
export async function putDocument(
  ledger: Ledger,
  trial: string,
  version: TrialDocumentVersion,
): Promise<void> {
  const reference: DocumentReference = { document: version.document, version: version.version };
  const taken = await ledger.get(documentDigestKey(trial, version.digest));
  if (taken) {
    throw new VitaledgerError('ALREADY_EXISTS', 'This content is registered for the trial already.', {
      trial,
      ...taken,
    });
  }
  await ledger.put(documentKey(trial, version.document), version);
  await ledger.put(documentVersionKey(trial, version.document, version.version), version);
  await ledger.put(documentDigestKey(trial, version.digest), reference);
}
