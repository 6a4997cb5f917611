import {
  canonicalJson,
  checkPublicJwk,
  checkShape,
  COLLECTION_LIFE_MS,
  dataRequestState,
  MOST_COLLECTIONS,
  publicJwkShape,
  rulesAgainstRelease,
  text,
  validateHeldDataSet,
  VitaledgerError,
  type DataRequest,
  type MedicalActor,
  type PolicyInput,
  type PublicJwk,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerMoment, ledgerTime } from '../consortium/adopted-document.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { trialHead } from '../trials/trial-store.js';
import { heldDataSetKey, offerOf, requestKey, requestOf } from './data-request-store.js';
import { documentOfDigest } from './document-store.js';

const opening = v.strictObject({
  request: text((value) => /^VR-[0-9a-f]{16}$/.test(String(value)), 'must be the number of a request'),
  encryptionKey: publicJwkShape,
});

/**
 * Hands the keys of trials' data sets over: the sponsor keeps its share in its own implicit collection; who was approved collects it, on the
 * public log, and opens it at the sponsor's peer, encrypted to the key that the log names.
 */
@Info({
  title: 'TrialDataReleaseContract',
  description: 'Keys of data sets, for researchers who were approved',
})
export class TrialDataReleaseContract extends VitaledgerContract {
  constructor() {
    super('TrialDataReleaseContract');
  }

  /** Keeps, at the sponsor, where an offered data set lies and the ledger's share of its key. Again after a revision. */
  @Transaction()
  @Returns('string')
  async hold(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const held = validateHeldDataSet(ledger.input);
    const { document } = await admit(context, 'TrialDataReleaseContract:hold');
    await ledgerTime(ledger, document);
    const head = await trialHead(ledger, held.trial);
    if (head.sponsor !== ledger.custodian)
      throw denied('Only the organization that registered a trial holds its data.', 'NOT_THE_SPONSOR');
    await offerOf(ledger, held.trial, held.document);
    const registered = await documentOfDigest(ledger, held.trial, held.manifest.digest);
    if (registered.document !== held.document) {
      throw new VitaledgerError('INTEGRITY', 'The content is registered as another document of this trial.', {
        trial: held.trial,
        document: registered.document,
      });
    }
    await ledger.putPrivate(heldDataSetKey(held.trial, held.document), held);
    return '';
  }

  /** Puts on the public log that the requester collects the key now. Opens it for ten minutes. */
  @Transaction()
  @Returns('string')
  async collect(context: TransactionContext, request: string, encryptionKey: string): Promise<string> {
    const { ledger } = context;
    const key: PublicJwk = checkShape(
      publicJwkShape,
      readJson(encryptionKey, 'encryptionKey'),
      'encryptionKey',
    );
    checkPublicJwk(key, 'encryptionKey');
    const { document, person } = await admit(context, 'TrialDataReleaseContract:collect');
    const moment = await ledgerMoment(ledger, document);
    const entry = await requestOf(ledger, request);
    const { sponsor } = await trialHead(ledger, entry.trial);
    refuse(entry, person, moment.instant);
    refuseByLaw(document, sponsor, entry.requester, moment.instant);
    const collected = entry.collected ?? [];
    if (collected.length >= MOST_COLLECTIONS) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `This request was collected ${MOST_COLLECTIONS} times; make a new one.`,
        { request, reason: 'COLLECTED_TOO_OFTEN' },
      );
    }
    await ledger.put(requestKey(request), {
      ...entry,
      collected: [...collected, { ...moment, encryptionKey: key }],
    });
    return canonicalJson({ request, sponsor });
  }

  /** Where the data set lies, with the sponsor's share of its key, encrypted to the key that was collected for. At the sponsor's peer. */
  @Transaction(false)
  @Returns('string')
  async open(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { request, encryptionKey } = checkShape(opening, ledger.input, 'input');
    const { document, person } = await admit(context, 'TrialDataReleaseContract:open');
    const entry = await requestOf(ledger, request);
    const now = context.peerTime();
    refuse(entry, person, now);
    refuseByLaw(document, ledger.custodian, entry.requester, now);
    refuseUncollected(entry, encryptionKey, now);
    const held = await ledger.getPrivate(heldDataSetKey(entry.trial, entry.document));
    if (!held) {
      throw new VitaledgerError(
        'NOT_FOUND',
        'This organization holds no key of the data set; ask the sponsor, at its own peer.',
        { what: 'data-set', trial: entry.trial },
      );
    }
    const { trial, document: number, record, manifest, keyShare } = held;
    const answer = { request, trial, document: number, record, manifest, keyShare };
    return canonicalJson({ jwe: await sealAnswer(answer, encryptionKey) });
  }
}

function refuse(entry: DataRequest, person: MedicalActor, instant: string): void {
  if (canonicalJson(person) !== canonicalJson(entry.requester))
    throw denied('Only who made the request collects what it was approved for.', 'NOT_THE_REQUESTER');
  const state = dataRequestState(entry, instant);
  if (state === 'approved') return;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    `The request is ${state}; nothing is handed over for it.`,
    {
      request: entry.request,
      reason: 'NOT_APPROVED',
      state,
    },
  );
}

/** The key must have been collected for, on the log, and not long ago: NOT_FOUND also where this peer has not heard of it yet. */
function refuseUncollected({ request, collected = [] }: DataRequest, key: PublicJwk, now: string): void {
  const found = collected.findLast(
    ({ encryptionKey }) => canonicalJson(encryptionKey) === canonicalJson(key),
  );
  if (!found) {
    throw new VitaledgerError('NOT_FOUND', 'The request was not collected for this key; collect it first.', {
      what: 'collection',
      request,
    });
  }
  if (Date.parse(now) < Date.parse(found.instant) + COLLECTION_LIFE_MS) return;
  throw new VitaledgerError('EXPIRED', 'The collection is over; collect the data set again.', { request });
}

/** Throws PERMISSION_DENIED (`SECURE_ENVIRONMENT`), with the law, where it forbids that the data leave the sponsor. */
function refuseByLaw(
  { organizations, rulebook }: StoredDocument,
  custodian: string,
  recipient: MedicalActor,
  instant: string,
): void {
  const { jurisdiction: at = '' } = organizations[custodian] ?? {};
  const { jurisdiction: to = '', kinds = [] } = organizations[recipient.mspId] ?? {};
  const policy: PolicyInput | undefined = rulebook && {
    packs: rulebook,
    parties: {
      custodian: { jurisdiction: at },
      recipient: { jurisdiction: to, kinds },
      // Whose data they are is not known here; participants are where the trial is run.
      patient: { jurisdiction: at },
    },
  };
  const [rule] = rulesAgainstRelease(policy, { custodian, recipient, instant });
  if (!rule) return;
  throw new VitaledgerError(
    'PERMISSION_DENIED',
    'The law forbids that the data are handed out; they can be used where the sponsor keeps them.',
    { reason: 'SECURE_ENVIRONMENT', rule: rule.rule, citation: rule.citation },
  );
}
