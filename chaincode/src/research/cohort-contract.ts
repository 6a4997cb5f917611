import {
  canonicalJson,
  checkShape,
  COHORT_CELL,
  coarseCount,
  mayUsePurpose,
  shapes,
  spend,
  studyState,
  validateCohortAsk,
  VitaledgerError,
  wholeNumber,
  type CohortQuery,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { receiptShape, refuseOthers } from '../access/receipt-holder.js';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { DEFAULT_PAGE, page, pageShape } from '../ledger/page.js';
import { patientsAfter } from '../ledger/keys.js';
import { countsIn } from './cohort-count.js';
import {
  cohortBudgetKey,
  cohortKey,
  cohortQuery,
  cohortsAfter,
  cohortThresholdKey,
  pendingCohortKey,
  pendingCohorts,
} from './cohort-store.js';
import { ownStudy, studyOf } from './study-store.js';

/** Patients that one page of a count looks at, at most: each may cost a signature, and a transaction must stay below two seconds. */
const MAX_LOOKED_AT = 500;
const LOOKED_AT = 100;

const actor = v.exactOptional(v.unknown());
const listing = v.strictObject({ ...pageShape, actor });
const reading = v.strictObject({ receipt: receiptShape, actor });
const counting = v.strictObject({
  receipt: receiptShape,
  pageSize: v.exactOptional(wholeNumber(1, MAX_LOOKED_AT)),
  bookmark: v.exactOptional(shapes.id),
  actor,
});
const answering = v.strictObject({
  receipt: receiptShape,
  count: wholeNumber(0, 1_000_000_000),
  salt: shapes.salt,
  actor,
});

/**
 * How many patients a custodian has for a study, and never who. Who asks commits the question, which spends the study's budget and is
 * logged; the custodian's own service counts, page by page, at its own peer; what the asker reads is coarse.
 */
@Info({ title: 'CohortContract', description: 'Counts of patients for studies, in coarse numbers' })
export class CohortContract extends VitaledgerContract {
  constructor() {
    super('CohortContract');
  }

  /** Asks. Nothing can be counted before this is committed, so a transaction that is held back gives nothing. */
  @Transaction()
  @Returns('string')
  async ask(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor: named, ...rest } = ledger.input;
    const { salt, ...ask } = validateCohortAsk(rest);
    const { document, person, via } = await admit(context, 'CohortContract:ask', named);
    if (!mayUsePurpose(person.role, ask.purpose))
      throw denied(`The role ${person.role} may not ask for this purpose.`, 'PURPOSE_NOT_OF_ROLE');
    const instant = await ledgerTime(ledger, document);
    const study = await ownStudy(ledger, ask.study, person.mspId);
    if (!study || studyState(study, instant) !== 'approved') throw notApproved(ask.study);
    const receipt = ledger.transactionId;
    const budget = await ledger.getPrivate(cohortBudgetKey(ask.study));
    const spent = spend(budget, { ...ask, receipt, instant });
    await ledger.putPrivate(cohortBudgetKey(ask.study), {
      ...spent,
      // Who asks knows the salt that was sent, and must not know the one that is stored.
      salt: derivedSalt(`${budget?.salt ?? ''}${salt}`, 'cohort-budget'),
    });
    await ledger.putPrivate(cohortKey(receipt), {
      ...ask,
      receipt,
      actor: person,
      ...(via === undefined ? {} : { via }),
      instant,
      salt: derivedSalt(salt, 'cohort'),
    });
    await ledger.putPrivate(pendingCohortKey(receipt), {
      receipt,
      salt: derivedSalt(salt, 'cohort-pending'),
    });
    return canonicalJson({ receipt });
  }

  /** A page of the questions that wait for an answer. */
  @Transaction(false)
  @Returns('string')
  async pending(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const asked = checkShape(listing, ledger.input, 'input');
    await admit(context, 'CohortContract:pending', asked.actor);
    const waiting = ledger.rangePrivate(pendingCohorts(asked.bookmark));
    const found = await page(waiting, asked.pageSize ?? DEFAULT_PAGE, ({ receipt }) => receipt);
    return canonicalJson({ receipts: found.items, bookmark: found.bookmark });
  }

  /**
   * Counts one page of patients, by their ids, for the custodian's own service, which adds the pages up. By this peer's time and what is in
   * force now: a patient who consents or withdraws while the pages are turned may count or not.
   */
  @Transaction(false)
  @Returns('string')
  async count(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const asked = checkShape(counting, ledger.input, 'input');
    const { document } = await admit(context, 'CohortContract:count', asked.actor);
    const query = await cohortQuery(ledger, asked.receipt);
    const study = await studyOf(ledger, query.study);
    const instant = context.peerTime();
    const heads = await page(
      ledger.rangePrivate(patientsAfter(asked.bookmark)),
      asked.pageSize ?? LOOKED_AT,
      (head) => head,
    );
    let counted = 0;
    for (const head of heads.items)
      if (await countsIn(ledger, document, { query, study, instant }, head)) counted += 1;
    return canonicalJson({ counted, looked: heads.items.length, bookmark: heads.bookmark });
  }

  /** Answers: what is stored and told is coarse; the exact number stays with the service that counted. Once. */
  @Transaction()
  @Returns('string')
  async answer(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { receipt, count, salt, actor: named } = checkShape(answering, ledger.input, 'input');
    const { document } = await admit(context, 'CohortContract:answer', named);
    const instant = await ledgerTime(ledger, document);
    const query = await cohortQuery(ledger, receipt);
    if (query.answer) {
      throw new VitaledgerError('ALREADY_EXISTS', 'This question has been answered.', { what: 'answer' });
    }
    const thresholdKey = cohortThresholdKey(query.study, query.question);
    const known = await ledger.getPrivate(thresholdKey);
    const secret = known?.salt ?? derivedSalt(salt, 'cohort-threshold');
    if (!known) await ledger.putPrivate(thresholdKey, { salt: secret });
    await ledger.putPrivate(cohortKey(receipt), {
      ...query,
      answer: { count: coarseCount(count, secret), cell: COHORT_CELL, instant },
      // The asker is told the number and must not be able to check anything else by the public hash.
      salt: derivedSalt(`${query.salt}${salt}`, 'cohort'),
    });
    await ledger.purgePrivate(pendingCohortKey(receipt));
    return '';
  }

  /** The answer, encrypted to the key that the question named. For who asked. */
  @Transaction(false)
  @Returns('string')
  async read(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const asked = checkShape(reading, ledger.input, 'input');
    const query = await cohortQuery(ledger, asked.receipt);
    await refuseOthers(context, query, asked.actor);
    const state = studyState(await studyOf(ledger, query.study), context.peerTime());
    // An approval that ran out covered the question; one that was taken back covers nothing.
    if (state === 'revoked' || state === 'refused') throw notApproved(query.study);
    if (!query.answer) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        'The custodian has not counted yet; ask again later.',
        {
          reason: 'NOT_ANSWERED_YET',
        },
      );
    }
    return sealAnswer(shownOf(query), query.encryptionKey);
  }

  /** A page of all questions and answers, in no order of time. */
  @Transaction(false)
  @Returns('string')
  async log(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const asked = checkShape(listing, ledger.input, 'input');
    await admit(context, 'CohortContract:log', asked.actor);
    const all = ledger.rangePrivate(cohortsAfter(asked.bookmark));
    const found = await page(all, asked.pageSize ?? DEFAULT_PAGE, (query) => ({
      ...shownOf(query),
      actor: query.actor,
      ...(query.via === undefined ? {} : { via: query.via }),
    }));
    return canonicalJson({ queries: found.items, bookmark: found.bookmark });
  }
}

function notApproved(study: string): VitaledgerError {
  return new VitaledgerError(
    'PRECONDITION_FAILED',
    "Counts are for studies that an ethics committee has approved; the study's approval is missing or over.",
    { reason: 'NOT_APPROVED', study },
  );
}

function shownOf({
  receipt,
  study,
  question,
  purpose,
  instant,
  answer,
}: CohortQuery): Omit<CohortQuery, 'salt' | 'encryptionKey' | 'actor'> {
  return { receipt, study, question, purpose, instant, ...(answer ? { answer } : {}) };
}
