import {
  canonicalJson,
  checkShape,
  EMERGENCY_RECEIPT_LIFE_MS,
  invalid,
  isDenied,
  isDigest,
  isInstant,
  mayUsePurpose,
  receiptExpiry,
  RECEIPT_LIFE_MS,
  reviewShape,
  shapes,
  text,
  validateRequest,
  VitaledgerError,
  type AccessRequest,
  type ClockSettings,
  type Decision,
  type LogEntry,
  type MedicalActor,
  type ReceiptDocument,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import { readerOf } from '../consent/reader.js';
import { revocationsOf } from '../consent/revocations.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { logOf, receiptKey } from '../ledger/keys.js';
import { DEFAULT_PAGE, page, pageShape } from '../ledger/page.js';
import { logAccess, logMerged } from '../notifications/notify.js';
import { patientHead } from '../records/patient-head.js';
import { ownStudy } from '../research/study-store.js';
import { handlesOf } from './consents-in-force.js';
import { hiddenEntries } from './hidden-entries.js';
import { queueReview, reviewPage, takeReviewStep } from './emergency-reviews.js';
import {
  checkEmergencyRole,
  checkOwnRequest,
  decisionRequest,
  refuseEndedDelegation,
  requestTime,
} from './evidence.js';
import {
  decideEntry,
  decisionAbout,
  decisionsOf,
  headsOf,
  isGranted,
  personOf,
  shownDecisions,
} from './person.js';
import { ownReceipt, receiptShape } from './receipt-holder.js';
import { releasedPage } from './released-page.js';

const asking = v.strictObject({ receipt: receiptShape, actor: v.optional(v.unknown()) });
const opening = v.strictObject({ ...asking.entries, ...pageShape });
const queue = v.strictObject({
  state: v.exactOptional(v.picklist(['open', 'closed'], 'must be open or closed')),
  pageSize: pageShape.pageSize,
  bookmark: v.exactOptional(
    text((value) => typeof value === 'string', 'must be the bookmark of the page before'),
  ),
  actor: v.exactOptional(v.unknown()),
});
const reading = v.strictObject({
  patient: shapes.id,
  statement: text((value) => typeof value === 'string', 'must be a compact JWS'),
});

/**
 * Accountable reading, in two steps at the custodian: `request` commits a receipt and a log entry, whatever the answer;
 * `open` releases what consent still permits, to whom the receipt belongs, encrypted to the key named in the request.
 */
@Info({ title: 'AccessContract', description: 'Accountable access to records under consent' })
export class AccessContract extends VitaledgerContract {
  constructor() {
    super('AccessContract');
  }

  /**
   * Decides and logs a request. Permitted or not, the answer is the receipt's id: an outcome in it would be public, and
   * a refusal by an error would leave no log entry.
   */
  @Transaction()
  @Returns('string')
  async request(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const request = validateRequest(rest);
    const { document, person, via } = await admit(context, 'AccessContract:request', actor);
    refuseForeignPurpose(person, request);
    checkEmergencyRole(person, request);
    const { instant, ...clock } = await requestTime(ledger, document, request);
    const { custodian } = ledger;
    const patient = await personOf(ledger, request.patient);
    const study = await ownStudy(ledger, request.study, person.mspId);
    const by = checkOwnRequest(request, patient.asked, custodian, instant);
    const asked = decisionRequest(custodian, person, request);
    const question = { custodian, document, request: asked, instant, ...(study ? { study } : {}) };
    // What the patient signed speaks of the entry that it names, and of no other.
    const others = request.statement === undefined ? patient.merged : [];
    const decided = [patient.asked, ...others].map((entry) => decideEntry(patient, entry, question));
    const { salt, ...withoutSalt } = request;
    const who = via === undefined ? { actor: person } : { actor: person, via };
    const receipt: ReceiptDocument = {
      receipt: ledger.transactionId,
      request: withoutSalt,
      ...who,
      ...(by === undefined ? {} : { by }),
      instant,
      ...clock,
      expires: receiptExpiry(instant, request.emergency ? EMERGENCY_RECEIPT_LIFE_MS : RECEIPT_LIFE_MS),
      ...decisionsOf(decided),
      salt: derivedSalt(salt, 'receipt'),
    };
    await ledger.putPrivate(receiptKey(receipt.receipt), receipt);
    await logAccess(ledger, patient.asked, logEntry(receipt), salt);
    for (const { patient: other, decision } of receipt.merged ?? []) {
      await logMerged(ledger, other, logEntry({ ...receipt, decision }), salt);
    }
    await queueReview(ledger, receipt, salt);
    return canonicalJson({ receipt: receipt.receipt });
  }

  /** The receipt of a request with its decision, for who requested. */
  @Transaction(false)
  @Returns('string')
  async outcome(context: TransactionContext): Promise<string> {
    const { receipt, actor } = checkShape(asking, context.ledger.input, 'input');
    const { receipt: own } = await ownReceipt(context, receipt, actor);
    // Whose delegation it is, and by what it would be revoked, is not the relay's to know.
    const shown = Object.entries(own).filter(([name]) => name !== 'by');
    return canonicalJson({ ...Object.fromEntries(shown), ...shownDecisions(own) });
  }

  /**
   * One page of what the receipt opens now, encrypted to the key of the request. Decides anew, by this peer's clock, from
   * the signed statements and the public revocations; the stored decision can only take away.
   */
  @Transaction(false)
  @Returns('string')
  async open(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(opening, ledger.input, 'input');
    const { receipt, document } = await ownReceipt(context, input.receipt, input.actor);
    const now = context.peerTime();
    refuseExpired(receipt, now, document.clock);
    if (isDenied(receipt)) throw consentDenied(receipt);
    const patient = await personOf(ledger, receipt.request.patient);
    const revoked = await revocationsOf(ledger, headsOf(patient).flatMap(handlesOf));
    refuseEndedDelegation(receipt.by, patient.asked, revoked, now);
    const study = await ownStudy(ledger, receipt.request.study, receipt.actor.mspId);
    const { custodian } = ledger;
    const request = decisionRequest(custodian, receipt.actor, receipt.request);
    const question = { custodian, document, request, instant: now, revoked, ...(study ? { study } : {}) };
    const decided = headsOf(patient)
      .filter((head) => decisionAbout(receipt, head))
      .map((head) => decideEntry(patient, head, question));
    const open = decided.filter(
      ({ head, decision }) => isGranted(decision) && isGranted(decisionAbout(receipt, head)),
    );
    if (open.length === 0) throw consentDenied(receipt);
    const { items, bookmark, ...notices } = await releasedPage(ledger, receipt, open, input);
    const isHiding =
      receipt.by?.hidden !== undefined ||
      open.length < decided.length ||
      open.some(({ decision }) => mayWithhold(decision));
    if (items.length === 0 && !input.bookmark && isHiding) throw consentDenied(receipt);
    const answer = {
      receipt: receipt.receipt,
      ...shownDecisions(decisionsOf(decided)),
      records: items,
      ...notices,
    };
    return canonicalJson({ jwe: await sealAnswer(answer, receipt.request.encryptionKey), bookmark });
  }

  /** One page of a patient's access log at this custodian, oldest first, encrypted to the patient. */
  @Transaction(false)
  @Returns('string')
  async log(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    const { document } = await admit(context, 'AccessContract:log');
    const head = await patientHead(ledger, input.patient);
    const { body, delegation } = await readerOf(context, head, input.statement, 'log');
    const { bookmark: after, pageSize = DEFAULT_PAGE, encryptionKey } = body;
    const isHidden = await hiddenEntries(ledger, document, head, delegation);
    const { items: entries, bookmark } = await page(
      ledger.rangePrivate(
        logOf(head.patient, after ? entryBookmark(after, 'statement.body.bookmark') : undefined),
      ),
      pageSize,
      async (entry) => ((await isHidden(entry)) ? undefined : entry),
    );
    return sealAnswer({ entries, bookmark }, encryptionKey);
  }

  /** One page of the custodian's emergency reviews: the queue, or those closed. */
  @Transaction(false)
  @Returns('string')
  async reviews(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { state = 'open', bookmark, actor, ...size } = checkShape(queue, ledger.input, 'input');
    await admit(context, 'AccessContract:reviews', actor);
    const after = bookmark ? { bookmark: entryBookmark(bookmark, 'input.bookmark') } : {};
    const found = await reviewPage(ledger, state, { ...size, ...after });
    return canonicalJson({ reviews: found.items, bookmark: found.bookmark });
  }

  /** A second person of the custodian takes an emergency review up, or closes it with a conclusion. */
  @Transaction()
  @Returns('string')
  async review(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const input = checkShape(reviewShape, rest, 'input');
    const { document, ...acting } = await admit(context, 'AccessContract:review', actor);
    await takeReviewStep(ledger, input, acting, await ledgerTime(ledger, document));
    return '';
  }
}

function refuseForeignPurpose({ role }: MedicalActor, { purpose }: AccessRequest): void {
  if (!mayUsePurpose(role, purpose)) {
    throw denied(`The role ${role} may not ask for the purpose ${purpose}.`, 'PURPOSE_NOT_OF_ROLE');
  }
}

/** Where the clock stood still the instant is the requester's word, and must not make a receipt that lives for years. */
function refuseExpired(
  { receipt, instant, expires }: ReceiptDocument,
  now: string,
  { intervalSeconds, skewSeconds }: ClockSettings,
): void {
  const ahead = Date.parse(instant) - Date.parse(now);
  if (ahead > (intervalSeconds + skewSeconds) * 1000) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'The receipt lies in the future; make a new request.', {
      receipt,
      reason: 'RECEIPT_AHEAD',
    });
  }
  if (now >= expires) {
    throw new VitaledgerError('EXPIRED', 'The receipt has expired; make a new request.', { receipt });
  }
}

function consentDenied({ receipt }: ReceiptDocument): VitaledgerError {
  return new VitaledgerError(
    'CONSENT_DENIED',
    "The patient's consent permits nothing of what was asked, or there is nothing; the receipt's outcome explains the decision.",
    { receipt },
  );
}

/**
 * Whether consent leaves anything closed of what was asked. It is decided without looking at a record: otherwise an empty answer would tell
 * apart whether there are none or the patient withholds them, and asking for one diagnosis at a time would find them all. What a law withholds
 * by a record's origin is no secret of the patient's, and looks alike either way.
 */
function mayWithhold({ classes }: Decision): boolean {
  return Object.values(classes).some(
    ({ outcome, obligations }) => outcome === 'deny' || obligations.length > 0,
  );
}

/** One line of the patient's log. */
function logEntry({
  request,
  instant,
  actor,
  via,
  by,
  decision,
}: ReceiptDocument): Omit<LogEntry, 'receipt' | 'patient' | 'custodian' | 'salt'> {
  const { scope, purpose, filter, emergency, study } = request;
  const { evidence } = decision.request;
  return {
    instant,
    actor,
    ...(via === undefined ? {} : { via }),
    ...(by ? { delegation: { id: by.delegation, relationship: by.relationship } } : {}),
    scope,
    purpose,
    filter,
    ...(study === undefined ? {} : { study }),
    outcome: decision.outcome,
    rules: decision.rules,
    ...(decision.policy ? { policies: decision.policy.rules } : {}),
    ...(evidence ? { evidence } : {}),
    ...(emergency ? { emergency } : {}),
  };
}

/** A bookmark of the log, or of reviews, is the name of its last entry: `<instant>/<transaction id>`. */
function entryBookmark(bookmark: string, path: string): string {
  const [instant, transaction, ...rest] = bookmark.split('/');
  if (!isInstant(instant) || !isDigest(transaction) || rest.length > 0) {
    throw invalid(path, 'must be the bookmark of the page before');
  }
  return bookmark;
}
