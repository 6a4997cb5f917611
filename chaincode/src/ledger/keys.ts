import type {
  AwaitedAcknowledgement,
  CancelledOrder,
  CareTeamVersion,
  ClockValue,
  ContentProof,
  Dispense,
  EmergencyReview,
  EndedVersion,
  HeldRecord,
  InspectionDocument,
  IssuedPrescription,
  LegalHolds,
  LogEntry,
  OrderReceipt,
  OrderTask,
  PatientHead,
  PatientLinks,
  PlacedOrder,
  PolicyPack,
  PrescriptionCounter,
  ReceiptDocument,
  RecordedBeat,
  Rectification,
  Redemption,
  SensitivityMap,
  StoredNotice,
  StoredStatement,
} from '@vitaledger/domain';
import type { Proposal } from '../consortium/proposal.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { Erasure } from '../records/erasure.js';
import type { TrialHead, TrialVersionEntry } from '../trials/trial.js';
import type { PrivateKey, PrivateRange, PublicKey } from './ledger.js';

/*
 * Every key of the ledger, as docs/protocol.md lists them. Public keys name nobody; private keys hold a random id, since
 * their SHA-256 is public. Parts of private keys are checked to be ASCII without a slash before they get here.
 */

export const CLOCK: PublicKey<ClockValue> = { public: 'clock' };

/** A beat of the clock, for ever: what was registered between two of them can be proved to lie there. */
export function beatKey(beat: number): PublicKey<RecordedBeat> {
  return { public: `beat/${String(beat)}` };
}

export const CONSORTIUM: PublicKey<StoredDocument> = { public: 'consortium' };

export function proposalKey(digest: string): PublicKey<Proposal> {
  return { public: `proposal/${digest}` };
}

/** A sensitivity map by its own digest, so what stands there can only be that map. */
export function mapKey(digest: string): PublicKey<SensitivityMap> {
  return { public: `map/${digest}` };
}

/** A policy pack by its own digest. */
export function packKey(digest: string): PublicKey<PolicyPack> {
  return { public: `pack/${digest}` };
}

/** A revoked consent: by the public handle, which is the SHA-256 of the secret that revoked it. */
export function revokedKey(handle: string): PublicKey<{ readonly instant: string }> {
  return { public: `revoked/${handle}` };
}

/** The public counter of a prescription's fills, by an id that leads to no prescription. */
export function counterKey(counter: string): PublicKey<PrescriptionCounter> {
  return { public: `prescription/${counter}` };
}

export function trialKey(id: string): PublicKey<TrialHead> {
  return { public: `trial/${id}` };
}

export function trialVersionKey(id: string, version: number): PublicKey<TrialVersionEntry> {
  return { public: `trial-version/${id}/${numbered(version, 6)}` };
}

/** Which trial has a registry's number; compared without regard to case. */
export function trialIdentifierKey(identifier: string): PublicKey<{ readonly trial: string }> {
  return { public: `trial-id/${identifier.toUpperCase()}` };
}

/** Which trial of a sponsor (MSP id) has one of the sponsor's own numbers; compared without regard to case. */
export function sponsorsTrialKey(sponsor: string, number: string): PublicKey<{ readonly trial: string }> {
  return { public: `sponsor-trial-id/${sponsor}/${number.toUpperCase()}` };
}

export function patientKey(patient: string): PrivateKey<PatientHead> {
  return { private: `patient/${patient}` };
}

/** The custodian's patients, by id. */
export function patientsAfter(patient?: string): PrivateRange<PatientHead> {
  return { prefix: 'patient/', after: patient };
}

/** The current version of a record, or what says that it was retracted. */
export function recordKey(patient: string, record: string): PrivateKey<HeldRecord> {
  return { private: `record/${patient}/${record}` };
}

/** A patient's records, by id; entries are named by it. */
export function recordsOf(patient: string, after?: string): PrivateRange<HeldRecord> {
  return { prefix: `record/${patient}/`, after };
}

/** A version of a record that was amended or retracted. */
export function versionKey(patient: string, record: string, version: number): PrivateKey<EndedVersion> {
  return { private: `version/${patient}/${record}/${numbered(version, 6)}` };
}

/** What others check a content against; by an id that follows from its salt and tells nothing of the record. */
export function proofKey(proof: string): PrivateKey<ContentProof> {
  return { private: `proof/${proof}` };
}

/** The legal holds on a patient's records. */
export function holdsKey(patient: string): PrivateKey<LegalHolds> {
  return { private: `holds/${patient}` };
}

/** Which patients of other custodians a patient is. */
export function linksKey(patient: string): PrivateKey<PatientLinks> {
  return { private: `links/${patient}` };
}

/** A patient's care team as it stood after one change. */
export function careTeamKey(patient: string, team: string, version: number): PrivateKey<CareTeamVersion> {
  return { private: `care-team/${patient}/${team}/${numbered(version, 6)}` };
}

/** All versions of a patient's care teams; entries are named `<team>/<version, 6 digits>`. */
export function careTeamsOf(patient: string, after?: string): PrivateRange<CareTeamVersion> {
  return { prefix: `care-team/${patient}/`, after };
}

/** A patient's request to have a record put right. */
export function rectificationKey(patient: string, request: string): PrivateKey<Rectification> {
  return { private: `rectification/${patient}/${request}` };
}

/** A patient's requests, by id; entries are named by it. */
export function rectificationsOf(patient: string, after?: string): PrivateRange<Rectification> {
  return { prefix: `rectification/${patient}/`, after };
}

export function erasureKey(patient: string, record: string): PrivateKey<Erasure> {
  return { private: `erasure/${patient}/${record}` };
}

export function statementKey(patient: string, sequence: number): PrivateKey<StoredStatement> {
  return { private: `statement/${patient}/${numbered(sequence, 8)}` };
}

/** The statements accepted for a patient, first one first; entries are named by their place in the chain, 8 digits. */
export function statementsOf(patient: string, after?: string): PrivateRange<StoredStatement> {
  return { prefix: `statement/${patient}/`, after };
}

export function receiptKey(receipt: string): PrivateKey<ReceiptDocument> {
  return { private: `receipt/${receipt}` };
}

/** What a registrar or auditor of the custodian looks at; by the transaction id of the request. */
export function inspectionKey(receipt: string): PrivateKey<InspectionDocument> {
  return { private: `inspection/${receipt}` };
}

/** A review of a glass that was broken: in the queue, or closed. */
export function reviewKey(
  state: 'open' | 'closed',
  instant: string,
  receipt: string,
): PrivateKey<EmergencyReview> {
  return { private: `review/${state}/${instant}/${receipt}` };
}

/** The reviews in the queue, or those closed, oldest first; entries are named `<instant>/<receipt>`. */
export function reviewsOf(state: 'open' | 'closed', after?: string): PrivateRange<EmergencyReview> {
  return { prefix: `review/${state}/`, after };
}

/** At the prescriber's organization. */
export function prescriptionKey(prescription: string): PrivateKey<IssuedPrescription> {
  return { private: `prescription/${prescription}` };
}

/** At the prescriber's organization: who showed a token there. */
export function redemptionKey(receipt: string): PrivateKey<Redemption> {
  return { private: `redemption/${receipt}` };
}

/** At the pharmacy. */
export function dispenseKey(dispense: string): PrivateKey<Dispense> {
  return { private: `dispense/${dispense}` };
}

/** At the requester's organization. */
export function orderKey(order: string): PrivateKey<PlacedOrder> {
  return { private: `order/${order}` };
}

/** The orders that this organization placed, by id. */
export function placedOrders(after?: string): PrivateRange<PlacedOrder> {
  return { prefix: 'order/', after };
}

/** At the performer's organization. */
export function taskKey(order: string): PrivateKey<OrderTask | CancelledOrder> {
  return { private: `task/${order}` };
}

/** At the performer's organization, until the result is acknowledged. */
export function awaitedKey(order: string): PrivateKey<AwaitedAcknowledgement> {
  return { private: `awaited/${order}` };
}

/** The results that nobody has acknowledged yet, by order. */
export function awaitedOnes(after?: string): PrivateRange<AwaitedAcknowledgement> {
  return { prefix: 'awaited/', after };
}

/** Who showed a secret of an order, by the transaction in which. */
export function orderReceiptKey(receipt: string): PrivateKey<OrderReceipt> {
  return { private: `order-receipt/${receipt}` };
}

/** Unique by transaction, so that writing a log entry never conflicts with another. */
export function logKey(patient: string, instant: string, transactionId: string): PrivateKey<LogEntry> {
  return { private: `log/${patient}/${instant}/${transactionId}` };
}

/** A patient's access log, oldest first; entries are named `<instant>/<transaction id>`. */
export function logOf(patient: string, after?: string): PrivateRange<LogEntry> {
  return { prefix: `log/${patient}/`, after };
}

/** What a patient is notified of, by the transaction whose event had the tag. */
export function noticeKey(patient: string, transaction: string): PrivateKey<StoredNotice> {
  return { private: `notice/${patient}/${transaction}` };
}

function numbered(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
