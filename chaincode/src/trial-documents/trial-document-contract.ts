import {
  canonicalJson,
  checkShape,
  invalid,
  isDigest,
  isDocumentNumber,
  text,
  validateTrialDocument,
  VitaledgerError,
  wholeNumber,
  type MedicalActor,
  type TrialDocumentDescription,
  type TrialDocumentVersion,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { readRemark } from '../trials/public-text.js';
import { trialHead } from '../trials/trial-store.js';
import type { TrialHead } from '../trials/trial.js';
import {
  documentKey,
  documentNumber,
  documentOfDigest,
  documentsOf,
  documentVersion,
  latestDocument,
  putDocument,
} from './document-store.js';

const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;

const pageShape = v.strictObject({
  pageSize: v.exactOptional(wholeNumber(1, MAX_PAGE)),
  bookmark: v.exactOptional(
    text((value) => isDocumentNumber(String(value)), 'must be the bookmark of the page before'),
  ),
});

/**
 * The documents of trials, by their digests: protocol, analysis plan, consent form, ethics letter, results, data sets. The
 * content stays with its holder; what is here shows later whether a file is the one that was registered, and when.
 */
@Info({ title: 'TrialDocumentContract', description: 'Documents of clinical trials by their digests' })
export class TrialDocumentContract extends VitaledgerContract {
  constructor() {
    super('TrialDocumentContract');
  }

  /** Registers a document: its first version. */
  @Transaction()
  @Returns('string')
  async register(context: TransactionContext, trial: string, description: string): Promise<string> {
    const { ledger } = context;
    const described = validateTrialDocument(readJson(description, 'document'));
    const { document: consortium, person } = await admit(context, 'TrialDocumentContract:register');
    const moment = await ledgerMoment(ledger, consortium);
    const head = await trialHead(ledger, trial);
    checkAuthor(head, person, described);
    const document = documentNumber(ledger.transactionId);
    if (await ledger.get(documentKey(head.id, document)))
      throw new VitaledgerError('CONFLICT', 'The number is taken; submit again.');
    const organization = person.mspId;
    await putDocument(ledger, head.id, { ...described, document, version: 1, ...moment, organization });
    return canonicalJson({ trial: head.id, document, version: 1 });
  }

  /** Adds a version of a document, with its reason. What was registered before stays. */
  @Transaction()
  @Returns('string')
  async revise(
    context: TransactionContext,
    trial: string,
    document: string,
    version: string,
    description: string,
    reason: string,
  ): Promise<string> {
    const { ledger } = context;
    const described = validateTrialDocument(readJson(description, 'document'));
    const why = readRemark(reason, 'reason');
    const { document: consortium, person } = await admit(context, 'TrialDocumentContract:revise');
    const moment = await ledgerMoment(ledger, consortium);
    const head = await trialHead(ledger, trial);
    checkAuthor(head, person, described);
    const latest = await latestDocument(ledger, head.id, document);
    checkSuccessor(latest, version, described, person.mspId, moment.instant);
    const next = latest.version + 1;
    const organization = person.mspId;
    const revised = { ...described, document, version: next, reason: why, ...moment, organization };
    await putDocument(ledger, head.id, revised);
    return canonicalJson({ trial: head.id, document, version: next });
  }

  /** A page of the latest version of each of a trial's documents, in the order of their numbers. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext, trial: string, query: string): Promise<string> {
    const { pageSize = DEFAULT_PAGE, bookmark } = checkShape(pageShape, readJson(query, 'query'), 'query');
    const { id } = await trialHead(context.ledger, trial);
    const documents: TrialDocumentVersion[] = [];
    for await (const { name, value } of context.ledger.range(documentsOf(id, bookmark))) {
      if (documents.length === pageSize) return canonicalJson({ documents, bookmark: name });
      documents.push(value);
    }
    return canonicalJson({ documents, bookmark: '' });
  }

  /** All versions of a document, the first one first. */
  @Transaction(false)
  @Returns('string')
  async history(context: TransactionContext, trial: string, document: string): Promise<string> {
    const { ledger } = context;
    const { id } = await trialHead(ledger, trial);
    const { version: latest } = await latestDocument(ledger, id, document);
    const versions: TrialDocumentVersion[] = [];
    for (let version = 1; version <= latest; version++)
      versions.push(await documentVersion(ledger, id, { document, version }));
    return canonicalJson(versions);
  }

  /** The version that has this digest: what a file is, if it is a document of the trial. */
  @Transaction(false)
  @Returns('string')
  async find(context: TransactionContext, trial: string, digest: string): Promise<string> {
    if (!isDigest(digest)) throw invalid('digest', 'must be 256 bits in 64 lower-case hexadecimal digits');
    const { id } = await trialHead(context.ledger, trial);
    return canonicalJson(await documentOfDigest(context.ledger, id, digest));
  }
}

/** The trial's sponsor registers its documents; an ethics organization the letters it wrote. */
function checkAuthor(head: TrialHead, person: MedicalActor, { kind }: TrialDocumentDescription): void {
  if (person.role === 'ethics') {
    if (kind !== 'ethics-letter')
      throw denied(
        "An ethics organization registers its letters; other documents are the sponsor's.",
        'KIND',
      );
    if (person.mspId === head.sponsor)
      throw denied('An ethics organization may not decide on its own trial.', 'OWN_TRIAL');
  } else if (person.mspId !== head.sponsor) {
    throw denied(
      'Only the organization that registered a trial may register its documents.',
      'NOT_THE_SPONSOR',
    );
  }
}

function checkSuccessor(
  latest: TrialDocumentVersion,
  version: string,
  described: TrialDocumentDescription,
  organization: string,
  instant: string,
): void {
  if (latest.organization !== organization) {
    throw denied('Only the organization that registered a document may add a version.', 'NOT_THE_AUTHOR');
  }
  if (described.kind !== latest.kind) {
    throw invalid('document.kind', 'must be the kind of the versions before; register another document', {
      kind: latest.kind,
    });
  }
  if (String(latest.version) !== version || instant < latest.instant) {
    throw new VitaledgerError(
      'CONFLICT',
      'The document has changed since; read its latest version and revise that one.',
      { document: latest.document, version: latest.version, digest: latest.digest },
    );
  }
}
