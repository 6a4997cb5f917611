import {
  canonicalJson,
  checkShape,
  dataRequestState,
  invalid,
  matchDataUse,
  text,
  validateDataDecision,
  validateDataOffer,
  validateDataQuestion,
  validateReason,
  VitaledgerError,
  wholeNumber,
  type DataRequest,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerMoment, withdrawalMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { DEFAULT_PAGE } from '../ledger/page.js';
import { trialHead } from '../trials/trial-store.js';
import {
  offerKey,
  offerOf,
  requestKey,
  requestListKey,
  requestOf,
  requestsOf,
} from './data-request-store.js';
import { latestDocument } from './document-store.js';

const listing = v.strictObject({
  pageSize: v.exactOptional(wholeNumber(1, DEFAULT_PAGE)),
  bookmark: v.exactOptional(
    text(
      (value) => /^[0-9TZ:.-]{24}\/VR-[0-9a-f]{16}$/.test(String(value)),
      'must be the bookmark of the page before',
    ),
  ),
});

/**
 * Who may use the data sets of trials, and what for: terms, requests and the committee's decisions, public and final. The data
 * themselves are with the sponsor; TrialDataReleaseContract hands their keys over by what is written here.
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
    await ledger.put(requestListKey(id, document, entry), 1);
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

  /** Ends an approval at once, with a stale clock too: nothing more is collected or opened under it. For the committee, and for the sponsor. */
  @Transaction()
  @Returns('string')
  async revoke(context: TransactionContext, request: string, reason: string): Promise<string> {
    const { ledger } = context;
    const why = validateReason(reason);
    const { document: consortium, person } = await admit(context, 'TrialDataContract:revoke');
    const moment = await withdrawalMoment(ledger, consortium);
    const entry = await requestOf(ledger, request);
    const { committee } = await offerOf(ledger, entry.trial, entry.document);
    const { sponsor } = await trialHead(ledger, entry.trial);
    const own = person.role === 'ethics' ? committee : sponsor;
    if (person.mspId !== own)
      throw denied('Only the committee or the sponsor takes an approval back.', 'NOT_THE_COMMITTEE');
    if (!entry.decision || dataRequestState(entry, moment.instant) !== 'approved') {
      throw new VitaledgerError('PRECONDITION_FAILED', 'The request has no approval in force to take back.', {
        request,
        reason: 'NOT_APPROVED',
      });
    }
    const revoked = { ...moment, organization: person.mspId, reason: why };
    await ledger.put(requestKey(request), { ...entry, decision: { ...entry.decision, revoked } });
    return canonicalJson({ request });
  }

  /** The terms of a data set, with a page of the requests for it, the first one first. */
  @Transaction(false)
  @Returns('string')
  async log(context: TransactionContext, trial: string, document: string, query: string): Promise<string> {
    const { ledger } = context;
    const { pageSize = DEFAULT_PAGE, bookmark } = checkShape(listing, readJson(query, 'query'), 'query');
    const { id } = await trialHead(ledger, trial);
    const offer = await offerOf(ledger, id, document);
    const requests = [];
    let last = '';
    for await (const { name } of ledger.range(requestsOf(id, document, bookmark))) {
      if (requests.length === pageSize)
        return canonicalJson({ trial: id, document, ...offer, requests, bookmark: last });
      const entry = await requestOf(ledger, name.slice(name.indexOf('/') + 1));
      requests.push({ ...entry, state: dataRequestState(entry, context.peerTime()) });
      last = name;
    }
    return canonicalJson({ trial: id, document, ...offer, requests, bookmark: '' });
  }
}
