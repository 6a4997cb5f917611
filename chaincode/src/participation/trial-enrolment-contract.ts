import {
  canonicalJson,
  checkReport,
  validateCounts,
  VitaledgerError,
  type ParticipantCounts,
} from '@vitaledger/domain';
import { ledgerMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import type { PublicKey, PublicRange } from '../ledger/ledger.js';
import { admitStaff } from '../prescriptions/staff.js';
import { trialHead } from '../trials/trial-store.js';

interface SiteReport extends ParticipantCounts {
  readonly instant: string;
  readonly beat: number;
}

/** All reports of a site, the first one first. */
function reportsKey(trial: string, mspId: string): PublicKey<readonly SiteReport[]> {
  return { public: `trial-enrolment/${trial}/${mspId}` };
}

function sitesOf(trial: string): PublicRange<readonly SiteReport[]> {
  return { prefix: `trial-enrolment/${trial}/` };
}

/** How many take part in a trial, as its sites report it: totals that grow in batches, so that they time nobody. */
@Info({
  title: 'TrialEnrolmentContract',
  description: 'Numbers of participants, reported by sites in batches',
})
export class TrialEnrolmentContract extends VitaledgerContract {
  constructor() {
    super('TrialEnrolmentContract');
  }

  /** A site's new totals. While the trial recruits, each grows by a batch or not at all. */
  @Transaction()
  @Returns('string')
  async report(context: TransactionContext, trial: string, counts: string): Promise<string> {
    const { ledger } = context;
    const reported = validateCounts(readJson(counts, 'counts'));
    const { document, person } = await admitStaff(context, 'TrialEnrolmentContract:report', 'investigator');
    const moment = await ledgerMoment(ledger, document);
    const head = await trialHead(ledger, trial);
    if (['draft', 'submitted', 'ethics-approved', 'registered', 'withdrawn'].includes(head.status)) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `A trial that is ${head.status} has no participants.`,
        {
          trial: head.id,
          status: head.status,
        },
      );
    }
    const key = reportsKey(head.id, person.mspId);
    const reports = (await ledger.get(key)) ?? [];
    checkReport(reported, reports.at(-1), head.status === 'recruiting');
    await ledger.put(key, [...reports, { ...reported, ...moment }]);
    return canonicalJson({ trial: head.id, ...reported });
  }

  /** All reports by site, and the sum of the latest. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext, trial: string): Promise<string> {
    const { ledger } = context;
    const { id } = await trialHead(ledger, trial);
    const sites: Record<string, readonly SiteReport[]> = {};
    const sum = { enrolled: 0, withdrawn: 0, emergencies: 0 };
    for await (const { name, value } of ledger.range(sitesOf(id))) {
      sites[name] = value;
      const { enrolled = 0, withdrawn = 0, emergencies = 0 } = value.at(-1) ?? {};
      sum.enrolled += enrolled;
      sum.withdrawn += withdrawn;
      sum.emergencies += emergencies;
    }
    return canonicalJson({ trial: id, ...sum, sites });
  }
}
