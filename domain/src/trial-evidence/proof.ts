import * as v from 'valibot';
import { activeOrganizations } from '../consortium/votes.js';
import { validateDocument, type ConsortiumDocument } from '../consortium/document.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import { isDocumentNumber, isTrialNumber } from './trial-number.js';
import { TRIAL_DOCUMENT_KINDS, type TrialDocumentKind } from './document.js';

/** A beat of the channel's clock as it is kept: with how far the clocks of its endorsers may have been from it. */
export interface RecordedBeat {
  /** From 1. */
  readonly beat: number;
  readonly instant: string;
  readonly skewSeconds: number;
}

/** What a proof is about: a registered document, or a version of a trial's record. */
export interface ProvenSubject {
  readonly kind: 'document' | 'trial-version';
  /** The registry's number of the trial. */
  readonly trial: string;
  /** The registry's number of the document; absent for a version of the record. */
  readonly document?: string;
  readonly documentKind?: TrialDocumentKind;
  /** Of the document or of the record, from 1. */
  readonly version: number;
  /** SHA-256 of the document's content, or of the record's canonical JSON. */
  readonly digest: string;
  /** MSP id of who registered it. */
  readonly organization: string;
  /** When, by the clock of who registered it. Not proven beyond the beats. */
  readonly instant: string;
}

/**
 * What the peers of a majority of organizations sign when they are asked for a proof: what is in the state of the ledger, so that it
 * was committed as valid.
 */
export interface ProofStatement {
  readonly format: typeof PROOF_STATEMENT;
  readonly subject: ProvenSubject;
  /** The last beat before the commit: the transaction that registered the subject read it. */
  readonly after: RecordedBeat;
  /** The second beat after the commit. The first one could have been endorsed before it and held back; this one read the first. */
  readonly before: RecordedBeat;
  /** When the proof was made: within `skewSeconds` of the clock of every peer that signed it. */
  readonly proved: string;
  /** The consortium document in force then: its active organizations are those that a majority is of. */
  readonly consortium: ConsortiumDocument;
}

export const PROOF_STATEMENT = 'vitaledger-proof-statement/1';

/** Beats after the registration until its interval is bounded. */
export const BEATS_UNTIL_BOUNDED = 2;

const beatShape = closed({
  beat: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  instant: shapes.instant,
  skewSeconds: wholeNumber(1, 300),
});

const subjectShape = closed({
  kind: v.picklist(['document', 'trial-version'], 'must be document or trial-version'),
  trial: text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial"),
  document: v.exactOptional(
    text((value) => isDocumentNumber(String(value)), 'must be the number of a document'),
  ),
  documentKind: v.exactOptional(
    v.picklist(TRIAL_DOCUMENT_KINDS, `must be one of ${TRIAL_DOCUMENT_KINDS.join(', ')}`),
  ),
  version: wholeNumber(1, 999_999),
  digest: shapes.digest,
  organization: shapes.mspId,
  instant: shapes.instant,
});

const statementShape = closed({
  format: v.literal(PROOF_STATEMENT),
  subject: subjectShape,
  after: beatShape,
  before: beatShape,
  proved: shapes.instant,
  consortium: v.unknown(),
});

/**
 * Checks a statement that was signed: its shape, and that its parts fit together.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path, `INTEGRITY` when the parts contradict each other.
 */
export function validateProofStatement(value: unknown): ProofStatement {
  const { consortium, ...shaped } = checkShape(statementShape, value, 'statement');
  const statement: ProofStatement = { ...shaped, consortium: validateDocument(consortium) };
  const { subject, after, before, proved } = statement;
  const isDocument = subject.kind === 'document';
  if ((subject.document !== undefined) !== isDocument || (subject.documentKind !== undefined) !== isDocument)
    throw contradiction('its subject is neither a document nor a version of a record');
  if (before.beat !== after.beat + BEATS_UNTIL_BOUNDED)
    throw contradiction('its beats are not the last one before the registration and the second one after it');
  if (!(after.instant < before.instant)) throw contradiction('its beats are not in order');
  if (Date.parse(proved) < Date.parse(before.instant) - before.skewSeconds * 1000)
    throw contradiction('it was made before the interval that it proves had ended');
  return statement;
}

/** From when to when a subject can have been registered, both ISO 8601 in UTC: as far as the clocks of a majority are right. */
export interface ProvenInterval {
  readonly from: string;
  readonly to: string;
}

export function provenInterval({ after, before }: Pick<ProofStatement, 'after' | 'before'>): ProvenInterval {
  return {
    from: moved(after.instant, -after.skewSeconds),
    to: moved(before.instant, before.skewSeconds),
  };
}

/**
 * Makes sure that a proof is signed by enough organizations: by more than half of the active members of the consortium document that
 * they signed, and by more than half of the organizations that the verifier knows. The second rule is the verifier's own: without it a few
 * organizations could sign a document that names only themselves.
 *
 * @param signers MSP ids of the organizations whose peers signed, each once.
 * @param known MSP ids of the organizations whose root certificates the verifier has.
 * @throws VitaledgerError `INTEGRITY` with `details.reason` `TOO_FEW_ORGANIZATIONS`.
 */
export function checkMajority(
  document: ConsortiumDocument,
  signers: readonly string[],
  known: readonly string[],
): void {
  const active = activeOrganizations(document);
  const [ofActive, ofKnown] = [active, known].map(
    (all) => signers.filter((mspId) => all.includes(mspId)).length,
  );
  if (isMajority(ofActive, active.length) && isMajority(ofKnown, known.length)) return;
  throw new VitaledgerError(
    'INTEGRITY',
    `Too few organizations signed: ${String(ofActive)} of the ${active.length} active members, ${String(ofKnown)} of the ${known.length} whose root certificates are known; more than half of each are needed`,
    { reason: 'TOO_FEW_ORGANIZATIONS', signers: signers.length, active: active.length, known: known.length },
  );
}

function isMajority(count: number | undefined, of: number): boolean {
  return count !== undefined && count * 2 > of;
}

function moved(instant: string, seconds: number): string {
  return new Date(Date.parse(instant) + seconds * 1000).toISOString();
}

function contradiction(what: string): VitaledgerError {
  return new VitaledgerError('INTEGRITY', `The statement contradicts itself: ${what}`, {
    reason: 'STATEMENT',
  });
}
