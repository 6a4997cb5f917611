import { isInCohort, type CohortQuery, type PatientHead, type Study } from '@vitaledger/domain';
import { consentsInForce, handlesOf, prohibitionsInForce } from '../access/consents-in-force.js';
import { policyInput } from '../access/policy-input.js';
import { revocationsOf } from '../consent/revocations.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { Ledger } from '../ledger/ledger.js';

/** Whether a patient counts now, by consents and prohibitions that are neither over nor revoked. */
export async function countsIn(
  ledger: Ledger,
  document: StoredDocument,
  asked: { readonly query: CohortQuery; readonly study: Study; readonly instant: string },
  head: PatientHead,
): Promise<boolean> {
  // Who has said nothing has neither consented nor wants to be asked.
  if (head.consents.length === 0) return false;
  const { query, study, instant } = asked;
  const { study: number, question, purpose, actor } = query;
  const revoked = await revocationsOf(ledger, handlesOf(head));
  const prohibitions = prohibitionsInForce(head, ledger.custodian, revoked);
  return isInCohort(
    question,
    {
      request: {
        custodian: ledger.custodian,
        actor,
        scope: 'metadata',
        purpose,
        filter: {},
        study: number,
      },
      instant,
      study,
      ...(study.trial === undefined ? {} : { trial: study.trial }),
    },
    {
      consents: consentsInForce(head, ledger.custodian, revoked),
      prohibitions,
      ...policyInput(document, ledger.custodian, actor.mspId, { head, prohibitions }),
    },
  );
}
