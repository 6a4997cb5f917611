import {
  canonicalJson,
  invalid,
  isBeforeRecruitment,
  isDigest,
  isLatePlan,
  randomizationCommitment,
  VitaledgerError,
  type AnalysisRecord,
  type CommittedList,
  type TrialDocumentVersion,
  type Unblinding,
} from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import type { GuardedFunction } from '../authorization/permissions.js';
import { ledgerMoment, type LedgerMoment } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import type { Ledger, PublicKey } from '../ledger/ledger.js';
import { documentOfDigest, documentsOf, documentVersion } from '../trial-documents/document-store.js';
import { readRemark } from '../trials/public-text.js';
import { trialHead } from '../trials/trial-store.js';
import type { TrialHead } from '../trials/trial.js';

const PLAN = 'statistical-analysis-plan';
const MOST_LISTS = 100;

function analysisKey(trial: string): PublicKey<AnalysisRecord> {
  return { public: `trial-analysis/${trial}` };
}

/**
 * What a trial commits to before it knows its results: the randomization list, and the analysis plan before the data are
 * unblinded. Emergencies of single participants are no business of this public contract.
 */
@Info({
  title: 'TrialAnalysisContract',
  description: 'Randomization lists and unblinding of clinical trials',
})
export class TrialAnalysisContract extends VitaledgerContract {
  constructor() {
    super('TrialAnalysisContract');
  }

  /** Commits to a randomization list without showing it. One that comes after the trial has begun to recruit is kept as late. */
  @Transaction()
  @Returns('string')
  async commitList(context: TransactionContext, trial: string, commitment: string): Promise<string> {
    if (!isDigest(commitment)) {
      throw invalid('commitment', 'must be 256 bits in 64 lower-case hexadecimal digits');
    }
    const { head, record, moment } = await begin(context, 'TrialAnalysisContract:commitList', trial);
    if (record.unblinding) throw unblinded('A list that comes after the unblinding commits to nothing.');
    if (record.lists.some((list) => list.commitment === commitment))
      throw new VitaledgerError('ALREADY_EXISTS', 'This list is committed to already.', { trial: head.id });
    if (record.lists.length >= MOST_LISTS)
      throw invalid('commitment', `must be one of at most ${MOST_LISTS} lists of a trial`);
    const late = !isBeforeRecruitment(head.status);
    const list: CommittedList = { commitment, late, ...moment };
    await context.ledger.put(analysisKey(head.id), { ...record, lists: [...record.lists, list] });
    return canonicalJson({ trial: head.id, list: record.lists.length + 1, late });
  }

  /**
   * Records that the data were unblinded for analysis, with the analysis plan in force then. Without a plan it is refused,
   * unless the sponsor declares with `none` that there was none: what has happened shall be on record, as what it was.
   */
  @Transaction()
  @Returns('string')
  async unblind(context: TransactionContext, trial: string, plan: string, reason: string): Promise<string> {
    if (plan !== 'none' && !isDigest(plan))
      throw invalid('plan', 'must be the digest of the analysis plan, or "none"');
    const why = readRemark(reason, 'reason');
    const { head, record, moment } = await begin(context, 'TrialAnalysisContract:unblind', trial);
    if (isBeforeRecruitment(head.status) || head.status === 'withdrawn') {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `A trial that is ${head.status} has no data to be unblinded; it must have recruited first.`,
        { trial: head.id, status: head.status },
      );
    }
    if (record.unblinding) throw unblinded('That the trial was unblinded is on record, once and for ever.');
    const named = plan === 'none' ? null : await planOf(context.ledger, head.id, plan);
    const unblinding: Unblinding = { ...moment, plan: named, reason: why };
    await context.ledger.put(analysisKey(head.id), { ...record, unblinding });
    return canonicalJson({ trial: head.id, ...unblinding });
  }

  /** Shows the digest and salt of a list that was committed to, so that whoever has the list can check it. Only after the unblinding. */
  @Transaction()
  @Returns('string')
  async revealList(
    context: TransactionContext,
    trial: string,
    number: string,
    digest: string,
    salt: string,
  ): Promise<string> {
    const commitment = randomizationCommitment(digest, salt);
    const { head, record, moment } = await begin(context, 'TrialAnalysisContract:revealList', trial);
    const list = /^[1-9]\d{0,2}$/.test(number) ? record.lists[Number(number) - 1] : undefined;
    if (!list) {
      throw new VitaledgerError('NOT_FOUND', 'The trial has no randomization list of this number.', {
        what: 'list',
        lists: record.lists.length,
      });
    }
    if (!record.unblinding) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        'To show a randomization list would break the blind: record the unblinding first.',
        { trial: head.id },
      );
    }
    if (list.revealed)
      throw new VitaledgerError('ALREADY_EXISTS', 'This list has been revealed.', { trial: head.id });
    if (list.commitment !== commitment) {
      throw new VitaledgerError(
        'INTEGRITY',
        'This is not the list that was committed to: digest and salt give another commitment.',
        { trial: head.id, list: Number(number), commitment: list.commitment },
      );
    }
    const revealed = { digest, salt, ...moment };
    const lists = record.lists.map((one) => (one === list ? { ...list, revealed } : one));
    await context.ledger.put(analysisKey(head.id), { ...record, lists });
    return canonicalJson({ trial: head.id, list: Number(number) });
  }

  /** What the trial committed to and when, with every version of its analysis plan; those after the unblinding are late. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext, trial: string): Promise<string> {
    const { ledger } = context;
    const { id } = await trialHead(ledger, trial);
    const record = (await ledger.get(analysisKey(id))) ?? { lists: [] };
    const plans = (await plansOf(ledger, id)).map((plan) => ({
      ...plan,
      late: isLatePlan(plan, record.unblinding),
    }));
    return canonicalJson({ trial: id, ...record, plans });
  }
}

interface Begun {
  readonly head: TrialHead;
  readonly record: AnalysisRecord;
  readonly moment: LedgerMoment;
}

/** Lets the sponsor in, and reads what stands there. */
async function begin(context: TransactionContext, name: GuardedFunction, trial: string): Promise<Begun> {
  const { ledger } = context;
  const { document, person } = await admit(context, name);
  const moment = await ledgerMoment(ledger, document);
  const head = await trialHead(ledger, trial);
  if (head.sponsor !== person.mspId) {
    throw denied('Only the organization that registered a trial commits it to anything.', 'NOT_THE_SPONSOR');
  }
  return { head, moment, record: (await ledger.get(analysisKey(head.id))) ?? { lists: [] } };
}

async function planOf(ledger: Ledger, trial: string, wanted: string): Promise<Unblinding['plan']> {
  const found = await documentOfDigest(ledger, trial, wanted).catch((error: unknown) => {
    if (!(error instanceof VitaledgerError) || error.code !== 'NOT_FOUND') throw error;
    return undefined;
  });
  if (found?.kind !== PLAN) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'The analysis plan must be registered before the data are unblinded. If they were unblinded without one, say so: plan "none".',
      { trial, reason: 'NO_ANALYSIS_PLAN' },
    );
  }
  const { document, version, digest } = found;
  return { document, version, digest };
}

async function plansOf(ledger: Ledger, trial: string): Promise<readonly TrialDocumentVersion[]> {
  const plans: TrialDocumentVersion[] = [];
  for await (const { value: latest } of ledger.range(documentsOf(trial))) {
    if (latest.kind !== PLAN) continue;
    for (let version = 1; version <= latest.version; version++)
      plans.push(await documentVersion(ledger, trial, { document: latest.document, version }));
  }
  return plans.sort((one, other) => (one.instant < other.instant ? -1 : 1));
}

function unblinded(message: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', message, { reason: 'UNBLINDED' });
}
