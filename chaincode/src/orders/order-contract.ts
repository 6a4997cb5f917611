import {
  canonicalJson,
  checkOrderClasses,
  checkOrderInTime,
  checkOrderSecret,
  checkShape,
  invalid,
  isAccepted,
  orderState,
  receiptExpiry,
  reportHandover,
  requestHandover,
  shapes,
  validateAcceptance,
  validatePlacing,
  validateResult,
  validateShowing,
  VitaledgerError,
  type Handover,
  type OrderSide,
  type RecordMetadata,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { receiptShape, refuseOthers } from '../access/receipt-holder.js';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { awaitedKey, orderKey, orderReceiptKey, taskKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { logAccess, notify } from '../notifications/notify.js';
import { currentRecord } from '../records/held-record.js';
import { patientHead } from '../records/patient-head.js';
import { awaitedPage, awaitedShape, placementsPage, placementsShape } from './lists.js';
import {
  acceptedTask,
  checkPartner,
  deed,
  failed,
  knownTask,
  missing,
  placedOrder,
  refuseCancelled,
  taken,
} from './parts.js';

const actor = v.exactOptional(v.unknown());
const naming = v.strictObject({ order: shapes.id, actor });
const opening = v.strictObject({ receipt: receiptShape, actor });
const asking = v.strictObject({ order: shapes.id, secret: shapes.digest, actor });
const acknowledging = v.strictObject({ order: shapes.id, secret: shapes.digest, salt: shapes.salt, actor });
/**
 * Laboratory orders and referrals between two organizations. Each keeps its own part in its own collection: the requester
 * the order with the records that travel along, the performer what came of it. Each opens its part to the other, and to
 * nobody else, against a secret that the requester made; nothing public says that there is an order.
 */
@Info({ title: 'OrderContract', description: 'Laboratory orders and referrals' })
export class OrderContract extends VitaledgerContract {
  constructor() {
    super('OrderContract');
  }

  /** Keeps an order at the requester's organization. */
  @Transaction()
  @Returns('string')
  async place(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor: named, ...rest } = ledger.input;
    const placing = validatePlacing(rest);
    const { document, ...acting } = await admit(context, 'OrderContract:place', named);
    const instant = await ledgerTime(ledger, document);
    if (placing.validUntil <= instant) throw invalid('input.validUntil', 'must lie in the future');
    await patientHead(ledger, placing.patient);
    const records = await currentRecords(ledger, placing);
    checkOrderClasses('request', placing.kind, classesOf(records));
    if (await ledger.getPrivate(orderKey(placing.order))) throw taken();
    await ledger.putPrivate(orderKey(placing.order), { ...placing, placed: deed(acting, instant) });
    return '';
  }

  /** An order as it was placed, for the requester's organization. */
  @Transaction(false)
  @Returns('string')
  async placed(context: TransactionContext): Promise<string> {
    const { order, actor: named } = checkShape(naming, context.ledger.input, 'input');
    await admit(context, 'OrderContract:placed', named);
    return canonicalJson(await placedOrder(context.ledger, order));
  }

  /** Notes at the performer's organization that it takes an order. */
  @Transaction()
  @Returns('string')
  async accept(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor: named, ...rest } = ledger.input;
    const acceptance = validateAcceptance(rest);
    const { document, ...acting } = await admit(context, 'OrderContract:accept', named);
    const instant = await ledgerTime(ledger, document);
    checkOrderInTime(acceptance.validUntil, instant);
    await patientHead(ledger, acceptance.patient);
    const known = await ledger.getPrivate(taskKey(acceptance.order));
    if (known && isAccepted(known)) throw taken();
    // Whoever else knew the id could have called off what is not theirs.
    const { requester, opens } = acceptance;
    if (known?.requester === requester && known.opens === opens) refuseCancelled(known);
    await ledger.putPrivate(taskKey(acceptance.order), { ...acceptance, accepted: deed(acting, instant) });
    return '';
  }

  /** What came of an order: records registered at the performer's organization before. The patient is notified. */
  @Transaction()
  @Returns('string')
  async result(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor: named, ...rest } = ledger.input;
    const { order, records, critical, salt } = validateResult(rest);
    const { document, ...acting } = await admit(context, 'OrderContract:result', named);
    const instant = await ledgerTime(ledger, document);
    const task = await acceptedTask(ledger, order);
    refuseCancelled(task);
    if (task.result) throw failed('RESULTED', 'This order has its result; amend the records of it instead.');
    const { patient, kind, requester } = task;
    checkOrderClasses('report', kind, classesOf(await currentRecords(ledger, { patient, records })));
    const result = { ...deed(acting, instant), records, critical };
    await ledger.putPrivate(taskKey(order), { ...task, result, salt: derivedSalt(salt, 'head') });
    await ledger.putPrivate(awaitedKey(order), {
      order,
      requester,
      critical,
      resulted: instant,
      salt: derivedSalt(salt, 'receipt'),
    });
    await notify(ledger, await patientHead(ledger, patient), { kind: 'result', instant, salt });
    return '';
  }

  /**
   * Takes the secret of one side of an order from the other organization, and logs for the patient who showed it. The
   * answer is the receipt that {@link open} asks for.
   */
  @Transaction()
  @Returns('string')
  async show(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor: named, ...rest } = ledger.input;
    const { order, side, secret, encryptionKey, salt } = validateShowing(rest);
    const { document, ...acting } = await admit(context, 'OrderContract:show', named);
    const instant = await ledgerTime(ledger, document);
    const { partner, opens, patient, records, validUntil } = await handover(ledger, order, side);
    checkPartner(acting, partner);
    checkOrderSecret(opens, secret);
    if (validUntil !== undefined) checkOrderInTime(validUntil, instant);
    if (records.length === 0) throw failed('NO_RESULT', 'There is no result yet; ask for the status later.');
    const receipt = ledger.transactionId;
    const done = deed(acting, instant);
    await ledger.putPrivate(orderReceiptKey(receipt), {
      ...done,
      receipt,
      order,
      side,
      encryptionKey,
      expires: receiptExpiry(instant),
      salt: derivedSalt(salt, 'receipt'),
    });
    const entry = {
      ...done,
      scope: 'content' as const,
      purpose: 'TREAT',
      filter: { records },
      outcome: 'permit' as const,
      order,
      rules: [],
    };
    await logAccess(ledger, await patientHead(ledger, patient), entry, salt);
    return canonicalJson({ receipt });
  }

  /** The records of one side of an order with their key shares, encrypted to the key of the receipt. */
  @Transaction(false)
  @Returns('string')
  async open(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { receipt: id, actor: named } = checkShape(opening, ledger.input, 'input');
    const receipt = await ledger.getPrivate(orderReceiptKey(id));
    if (!receipt) throw missing('receipt', 'This organization has no such receipt; show the secret.');
    await refuseOthers(context, receipt, named);
    if (context.peerTime() >= receipt.expires) {
      throw new VitaledgerError('EXPIRED', 'The receipt has expired; show the secret again.', {
        receipt: id,
      });
    }
    const { order, side, encryptionKey } = receipt;
    const records = await currentRecords(ledger, await handover(ledger, order, side));
    const critical = side === 'report' && (await acceptedTask(ledger, order)).result?.critical === true;
    return canonicalJson({
      jwe: await sealAnswer({ receipt: id, order, side, critical, records }, encryptionKey),
    });
  }

  /** How far an order is, for the requester's organization, which shows the secret of the report. */
  @Transaction(false)
  @Returns('string')
  async status(context: TransactionContext): Promise<string> {
    const { order, secret, actor: named } = checkShape(asking, context.ledger.input, 'input');
    const acting = await admit(context, 'OrderContract:status', named);
    const task = await knownTask(context.ledger, order);
    checkPartner(acting, task.requester);
    checkOrderSecret(task.opens, secret);
    const critical = isAccepted(task) && task.result?.critical === true;
    return canonicalJson({ state: orderState(task), critical });
  }

  /** How far an order is, and why it was called off if it was, for the performer's organization. */
  @Transaction(false)
  @Returns('string')
  async task(context: TransactionContext): Promise<string> {
    const { order, actor: named } = checkShape(naming, context.ledger.input, 'input');
    await admit(context, 'OrderContract:task', named);
    const task = await knownTask(context.ledger, order);
    const { requester, cancelled } = task;
    return canonicalJson({ state: orderState(task), requester, ...(cancelled ? { cancelled } : {}) });
  }

  /** Says that who ordered has seen the result. */
  @Transaction()
  @Returns('string')
  async acknowledge(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { order, secret, salt, actor: named } = checkShape(acknowledging, ledger.input, 'input');
    const { document, ...acting } = await admit(context, 'OrderContract:acknowledge', named);
    const instant = await ledgerTime(ledger, document);
    const task = await acceptedTask(ledger, order);
    checkPartner(acting, task.requester);
    checkOrderSecret(task.opens, secret);
    if (!task.result) throw failed('NO_RESULT', 'There is no result yet that could be acknowledged.');
    if (task.acknowledged) throw failed('ACKNOWLEDGED', 'This result was acknowledged already.');
    const acknowledged = deed(acting, instant);
    await ledger.putPrivate(taskKey(order), { ...task, acknowledged, salt: derivedSalt(salt, 'head') });
    await ledger.purgePrivate(awaitedKey(order));
    return '';
  }

  /** One page of the results that nobody has acknowledged yet, for the performer's organization: those to call about. */
  @Transaction(false)
  @Returns('string')
  async awaited(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(awaitedShape, ledger.input, 'input');
    await admit(context, 'OrderContract:awaited', input.actor);
    const { items, bookmark } = await awaitedPage(ledger, input);
    return canonicalJson({ results: items, bookmark });
  }

  /** One page of the orders that this organization placed: those that may still be taken up, that expired, or were called off. */
  @Transaction(false)
  @Returns('string')
  async placements(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(placementsShape, ledger.input, 'input');
    await admit(context, 'OrderContract:placements', input.actor);
    const { items, bookmark } = await placementsPage(ledger, input, context.peerTime());
    return canonicalJson({ orders: items, bookmark });
  }
}

function classesOf(records: readonly RecordMetadata[]): readonly string[] {
  return records.map((record) => record.class);
}

async function currentRecords(
  ledger: Ledger,
  { patient, records }: Pick<Handover, 'patient' | 'records'>,
): Promise<readonly RecordMetadata[]> {
  const found: RecordMetadata[] = [];
  for (const record of records) found.push(await currentRecord(ledger, patient, record));
  return found;
}

async function handover(ledger: Ledger, order: string, side: OrderSide): Promise<Handover> {
  if (side === 'report') return reportHandover(await acceptedTask(ledger, order));
  const placed = await placedOrder(ledger, order);
  refuseCancelled({ cancelled: placed.revoked });
  return requestHandover(placed);
}
