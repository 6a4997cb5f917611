import { isInCohort, isReplaced, type CohortQuery, type PatientHead, type Study } from '@vitaledger/domain';
import { handlesOf } from '../access/consents-in-force.js';
import { decisionInput, headsOf } from '../access/person.js';
import { revocationsOf } from '../consent/revocations.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { Ledger } from '../ledger/ledger.js';
import { mergedHeads } from '../records/merged-heads.js';

/**
 * Whether a patient counts now, by consents and prohibitions that are neither over nor revoked. A person with merged entries counts once, at
 * the surviving one, by what was said in any of them.
 */
export async function countsIn(
  ledger: Ledger,
  document: StoredDocument,
  asked: { readonly query: CohortQuery; readonly study: Study; readonly instant: string },
  head: PatientHead,
): Promise<boolean> {
  if (isReplaced(head)) return false;
  const person = { asked: head, merged: await mergedHeads(ledger, head) };
  const heads = headsOf(person);
  // Who has said nothing has neither consented nor wants to be asked.
  if (heads.every(({ consents }) => consents.length === 0)) return false;
  const { query, study, instant } = asked;
  const { study: number, question, purpose, actor } = query;
  const { custodian } = ledger;
  const revoked = await revocationsOf(ledger, heads.flatMap(handlesOf));
  const request = { custodian, actor, scope: 'metadata' as const, purpose, filter: {}, study: number };
  return isInCohort(
    question,
    { request, instant, study, ...(study.trial === undefined ? {} : { trial: study.trial }) },
    heads.map((entry) =>
      decisionInput(person, entry, { custodian, document, request, instant, revoked, study }),
    ),
  );
}
