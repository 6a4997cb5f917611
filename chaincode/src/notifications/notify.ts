import { notificationTag, type LogEntry, type NoticeKind, type PatientHead } from '@vitaledger/domain';
import { derivedSalt } from '../ledger/derived-salt.js';
import { logKey, noticeKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** What happened, when; `salt` is the one that the transaction was sent. */
interface Happening {
  readonly kind: NoticeKind;
  readonly instant: string;
  readonly salt: string;
}

/** Whom to notify, as the head said before this transaction. */
type Notified = Pick<PatientHead, 'patient' | 'notificationKey'>;

/** Notifies a patient of this transaction: what it was is kept here, and the event has a tag that the patient recognizes. */
export async function notify(
  ledger: Ledger,
  { patient, notificationKey }: Notified,
  { kind, instant, salt }: Happening,
): Promise<void> {
  await keepNotice(ledger, patient, { kind, instant, salt });
  ledger.announce(notificationTag(notificationKey, ledger.transactionId));
}

/** Keeps a notice without an event, since a transaction has one at most: the patient finds it in the log or the links. */
export async function keepNotice(
  ledger: Ledger,
  patient: string,
  { kind, instant, salt }: Happening,
): Promise<void> {
  const notice = { kind, instant, salt: derivedSalt(salt, 'notice') };
  await ledger.putPrivate(noticeKey(patient, ledger.transactionId), notice);
}

/** Writes an entry of the patient's access log, a blind write to a key of this transaction, and notifies the patient. */
export async function logAccess(
  ledger: Ledger,
  head: Notified,
  entry: Omit<LogEntry, 'receipt' | 'patient' | 'custodian' | 'salt'>,
  salt: string,
): Promise<void> {
  await putLogEntry(ledger, head.patient, entry, salt);
  await notify(ledger, head, { kind: 'access', instant: entry.instant, salt });
}

/** The same in the log of another entry of the person, merged with the one that was asked for; without an event of its own. */
export async function logMerged(
  ledger: Ledger,
  patient: string,
  entry: Omit<LogEntry, 'receipt' | 'patient' | 'custodian' | 'salt'>,
  salt: string,
): Promise<void> {
  const own = `${salt}/${patient}`;
  await putLogEntry(ledger, patient, entry, own);
  await keepNotice(ledger, patient, { kind: 'access', instant: entry.instant, salt: own });
}

function putLogEntry(
  ledger: Ledger,
  patient: string,
  entry: Omit<LogEntry, 'receipt' | 'patient' | 'custodian' | 'salt'>,
  salt: string,
): Promise<void> {
  const receipt = ledger.transactionId;
  return ledger.putPrivate(logKey(patient, entry.instant, receipt), {
    ...entry,
    receipt,
    patient,
    custodian: ledger.custodian,
    salt: derivedSalt(salt, 'log'),
  });
}
