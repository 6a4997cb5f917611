import {
  canonicalJson,
  checkShape,
  invalid,
  studyNumberShape,
  studyState,
  validateReason,
  validateStudy,
  validateVerdict,
  VitaledgerError,
  wholeNumber,
  type ConsortiumDocument,
  type Study,
  type StudyDecision,
  type StudyProposal,
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
import { studiesAfter, studyKey, studyNumber, studyOf } from './study-store.js';

const listing = v.strictObject({
  pageSize: v.exactOptional(wholeNumber(1, DEFAULT_PAGE)),
  bookmark: v.exactOptional(studyNumberShape),
});

/**
 * Studies that want patients' data: what for, and what the ethics committee of another organization says. Public, so that patients and
 * custodians can see for what they are asked.
 */
@Info({
  title: 'StudyContract',
  description: "Studies that want patients' data, and ethics committees' decisions",
})
export class StudyContract extends VitaledgerContract {
  constructor() {
    super('StudyContract');
  }

  /** Registers a study. What it says of itself never changes: another purpose is another study. */
  @Transaction()
  @Returns('string')
  async register(context: TransactionContext, proposal: string): Promise<string> {
    const { ledger } = context;
    const proposed = validateStudy(readJson(proposal, 'study'));
    const { document, person } = await admit(context, 'StudyContract:register');
    const moment = await ledgerMoment(ledger, document);
    checkCommittee(document, proposed, person.mspId);
    const number = studyNumber(ledger.transactionId);
    if (await ledger.get(studyKey(number)))
      throw new VitaledgerError('CONFLICT', 'The number is taken; submit again.');
    const study: Study = {
      study: number,
      ...proposed,
      organization: person.mspId,
      registrant: person,
      decisions: [],
      ...moment,
    };
    await ledger.put(studyKey(number), study);
    return canonicalJson({ study: number });
  }

  /** The committee's decision. A later one takes the place of the one before; none is lost. */
  @Transaction()
  @Returns('string')
  async decide(context: TransactionContext, number: string, decision: string): Promise<string> {
    const { ledger } = context;
    const { document, person } = await admit(context, 'StudyContract:decide');
    const moment = await ledgerMoment(ledger, document);
    const verdict = validateVerdict(readJson(decision, 'decision'), moment.instant);
    const study = await studyOf(ledger, number);
    checkDecides(study, person.mspId);
    await putDecisions(ledger, study, [
      ...study.decisions,
      { ...verdict, organization: person.mspId, ...moment },
    ]);
    return canonicalJson({ study: study.study, ...verdict });
  }

  /** Takes an approval back: from then on nothing is asked or released for the study. Works with a stale clock. */
  @Transaction()
  @Returns('string')
  async revoke(context: TransactionContext, number: string, reason: string): Promise<string> {
    const { ledger } = context;
    const why = validateReason(reason);
    const { document, person } = await admit(context, 'StudyContract:revoke');
    const moment = await withdrawalMoment(ledger, document);
    const study = await studyOf(ledger, number);
    checkDecides(study, person.mspId);
    const last = study.decisions.at(-1);
    if (!last || studyState(study, moment.instant) !== 'approved') {
      throw new VitaledgerError('PRECONDITION_FAILED', 'The study has no approval in force to take back.', {
        study: study.study,
        reason: 'NOT_APPROVED',
      });
    }
    const revoked = { ...moment, reason: why };
    await putDecisions(ledger, study, [...study.decisions.slice(0, -1), { ...last, revoked }]);
    return canonicalJson({ study: study.study });
  }

  /** A study with every decision on it, and where it stands by this peer's time. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext, number: string): Promise<string> {
    const study = await studyOf(context.ledger, number);
    return canonicalJson({ ...study, state: studyState(study, context.peerTime()) });
  }

  /** A page of all studies, by their numbers. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext, query: string): Promise<string> {
    const { ledger } = context;
    const { pageSize = DEFAULT_PAGE, bookmark } = checkShape(listing, readJson(query, 'query'), 'query');
    const studies = [];
    let last = '';
    for await (const { value } of ledger.range(studiesAfter(bookmark))) {
      if (studies.length === pageSize) return canonicalJson({ studies, bookmark: last });
      studies.push({ ...value, state: studyState(value, context.peerTime()) });
      last = value.study;
    }
    return canonicalJson({ studies, bookmark: '' });
  }
}

function checkCommittee(
  { organizations }: ConsortiumDocument,
  { committee }: StudyProposal,
  own: string,
): void {
  if (committee === own)
    throw denied('A study needs the committee of another organization.', 'OWN_COMMITTEE');
  const named = Object.hasOwn(organizations, committee) ? organizations[committee] : undefined;
  if (named?.status !== 'active' || !named.kinds.includes('ethics'))
    throw invalid('study.committee', 'must be an active ethics organization');
}

function checkDecides({ committee }: Study, mspId: string): void {
  if (committee !== mspId)
    throw denied('Only the committee that the study names decides.', 'NOT_THE_COMMITTEE');
}

async function putDecisions(
  ledger: TransactionContext['ledger'],
  study: Study,
  decisions: readonly StudyDecision[],
): Promise<void> {
  await ledger.put(studyKey(study.study), { ...study, decisions });
}
