import {
  changeNotificationKey,
  checkShape,
  invalid,
  shapes,
  text,
  verifyStatement,
  VitaledgerError,
  type Notice,
  type PatientHead,
  type ReadBody,
  type ReadSubject,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { denied } from '../authorization/acting-person.js';
import { admit } from '../authorization/admission.js';
import type { GuardedFunction } from '../authorization/permissions.js';
import { readerOf } from '../consent/reader.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { logKey, noticeKey, patientKey, statementKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { patientHead } from '../records/patient-head.js';
import { notify } from './notify.js';

const statement = text((value) => typeof value === 'string', 'must be a compact JWS');

const changing = v.strictObject({
  patient: shapes.id,
  statement,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
});

const reading = v.strictObject({ patient: shapes.id, statement });

/**
 * Notices for patients. The event of a transaction that concerns a patient is a tag under the patient's notification key;
 * what it was about the patient reads with a signed statement. Nobody else can tell two of them apart from any others.
 */
@Info({ title: 'NotificationContract', description: 'Notices that only their patient recognizes' })
export class NotificationContract extends VitaledgerContract {
  constructor() {
    super('NotificationContract');
  }

  /** Changes the notification key by the patient's signed statement. The event of it still has a tag of the old key. */
  @Transaction()
  @Returns('string')
  async changeKey(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(changing, ledger.input, 'input');
    const { document, person, via } = await admit(context, 'NotificationContract:changeKey', input.actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, input.patient);
    const verified = verifyStatement(input.statement, head.keys, instant);
    const salt = derivedSalt(input.salt, 'head');
    const next = changeNotificationKey(head, verified, ledger.custodian, { instant, salt });
    await ledger.putPrivate(patientKey(head.patient), next);
    await ledger.putPrivate(statementKey(head.patient, next.sequence), {
      jws: input.statement,
      instant,
      relay: via === undefined ? person : { ...person, via },
      salt: derivedSalt(input.salt, 'statement'),
    });
    await notify(ledger, head, { kind: 'key', instant, salt: input.salt });
    return '';
  }

  /** The notification key in force and where the chain of statements stands, encrypted to the patient. */
  @Transaction(false)
  @Returns('string')
  async key(context: TransactionContext): Promise<string> {
    const { head, body } = await asked(context, 'NotificationContract:key', 'notification-key');
    const { notificationKey, sequence, previous } = head;
    return sealAnswer({ notificationKey, sequence, previous }, body.encryptionKey);
  }

  /** What a transaction with the patient's tag was about, encrypted to the patient. */
  @Transaction(false)
  @Returns('string')
  async notice(context: TransactionContext): Promise<string> {
    const { head, body } = await asked(context, 'NotificationContract:notice', 'notice');
    const { transaction } = body;
    if (transaction === undefined) throw invalid('statement.body.transaction', 'is required');
    return sealAnswer(await noticeOf(context.ledger, head.patient, transaction), body.encryptionKey);
  }
}

/** The patient about whom is asked, by the statement of the patient or of a delegate who reads the log, and what it says. */
async function asked(
  context: TransactionContext,
  name: GuardedFunction,
  what: ReadSubject,
): Promise<{ readonly head: PatientHead; readonly body: ReadBody }> {
  const { ledger } = context;
  const input = checkShape(reading, ledger.input, 'input');
  await admit(context, name);
  const head = await patientHead(ledger, input.patient);
  const { body, delegation } = await readerOf(context, head, input.statement, what);
  // With the key they would recognize every event, also of what is hidden from them.
  if (delegation?.hidden) {
    throw denied(
      'What is hidden from a delegate would show in notices; read the log instead.',
      'NOT_DELEGATED',
    );
  }
  return { head, body };
}

async function noticeOf(ledger: Ledger, patient: string, transaction: string): Promise<Notice> {
  const stored = await ledger.getPrivate(noticeKey(patient, transaction));
  if (!stored) {
    throw new VitaledgerError('NOT_FOUND', 'This custodian has no notice of that transaction for you.', {
      what: 'notice',
    });
  }
  const { kind, instant } = stored;
  const entry =
    kind === 'access' ? await ledger.getPrivate(logKey(patient, instant, transaction)) : undefined;
  return { transaction, kind, instant, ...(entry ? { entry } : {}) };
}
