import {
  cancelCounter,
  canonicalJson,
  checkFill,
  checkRedeemable,
  checkShape,
  checkValid,
  counterOf,
  fillNext,
  invalid,
  isDigest,
  isId,
  isRetracted,
  isSameOrder,
  MAX_FILLS,
  openCounter,
  PRESCRIPTION_CLASS,
  receiptExpiry,
  shapes,
  validateOrder,
  validateRedemption,
  validateTerms,
  VitaledgerError,
  wholeNumber,
  type IssuedPrescription,
  type PrescriptionCounter,
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
import { readJson } from '../ledger/json-text.js';
import { counterKey, prescriptionKey, recordKey, redemptionKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { logAccess } from '../notifications/notify.js';
import { patientHead } from '../records/patient-head.js';
import { admitStaff } from './staff.js';

const opening = v.strictObject({
  receipt: receiptShape,
  fill: wholeNumber(1, MAX_FILLS),
  actor: v.exactOptional(v.unknown()),
});

const cancelling = v.strictObject({ prescription: shapes.id, actor: v.exactOptional(v.unknown()) });

/**
 * Prescriptions. What is prescribed, to whom and by whom lies at the prescriber's organization, which hands it to the
 * pharmacist who shows the patient's token; a public counter that names nobody makes each authorized fill happen once.
 */
@Info({ title: 'PrescriptionContract', description: 'Prescriptions, each fill exactly once' })
export class PrescriptionContract extends VitaledgerContract {
  constructor() {
    super('PrescriptionContract');
  }

  /** Keeps at the prescriber's organization what a token will open. It opens nothing before its terms are published. */
  @Transaction()
  @Returns('string')
  async issue(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const order = validateOrder(rest);
    const { document, person, via } = await admit(context, 'PrescriptionContract:issue', actor);
    const issued = await ledgerTime(ledger, document);
    checkValid(order, issued);
    const { patient } = await patientHead(ledger, order.patient);
    const record = await ledger.getPrivate(recordKey(patient, order.record));
    if (!record || isRetracted(record)) {
      throw missing('record', 'This patient has no such record here; register it first.');
    }
    if (record.class !== PRESCRIPTION_CLASS) {
      throw invalid('input.record', `must be a record of class ${PRESCRIPTION_CLASS}`);
    }
    const existing = await ledger.getPrivate(prescriptionKey(order.prescription));
    if (existing) throw taken('prescription', isSameOrder(existing, order));
    const by = via === undefined ? { issuedBy: person } : { issuedBy: person, via };
    await ledger.putPrivate(prescriptionKey(order.prescription), { ...order, issued, ...by });
    return '';
  }

  /** Publishes a prescription's terms, with which its token begins to work. */
  @Transaction()
  @Returns('string')
  async publish(context: TransactionContext, counter: string, terms: string): Promise<string> {
    const { ledger } = context;
    checkCounterId(counter);
    const checked = validateTerms(readJson(terms, 'terms'), 'terms');
    const { document } = await admitStaff(context, 'PrescriptionContract:publish', 'practitioner');
    const instant = await ledgerTime(ledger, document);
    const existing = await ledger.get(counterKey(counter));
    if (existing) throw taken('counter', hasTerms(existing, checked));
    await ledger.put(counterKey(counter), openCounter(checked, instant));
    return '';
  }

  /** Takes the secret of a token's content, and logs who showed it. The answer is the receipt that {@link open} asks for. */
  @Transaction()
  @Returns('string')
  async redeem(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const { prescription, secret, encryptionKey, salt } = validateRedemption(rest);
    const { document, person, via } = await admit(context, 'PrescriptionContract:redeem', actor);
    const instant = await ledgerTime(ledger, document);
    const issued = await issuedPrescription(ledger, prescription);
    checkRedeemable(issued, secret, instant);
    const who = via === undefined ? { actor: person } : { actor: person, via };
    const receipt = ledger.transactionId;
    await ledger.putPrivate(redemptionKey(receipt), {
      receipt,
      prescription,
      ...who,
      encryptionKey,
      instant,
      expires: receiptExpiry(instant),
      salt: derivedSalt(salt, 'receipt'),
    });
    const entry = {
      instant,
      ...who,
      scope: 'content' as const,
      purpose: 'TREAT',
      filter: { records: [issued.record] },
      outcome: 'permit' as const,
      prescription,
      rules: [],
    };
    await logAccess(ledger, await patientHead(ledger, issued.patient), entry, salt);
    return canonicalJson({ receipt });
  }

  /**
   * The content's metadata and key share, for who redeemed, while the fill that they name is the next one: encrypted to
   * the key of the redemption.
   */
  @Transaction(false)
  @Returns('string')
  async open(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { receipt, fill, actor } = checkShape(opening, ledger.input, 'input');
    const redemption = await ledger.getPrivate(redemptionKey(receipt));
    if (!redemption) throw missing('receipt', 'This organization has no such redemption; redeem the token.');
    await refuseOthers(context, redemption, actor);
    const now = context.peerTime();
    if (now >= redemption.expires) {
      throw new VitaledgerError('EXPIRED', 'The receipt has expired; redeem the token again.', { receipt });
    }
    const issued = await issuedPrescription(ledger, redemption.prescription);
    checkValid(issued, now);
    const counter = await published(ledger, counterOf(issued.prescription));
    if (!hasTerms(counter, issued.terms)) throw foreignTerms();
    checkFill(counter, fill, now);
    const record = await ledger.getPrivate(recordKey(issued.patient, issued.record));
    if (!record || isRetracted(record)) {
      throw missing('record', 'The content of this prescription was erased or retracted.');
    }
    return canonicalJson({
      jwe: await sealAnswer(disclosure(issued, counter, record, receipt), redemption.encryptionKey),
    });
  }

  /** Makes a fill: public, and exactly once. Two pharmacies that try at the same moment read the same counter; one wins. */
  @Transaction()
  @Returns('string')
  async fill(context: TransactionContext, counter: string, secret: string, mark: string): Promise<string> {
    const { ledger } = context;
    checkCounterId(counter);
    if (!isDigest(mark)) throw invalid('mark', 'must be 256 bits in 64 lower-case hexadecimal digits');
    const { document } = await admitStaff(context, 'PrescriptionContract:fill', 'pharmacist');
    const instant = await ledgerTime(ledger, document);
    const current = await published(ledger, counter);
    await ledger.put(counterKey(counter), fillNext(current, secret, { mark, instant }));
    return '';
  }

  /** Cancels what is left. Its secret proves the right, with a stale clock too; cancelling twice changes nothing. */
  @Transaction()
  @Returns('string')
  async cancel(context: TransactionContext, counter: string, secret: string): Promise<string> {
    const { ledger } = context;
    checkCounterId(counter);
    await admit(context, 'PrescriptionContract:cancel');
    const current = await published(ledger, counter);
    const cancelled = cancelCounter(current, secret, ledger.timestamp);
    if (cancelled !== current) await ledger.put(counterKey(counter), cancelled);
    return '';
  }

  /** The public counter. */
  @Transaction(false)
  @Returns('string')
  async status(context: TransactionContext, counter: string): Promise<string> {
    checkCounterId(counter);
    return canonicalJson(await published(context.ledger, counter));
  }

  /** The secret that cancels, for the prescriber's organization. */
  @Transaction(false)
  @Returns('string')
  async cancellation(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { prescription, actor } = checkShape(cancelling, ledger.input, 'input');
    await admit(context, 'PrescriptionContract:cancellation', actor);
    const { cancelSecret } = await issuedPrescription(ledger, prescription);
    return canonicalJson({ secret: cancelSecret });
  }
}

function disclosure(
  issued: IssuedPrescription,
  counter: PrescriptionCounter,
  record: RecordMetadata,
  receipt: string,
): object {
  const { prescription, validUntil, issuedBy } = issued;
  const fills = { fills: counter.fills.length, filled: counter.filled.length };
  return { receipt, prescription, validUntil, issued: issued.issued, issuedBy, ...fills, record };
}

async function issuedPrescription(ledger: Ledger, prescription: string): Promise<IssuedPrescription> {
  const issued = await ledger.getPrivate(prescriptionKey(prescription));
  if (!issued) {
    throw missing('prescription', 'This organization issued no such prescription; read the token again.');
  }
  return issued;
}

async function published(ledger: Ledger, counter: string): Promise<PrescriptionCounter> {
  const found = await ledger.get(counterKey(counter));
  if (!found) throw missing('counter', 'The terms of this prescription are not published.');
  return found;
}

function hasTerms(counter: PrescriptionCounter, terms: IssuedPrescription['terms']): boolean {
  const { fills, cancel, expires } = counter;
  return canonicalJson({ fills, cancel, expires }) === canonicalJson(terms);
}

function checkCounterId(counter: string): void {
  if (!isId(counter)) throw invalid('counter', 'must be 128 bits in 32 lower-case hexadecimal digits');
}

function missing(what: string, message: string): VitaledgerError {
  return new VitaledgerError('NOT_FOUND', message, { what });
}

/** `same` tells whoever repeats an interrupted issue that this part of it is done. */
function taken(what: string, same: boolean): VitaledgerError {
  const message = same
    ? 'This was written already, with the same content; go on with the next step.'
    : 'This id is taken by another prescription; make a new token.';
  return new VitaledgerError('ALREADY_EXISTS', message, { what, same });
}

function foreignTerms(): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    'The published terms are not those of the prescription; ask the prescriber for a new one.',
    { reason: 'FOREIGN_TERMS' },
  );
}
