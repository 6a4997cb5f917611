import {
  canonicalJson,
  checkShape,
  decide,
  decideRecord,
  invalid,
  isDigest,
  isInstant,
  isWanted,
  mayUsePurpose,
  metadataOnly,
  receiptExpiry,
  requesterView,
  shapes,
  text,
  validateRequest,
  VitaledgerError,
  type AccessRequest,
  type Decision,
  type DecisionInput,
  type DecisionRequest,
  type MedicalActor,
  type ReceiptDocument,
  type RecordMetadata,
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
import { DEFAULT_PAGE, page, pageShape, type Page } from '../ledger/page.js';
import { logAccess } from '../notifications/notify.js';
import { patientHead } from '../records/patient-head.js';
import { consentsInForce, handlesOf, prohibitionsInForce } from './consents-in-force.js';
import { hiddenEntries } from './hidden-entries.js';
import { ownReceipt, receiptShape } from './receipt-holder.js';
import { requestedRecords } from './requested-records.js';

const asking = v.strictObject({ receipt: receiptShape, actor: v.optional(v.unknown()) });
const opening = v.strictObject({ ...asking.entries, ...pageShape });
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
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, request.patient);
    const asked = decisionRequest(ledger.custodian, person, request);
    const decision = decide({
      consents: consentsInForce(head, ledger.custodian),
      prohibitions: prohibitionsInForce(head, ledger.custodian),
      request: asked,
      instant,
    });
    const { salt, ...withoutSalt } = request;
    const who = via === undefined ? { actor: person } : { actor: person, via };
    const receipt = ledger.transactionId;
    await ledger.putPrivate(receiptKey(receipt), {
      receipt,
      request: withoutSalt,
      ...who,
      instant,
      expires: receiptExpiry(instant),
      decision,
      salt: derivedSalt(salt, 'receipt'),
    });
    const entry = {
      instant,
      ...who,
      scope: request.scope,
      purpose: request.purpose,
      filter: request.filter,
      outcome: decision.outcome,
      rules: decision.rules,
    };
    await logAccess(ledger, head, entry, salt);
    return canonicalJson({ receipt });
  }

  /** The receipt of a request with its decision, for who requested. */
  @Transaction(false)
  @Returns('string')
  async outcome(context: TransactionContext): Promise<string> {
    const { receipt, actor } = checkShape(asking, context.ledger.input, 'input');
    const document = await ownReceipt(context, receipt, actor);
    return canonicalJson({ ...document, decision: requesterView(document.decision) });
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
    const receipt = await ownReceipt(context, input.receipt, input.actor);
    const now = context.peerTime();
    refuseExpired(receipt, now);
    if (receipt.decision.outcome === 'deny') throw consentDenied(receipt);
    const head = await patientHead(ledger, receipt.request.patient);
    const revoked = await revocationsOf(ledger, handlesOf(head));
    const deciding: DecisionInput = {
      consents: consentsInForce(head, ledger.custodian, revoked),
      prohibitions: prohibitionsInForce(head, ledger.custodian, revoked),
      request: decisionRequest(ledger.custodian, receipt.actor, receipt.request),
      instant: now,
    };
    const decision = decide(deciding);
    if (decision.outcome === 'deny') throw consentDenied(receipt);
    const { items, bookmark } = await permittedPage(context, receipt, deciding, input);
    if (items.length === 0 && !input.bookmark && mayWithhold(decision)) throw consentDenied(receipt);
    const answer = { receipt: receipt.receipt, decision: requesterView(decision), records: items };
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
      ledger.rangePrivate(logOf(head.patient, after ? logBookmark(after) : undefined)),
      pageSize,
      async (entry) => ((await isHidden(entry)) ? undefined : entry),
    );
    return sealAnswer({ entries, bookmark }, encryptionKey);
  }
}

function decisionRequest(
  custodian: string,
  actor: MedicalActor,
  { scope, purpose, filter }: Pick<AccessRequest, 'scope' | 'purpose' | 'filter'>,
): DecisionRequest {
  return { custodian, actor, scope, purpose, filter };
}

function refuseForeignPurpose({ role }: MedicalActor, { purpose }: AccessRequest): void {
  if (!mayUsePurpose(role, purpose)) {
    throw denied(`The role ${role} may not ask for the purpose ${purpose}.`, 'PURPOSE_NOT_OF_ROLE');
  }
}

function refuseExpired({ receipt, expires }: ReceiptDocument, now: string): void {
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
 * apart whether there are none or the patient withholds them, and asking for one diagnosis at a time would find them all.
 */
function mayWithhold({ classes }: Decision): boolean {
  return Object.values(classes).some(({ outcome }) => outcome !== 'permit');
}

/** The permitted records among those asked for that were registered no later than the request. */
async function permittedPage(
  { ledger }: TransactionContext,
  receipt: ReceiptDocument,
  deciding: DecisionInput,
  { pageSize = DEFAULT_PAGE, bookmark: after }: { readonly pageSize?: number; readonly bookmark?: string },
): Promise<Page<object>> {
  const { patient, filter, scope } = receipt.request;
  const choose = (record: RecordMetadata): object | undefined => {
    if (record.registered > receipt.instant || !isWanted(record, filter)) return undefined;
    if (decideRecord(deciding, record).outcome !== 'permit') return undefined;
    return scope === 'content' ? record : metadataOnly(record);
  };
  return page(requestedRecords(ledger, patient, filter, after), pageSize, choose);
}

/** A bookmark of the log is the name of its last entry: `<instant>/<transaction id>`. */
function logBookmark(bookmark: string): string {
  const [instant, transaction, ...rest] = bookmark.split('/');
  if (!isInstant(instant) || !isDigest(transaction) || rest.length > 0) {
    throw invalid('statement.body.bookmark', 'must be the bookmark of the page before');
  }
  return bookmark;
}
