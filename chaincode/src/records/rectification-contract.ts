import {
  answerDue,
  canonicalJson,
  changeReasonShape,
  checkPublicJwk,
  checkShape,
  invalid,
  isId,
  publicJwkShape,
  reasonText,
  shapes,
  text,
  VitaledgerError,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { readerOf } from '../consent/reader.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { rectificationKey, rectificationsOf } from '../ledger/keys.js';
import { DEFAULT_PAGE, page, pageShape } from '../ledger/page.js';
import { currentRecord } from './held-record.js';
import { patientHead } from './patient-head.js';
import { answerRequest, changeBy } from './rectification.js';

const asking = v.strictObject({
  patient: shapes.id,
  request: shapes.id,
  record: shapes.id,
  reason: changeReasonShape,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
});

const refusing = v.strictObject({ ...asking.entries, citation: v.exactOptional(reasonText) });

const listing = v.strictObject({
  patient: shapes.id,
  encryptionKey: publicJwkShape,
  ...pageShape,
  actor: v.exactOptional(v.unknown()),
});

const reading = v.strictObject({
  patient: shapes.id,
  statement: text((value) => typeof value === 'string', 'must be a compact JWS'),
});

/**
 * Patients' requests to have records put right: written down when they come in, answered by an amendment, a retraction
 * (CorrectionContract, which names the request) or a refusal with its reason, and readable by the patient.
 */
@Info({ title: 'RectificationContract', description: 'Requests to put records right, and their answers' })
export class RectificationContract extends VitaledgerContract {
  constructor() {
    super('RectificationContract');
  }

  /** Writes down that the patient asks to have a record put right, and what they say is wrong. */
  @Transaction()
  @Returns('string')
  async request(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { request, record, reason, salt, ...input } = checkShape(asking, ledger.input, 'input');
    const admission = await admit(context, 'RectificationContract:request', input.actor);
    const asked = await changeBy(ledger, admission, reason);
    const { patient } = await patientHead(ledger, input.patient);
    await currentRecord(ledger, patient, record);
    if (await ledger.getPrivate(rectificationKey(patient, request))) {
      throw new VitaledgerError(
        'ALREADY_EXISTS',
        'A request with this id is written down already; make a new random id.',
        { what: 'rectification' },
      );
    }
    const due = answerDue(asked.instant);
    await ledger.putPrivate(rectificationKey(patient, request), {
      request,
      patient,
      record,
      asked,
      due,
      salt,
    });
    return '';
  }

  /** Answers a request with a refusal: why, and by which rule. The record stays as it is. */
  @Transaction()
  @Returns('string')
  async refuse(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { request, record, reason, citation, salt, ...input } = checkShape(refusing, ledger.input, 'input');
    const admission = await admit(context, 'RectificationContract:refuse', input.actor);
    const change = await changeBy(ledger, admission, reason);
    const { patient } = await patientHead(ledger, input.patient);
    const { version } = await currentRecord(ledger, patient, record);
    const because = citation === undefined ? {} : { citation };
    const answer = { ...change, how: 'refused' as const, version, ...because };
    await answerRequest(ledger, { patient, record, rectification: request, salt }, answer);
    return '';
  }

  /** One page of the patient's requests with their answers, by id, for the custodian's own staff. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(listing, ledger.input, 'input');
    await admit(context, 'RectificationContract:list', input.actor);
    checkPublicJwk(input.encryptionKey, 'input.encryptionKey');
    const { patient } = await patientHead(ledger, input.patient);
    const entries = ledger.rangePrivate(rectificationsOf(patient, input.bookmark));
    const { items, bookmark } = await page(entries, input.pageSize ?? DEFAULT_PAGE, (entry) => entry);
    return canonicalJson({ jwe: await sealAnswer({ requests: items }, input.encryptionKey), bookmark });
  }

  /** The same for the patient, by a statement that they sign, encrypted to them. */
  @Transaction(false)
  @Returns('string')
  async answers(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(reading, ledger.input, 'input');
    await admit(context, 'RectificationContract:answers');
    const head = await patientHead(ledger, input.patient);
    const { body } = await readerOf(context, head, input.statement, 'rectifications');
    const { bookmark: after, pageSize = DEFAULT_PAGE, encryptionKey } = body;
    if (after !== undefined && !isId(after)) {
      throw invalid('statement.body.bookmark', 'must be the bookmark of the page before');
    }
    const entries = ledger.rangePrivate(rectificationsOf(head.patient, after));
    const { items, bookmark } = await page(entries, pageSize, (entry) => entry);
    return sealAnswer({ requests: items, bookmark }, encryptionKey);
  }
}
