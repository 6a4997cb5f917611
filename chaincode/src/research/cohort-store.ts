import { VitaledgerError, type CohortBudget, type CohortQuery } from '@vitaledger/domain';
import type { Ledger, PrivateKey, PrivateRange, Salted } from '../ledger/ledger.js';

/*
 * At the custodian, in its implicit collection: `cohort/<receipt>` a question with its answer, `cohort-pending/<receipt>` until it is
 * answered, `cohort-budget/<study>` what a study has asked so far, `cohort-threshold/<study>/<question>` where its cells begin.
 */

export function cohortKey(receipt: string): PrivateKey<CohortQuery> {
  return { private: `cohort/${receipt}` };
}

/** All questions, in no order of time. */
export function cohortsAfter(bookmark?: string): PrivateRange<CohortQuery> {
  return { prefix: 'cohort/', after: bookmark };
}

export function pendingCohortKey(receipt: string): PrivateKey<Salted & { readonly receipt: string }> {
  return { private: `cohort-pending/${receipt}` };
}

export function pendingCohorts(bookmark?: string): PrivateRange<Salted & { readonly receipt: string }> {
  return { prefix: 'cohort-pending/', after: bookmark };
}

export function cohortBudgetKey(study: string): PrivateKey<CohortBudget> {
  return { private: `cohort-budget/${study}` };
}

/** Its salt is the secret. */
export function cohortThresholdKey(study: string, question: string): PrivateKey<Salted> {
  return { private: `cohort-threshold/${study}/${question}` };
}

/** A question by its receipt. Throws NOT_FOUND. */
export async function cohortQuery(ledger: Ledger, receipt: string): Promise<CohortQuery> {
  const query = await ledger.getPrivate(cohortKey(receipt));
  if (query) return query;
  throw new VitaledgerError('NOT_FOUND', 'This custodian was asked no such question for a cohort.', {
    what: 'cohort',
  });
}
