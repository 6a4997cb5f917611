import {
  canonicalJson,
  dataRequestState,
  invalid,
  matchDataUse,
  validateDataDecision,
  validateDataOffer,
  validateDataQuestion,
  VitaledgerError,
  type DataOffer,
  type DataRequest,
} from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import type { Ledger, PublicKey, PublicRange } from '../ledger/ledger.js';
import { trialHead } from '../trials/trial-store.js';
import { latestDocument } from './document-store.js';

function offerKey(trial: string, document: string): PublicKey<DataOffer> {
  return { public: `trial-data/${trial}/${document}` };
}

function requestKey(request: string): PublicKey<DataRequest> {
  return { public: `data-request/${request}` };
}

/** Which requests there are of a data set; entries are named by them. */
function requestsOf(trial: string, document: string): PublicRange<number> {
  return { prefix: `data-requests/${trial}/${document}/` };
}

/**
 * Who may use the data sets of trials, and what for: terms, requests and the committee's decisions, public and final. The data
 * themselves, and their keys, are with the sponsor, who hands them over by what is written here.
 */
@Info({
  title: 'TrialDataContract',
  description: 'Requests for data sets of clinical trials, and decisions on them',
})
export class TrialDataContract extends VitaledgerContract {
  constructor() {
    super('TrialDataContract');
  }

  /** Offers a registered data set under terms, once. */
  @Transaction()
  @Returns('string')
  async offer(context: TransactionContext, trial: string, document: string, offer: string): Promise<string> {
    const { ledger } = context;
    const offered = validateDataOffer(readJson(offer, 'offer'));
    const { document: consortium, person } = await admit(context, 'TrialDataContract:offer');
    await ledgerMoment(ledger, consortium);
    const head = await trialHead(ledger, trial);
    if (head.sponsor !== person.mspId)
      throw denied('Only the organization that registered a trial may offer its data.', 'NOT_THE_SPONSOR');
    const { kind } = await latestDocument(ledger, head.id, document);
    if (kind !== 'data-set') throw invalid('document', 'must be a document of the kind data-set', { kind });
    const committee = consortium.organizations[offered.committee];
    const isIndependent = offered.committee !== head.sponsor && committee?.status === 'active';
    if (!isIndependent || !committee.kinds.includes('ethics'))
      throw invalid('offer.committee', 'must be an active ethics organization other than the sponsor');
    const key = offerKey(head.id, document);
    if (await ledger.get(key)) {
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'This data set is offered already; terms under which data were collected do not change.',
        { trial: head.id, document },
      );
    }
    await ledger.put(key, offered);
    return canonicalJson({ trial: head.id, document });
  }

  /** Asks for a data set. What the terms say of the purpose is worked out at once, for the committee. */
  @Transaction()
  @Returns('string')
  async request(
    context: TransactionContext,
    trial: string,
    document: string,
    question: string,
  ): Promise<string> {
    const { ledger } = context;
    const asked = validateDataQuestion(readJson(question, 'request'));
    const { document: consortium, person } = await admit(context, 'TrialDataContract:request');
    const moment = await ledgerMoment(ledger, consortium);
    const { id } = await trialHead(ledger, trial);
    const { terms } = await offerOf(ledger, id, document);
    const match = matchDataUse(terms, asked.purpose, { instant: moment.instant });
    const request = `VR-${ledger.transactionId.slice(0, 16)}`;
    if (await ledger.get(requestKey(request)))
      throw new VitaledgerError('CONFLICT', 'The number is taken; submit again.');
    const entry: DataRequest = {
      request,
      trial: id,
      document,
      requester: person,
      ...asked,
      match,
      ...moment,
    };
    await ledger.put(requestKey(request), entry);
    await ledger.put({ public: `${requestsOf(id, document).prefix}${request}` }, 1);
    return canonicalJson({ request, outcome: match.outcome });
  }

  /** The committee's decision, once. What the terms deny cannot be approved. */
  @Transaction()
  @Returns('string')
  async decide(context: TransactionContext, request: string, decision: string): Promise<string> {
    const { ledger } = context;
    const { document: consortium, person } = await admit(context, 'TrialDataContract:decide');
    const moment = await ledgerMoment(ledger, consortium);
    const decided = validateDataDecision(readJson(decision, 'decision'), moment.instant);
    const entry = await requestOf(ledger, request);
    const { committee } = await offerOf(ledger, entry.trial, entry.document);
    if (person.mspId !== committee)
      throw denied('Only the committee that the offer names decides.', 'NOT_THE_COMMITTEE');
    if (person.mspId === entry.requester.mspId)
      throw denied('A committee may not decide on the request of its own organization.', 'OWN_REQUEST');
    if (entry.decision)
      throw new VitaledgerError('PRECONDITION_FAILED', 'This request has been decided.', { request });
    if (decided.approved && entry.match.outcome === 'deny') {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        "The data set's terms deny this purpose; a committee cannot permit what the participants were not told.",
        { request, reason: 'TERMS_DENY' },
      );
    }
    const recorded = { ...decided, ...moment, organization: person.mspId };
    await ledger.put(requestKey(request), { ...entry, decision: recorded });
    return canonicalJson({ request, ...decided });
  }

  /** A request with its decision, and where it stands by this peer's time. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext, request: string): Promise<string> {
    const entry = await requestOf(context.ledger, request);
    return canonicalJson({ ...entry, state: dataRequestState(entry, context.peerTime()) });
  }

  /** The terms of a data set, with every request for it. */
  @Transaction(false)
  @Returns('string')
  async log(context: TransactionContext, trial: string, document: string): Promise<string> {
    const { ledger } = context;
    const { id } = await trialHead(ledger, trial);
    const offer = await offerOf(ledger, id, document);
    const requests = [];
    for await (const { name } of ledger.range(requestsOf(id, document))) {
      const entry = await requestOf(ledger, name);
      requests.push({ ...entry, state: dataRequestState(entry, context.peerTime()) });
    }
    requests.sort((one, other) => (one.instant < other.instant ? -1 : 1));
    return canonicalJson({ trial: id, document, ...offer, requests });
  }
}

async function offerOf(ledger: Ledger, trial: string, document: string): Promise<DataOffer> {
  const offer = await ledger.get(offerKey(trial, document));
  if (offer) return offer;
  throw new VitaledgerError('NOT_FOUND', 'The trial offers no such data set.', { what: 'offer', trial });
}

async function requestOf(ledger: Ledger, request: string): Promise<DataRequest> {
  const entry = /^VR-[0-9a-f]{16}$/.test(request) ? await ledger.get(requestKey(request)) : undefined;
  if (entry) return entry;
  throw new VitaledgerError('NOT_FOUND', 'There is no such request for data.', { what: 'request' });
}
