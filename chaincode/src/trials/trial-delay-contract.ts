import {
  canonicalJson,
  checkDelay,
  delaysOf,
  invalid,
  needsRegulator,
  readDelayEnd,
  readDelayRequest,
  type TrialDelay,
  VitaledgerError,
} from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { readJson } from '../ledger/json-text.js';
import { readRemark } from './public-text.js';
import { cardKey } from './trial-index.js';
import { putDelays, trialDelays, trialHead, trialVersion } from './trial-store.js';

/** Certificates that delay the results of trials, extensions for good cause and waivers (42 CFR 11.44, 11.54). Everything is public and final. */
@Info({ title: 'TrialDelayContract', description: 'Delays of the results of clinical trials' })
export class TrialDelayContract extends VitaledgerContract {
  constructor() {
    super('TrialDelayContract');
  }

  /** Submits a certificate, or asks for an extension or a waiver, on the day of the transaction. For the trial's sponsor. */
  @Transaction()
  @Returns('string')
  async submit(context: TransactionContext, trial: string, delay: string): Promise<string> {
    const { ledger } = context;
    const request = readDelayRequest(readJson(delay, 'delay'));
    const reason = readRemark(request.reason, 'reason');
    const { document, person } = await admit(context, 'TrialDelayContract:submit');
    const instant = await ledgerTime(ledger, document);
    const head = await trialHead(ledger, trial);
    if (head.sponsor !== person.mspId) {
      throw denied('Only the organization that registered a trial may delay its results.', 'NOT_THE_SPONSOR');
    }
    const [{ record }, card, delays] = await Promise.all([
      trialVersion(ledger, head, head.version),
      ledger.get(cardKey(head.id)),
      trialDelays(ledger, head.id),
    ]);
    if (!card) throw new VitaledgerError('INTEGRITY', 'The trial is not indexed.', { trial: head.id });
    checkDelay({ record, history: card.history, ...delaysOf(delays) }, request.kind, instant);
    const number = delays.length + 1;
    const submitted = { ...request, delay: number, reason, instant, organization: person.mspId };
    await putDelays(ledger, head, [...delays, submitted], instant);
    return canonicalJson({ trial: head.id, delay: number });
  }

  /**
   * Says how a delay ended: FDA decided on the product or the application was withdrawn (by the sponsor or a regulator), an extension or a waiver
   * was granted or denied (by a regulator alone). It is said once.
   */
  @Transaction()
  @Returns('string')
  async end(context: TransactionContext, trial: string, delay: string, end: string): Promise<string> {
    const { ledger } = context;
    const stated = readJson(end, 'end');
    const { document, person } = await admit(context, 'TrialDelayContract:end');
    const instant = await ledgerTime(ledger, document);
    const head = await trialHead(ledger, trial);
    const delays = await trialDelays(ledger, head.id);
    const found = delays.find((one) => String(one.delay) === delay);
    if (!found)
      throw new VitaledgerError('NOT_FOUND', 'The trial has no delay of this number.', { what: 'delay' });
    checkEnder(found, person, head.sponsor);
    if (found.ended)
      throw new VitaledgerError('PRECONDITION_FAILED', 'This delay has ended already.', { delay });
    const ended = readDelayEnd(stated, found);
    if (ended.date > instant.slice(0, 10)) throw invalid('end.date', 'must not lie in the future');
    const done = { ...found, ended: { ...ended, instant, organization: person.mspId } };
    await putDelays(
      ledger,
      head,
      delays.map((one) => (one === found ? done : one)),
      instant,
    );
    return canonicalJson({ trial: head.id, delay: found.delay });
  }

  /** The delays of a trial, the first one first. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext, trial: string): Promise<string> {
    const { id } = await trialHead(context.ledger, trial);
    return canonicalJson(await trialDelays(context.ledger, id));
  }
}

function checkEnder(
  { kind }: TrialDelay,
  person: { readonly mspId: string; readonly role: string },
  sponsor: string,
): void {
  if (person.role === 'regulator') return;
  if (needsRegulator(kind))
    throw denied('Only a regulator decides on an extension or a waiver.', 'NOT_A_REGULATOR');
  if (person.mspId !== sponsor) {
    throw denied(
      'Only the organization that registered a trial, or a regulator, says how its delay ended.',
      'NOT_THE_SPONSOR',
    );
  }
}
