import { canonicalJson, invalid, isInstant, VitaledgerError } from '@vitaledger/domain';
import {
  delaysOf,
  diffRecords,
  evaluateClocks,
  nextStatus,
  reportedOutcomes,
  trialOutcomes,
} from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerMoment, ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { trialKey } from '../ledger/keys.js';
import { readDecision, readRecord, readRemark } from './public-text.js';
import {
  claimIdentifiers,
  putStatus,
  putTrial,
  trialDelays,
  trialHead,
  trialNumber,
  trialVersion,
  trialVersions,
} from './trial-store.js';
import { numberTaken, putNewTrials } from './new-trials.js';
import { cardKey } from './trial-index.js';
import { overdueTrials, searchTrials } from './trial-search.js';
import { readEffective, versionInForce } from './effective-time.js';
import { addStep, readStep, stepAsOf, stepsKey } from './trial-steps.js';
import type { TrialHead } from './trial.js';

/**
 * The registry of clinical trials. Everything in it is public and final: versions are only ever added, each with its
 * reason and what it changed.
 */
@Info({
  title: 'TrialRegistryContract',
  description: 'Clinical trials, their versions and their ethics approval',
})
export class TrialRegistryContract extends VitaledgerContract {
  constructor() {
    super('TrialRegistryContract');
  }

  /** Submits a trial: its first version, to be approved by an ethics organization. */
  @Transaction()
  @Returns('string')
  async register(context: TransactionContext, record: string): Promise<string> {
    const { ledger } = context;
    const first = readRecord(record);
    const { document, person } = await admit(context, 'TrialRegistryContract:register');
    const moment = await ledgerMoment(ledger, document);
    const id = trialNumber(ledger.transactionId);
    if (await ledger.get(trialKey(id))) throw numberTaken();
    await claimIdentifiers(ledger, { id, sponsor: person.mspId }, first.record);
    const registrant = { ...moment, organization: person.mspId, role: person.role };
    await putNewTrials(ledger, [{ id, ...first }], registrant);
    return canonicalJson({ trial: id, version: 1 });
  }

  /** An ethics organization's decision on the latest version; approval completes the registration. */
  @Transaction()
  @Returns('string')
  async approve(context: TransactionContext, trial: string, decision: string): Promise<string> {
    const { ledger } = context;
    const decided = readDecision(decision);
    const { document, person } = await admit(context, 'TrialRegistryContract:approve');
    const instant = await ledgerTime(ledger, document);
    const head = await trialHead(ledger, trial);
    if (head.sponsor === person.mspId) {
      throw denied('An ethics organization may not decide on its own trial.', 'OWN_TRIAL');
    }
    if (head.digest !== decided.digest) throw notTheLatest(head);
    const reviewed = nextStatus(head.status, decided.approved ? 'approve' : 'reject', [person.role]);
    const status = decided.approved ? nextStatus(reviewed, 'register', [person.role]) : reviewed;
    const approvals = [...head.approvals, { ...decided, organization: person.mspId, instant }];
    const action = decided.approved ? 'approve' : 'reject';
    await addStep(ledger, { ...head, status }, { action, instant, organization: person.mspId });
    await putStatus(ledger, { ...head, status, approvals });
    return canonicalJson({ trial: head.id, status });
  }

  /**
   * Adds a version with its reason. A trial that the ethics organization sent back is submitted again by it.
   *
   * `effective` is the instant since which it is in force, or from which on it will be; empty: that of the transaction.
   */
  @Transaction()
  @Returns('string')
  async amend(
    context: TransactionContext,
    trial: string,
    version: string,
    record: string,
    reason: string,
    effective: string,
  ): Promise<string> {
    const { ledger } = context;
    const { record: amended, digest } = readRecord(record);
    const why = readRemark(reason, 'reason');
    const { document, person } = await admit(context, 'TrialRegistryContract:amend');
    const { instant, beat } = await ledgerMoment(ledger, document);
    const head = await trialHead(ledger, trial);
    if (head.sponsor !== person.mspId) {
      throw denied('Only the organization that registered a trial may amend it.', 'NOT_THE_SPONSOR');
    }
    if (versionNumber(version) !== head.version) throw notTheLatest(head);
    const action = head.status === 'draft' ? 'submit' : 'amend';
    const status = nextStatus(head.status, action, [person.role]);
    const latest = await trialVersion(ledger, head, head.version);
    const inForce = readEffective(effective, latest, instant);
    const changes = diffRecords(latest.record, amended);
    if (changes.length === 0) throw invalid('record', 'must differ from the latest version');
    await claimIdentifiers(ledger, head, amended);
    const next = { ...head, status, version: head.version + 1, digest };
    const organization = person.mspId;
    await addStep(ledger, next, { action, instant, organization, reason: why });
    const entry = { record: amended, reason: why, changes, instant, beat, organization, digest };
    await putTrial(ledger, next, { ...entry, ...(inForce === instant ? {} : { effective: inForce }) });
    return canonicalJson({ trial: head.id, version: next.version, changes });
  }

  /** Takes a step in the trial's life, with its reason: recruits, closes recruitment, completes, terminates, withdraws, posts results. */
  @Transaction()
  @Returns('string')
  async advance(context: TransactionContext, trial: string, action: string, reason: string): Promise<string> {
    const { ledger } = context;
    const step = readStep(action);
    const why = readRemark(reason, 'reason');
    const { document, person } = await admit(context, 'TrialRegistryContract:advance');
    const instant = await ledgerTime(ledger, document);
    const head = await trialHead(ledger, trial);
    if (head.sponsor !== person.mspId) {
      throw denied('Only the organization that registered a trial may advance it.', 'NOT_THE_SPONSOR');
    }
    const status = nextStatus(head.status, step, [person.role]);
    if (step === 'post-results') {
      const { record } = await trialVersion(ledger, head, head.version);
      if (reportedOutcomes(record).length === 0) throw withoutResults();
    }
    const next = { ...head, status };
    await addStep(ledger, next, { action: step, instant, organization: person.mspId, reason: why });
    await putStatus(ledger, next);
    return canonicalJson({ trial: head.id, status });
  }

  /**
   * A trial as it stood at an instant, as far as the ledger had been told by then: its status, and the version that was the latest; or,
   * with `effective`, the version that was in force at that other instant. Two times, so that each question has one answer for ever.
   */
  @Transaction(false)
  @Returns('string')
  async asOf(context: TransactionContext, trial: string, at: string, effective: string): Promise<string> {
    const { ledger } = context;
    const head = await trialHead(ledger, trial);
    const step = await stepAsOf(ledger, head.id, at);
    const version =
      effective === '' ? step.version : await versionInForce(ledger, head, step.version, effective);
    const { record, digest, ...entry } = await trialVersion(ledger, head, version);
    const approvals = head.approvals.filter(({ instant }) => instant <= at);
    const { status, instant: since } = step;
    const inForce = { effective: entry.effective ?? entry.instant };
    return canonicalJson({ ...head, status, version, digest, approvals, record, at, since, ...inForce });
  }

  /** Every step of a trial's life, the first one first. */
  @Transaction(false)
  @Returns('string')
  async steps(context: TransactionContext, trial: string): Promise<string> {
    const { id } = await trialHead(context.ledger, trial);
    return canonicalJson((await context.ledger.get(stepsKey(id))) ?? []);
  }

  /** A trial's head with its latest record. */
  @Transaction(false)
  @Returns('string')
  async get(context: TransactionContext, trial: string): Promise<string> {
    const head = await trialHead(context.ledger, trial);
    const { record } = await trialVersion(context.ledger, head, head.version);
    return canonicalJson({ ...head, record });
  }

  /** All versions, the first one first, each with its record and what it changed. */
  @Transaction(false)
  @Returns('string')
  async history(context: TransactionContext, trial: string): Promise<string> {
    const head = await trialHead(context.ledger, trial);
    return canonicalJson(await trialVersions(context.ledger, head));
  }

  /**
   * What became of the outcomes that the last version before the trial's start announced: in every later version, and, once
   * there are results, in what they report.
   */
  @Transaction(false)
  @Returns('string')
  async outcomes(context: TransactionContext, trial: string): Promise<string> {
    const { ledger } = context;
    const head = await trialHead(ledger, trial);
    const entries = await trialVersions(ledger, head);
    const steps = (await ledger.get(stepsKey(head.id))) ?? [];
    const recruited = steps.find(({ action }) => action === 'recruit')?.instant;
    const report = trialOutcomes(
      entries.map((entry, index) => ({ ...entry, version: index + 1 })),
      recruited,
    );
    if (!report) throw new VitaledgerError('INTEGRITY', 'The trial has no version.', { trial: head.id });
    const { id, status, sponsor } = head;
    const [title = ''] = (await ledger.get(cardKey(id)))?.titles ?? [];
    return canonicalJson({ trial: id, title, status, sponsor, ...report });
  }

  /** A page of the trials that satisfy every filter of a query. */
  @Transaction(false)
  @Returns('string')
  async search(context: TransactionContext, query: string): Promise<string> {
    return canonicalJson(await searchTrials(context.ledger, query));
  }

  /** A page of duties whose limit has come, or comes soon. */
  @Transaction(false)
  @Returns('string')
  async overdue(context: TransactionContext, query: string): Promise<string> {
    return canonicalJson(await overdueTrials(context.ledger, query, context.peerTime()));
  }

  /** Where a trial stands under each regulation, at an instant. */
  @Transaction(false)
  @Returns('string')
  async clocks(context: TransactionContext, trial: string, at: string): Promise<string> {
    if (at !== '' && !isInstant(at))
      throw invalid('at', 'must be an instant such as 2026-03-01T12:00:00.000Z');
    const head = await trialHead(context.ledger, trial);
    const [{ record }, card, delays] = await Promise.all([
      trialVersion(context.ledger, head, head.version),
      context.ledger.get(cardKey(head.id)),
      trialDelays(context.ledger, head.id),
    ]);
    if (!card) throw new VitaledgerError('INTEGRITY', 'The trial is not indexed.', { trial: head.id });
    const subject = { record, history: card.history, ...delaysOf(delays) };
    const report = evaluateClocks(subject, at === '' ? context.peerTime() : at);
    return canonicalJson({ trial: head.id, ...report });
  }
}

function withoutResults(): VitaledgerError {
  return new VitaledgerError(
    'PRECONDITION_FAILED',
    'Cannot post results: the latest version reports no outcome; amend the trial with its results first.',
    { action: 'post-results' },
  );
}

function versionNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw invalid('version', 'must be the number of the latest version');
  return Number(text);
}

function notTheLatest({ id, version, digest }: TrialHead): VitaledgerError {
  return new VitaledgerError(
    'CONFLICT',
    'The trial has changed since; read its latest version and decide again.',
    {
      trial: id,
      version,
      digest,
    },
  );
}
