import {
  decide,
  requesterView,
  type Decision,
  type DecisionInput,
  type DecisionRequest,
  type PatientHead,
  type ReceiptDocument,
  type StudyTerms,
} from '@vitaledger/domain';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { Ledger } from '../ledger/ledger.js';
import { mergedHeads } from '../records/merged-heads.js';
import { patientHead } from '../records/patient-head.js';
import { consentsInForce, prohibitionsInForce, type Revocations } from './consents-in-force.js';
import { policyInput } from './policy-input.js';

/** All entries of one person at this custodian: the one that was asked for, and those merged with it. */
export interface Person {
  readonly asked: PatientHead;
  /** By id. */
  readonly merged: readonly PatientHead[];
}

/** @throws VitaledgerError `NOT_FOUND` */
export async function personOf(ledger: Ledger, patient: string): Promise<Person> {
  const asked = await patientHead(ledger, patient);
  return { asked, merged: await mergedHeads(ledger, asked) };
}

export function headsOf({ asked, merged }: Person): readonly PatientHead[] {
  return [asked, ...merged];
}

/** What a decision is made from, besides whose records it is about. */
export interface Question {
  readonly custodian: string;
  readonly document: StoredDocument;
  readonly request: DecisionRequest;
  readonly instant: string;
  readonly revoked?: Revocations;
  readonly study?: StudyTerms;
}

/**
 * What is decided from about one entry of a person. A consent opens the entry that it was given for and no other, so a merge widens
 * nothing; what the person forbids or denies in any entry holds for all of them.
 */
export function decisionInput(
  person: Person,
  entry: PatientHead,
  { custodian, document, request, instant, revoked, study }: Question,
): DecisionInput {
  const heads = headsOf(person);
  const prohibitions = heads.flatMap((head) => prohibitionsInForce(head, custodian, revoked));
  const denials = heads
    .filter((head) => head !== entry)
    .flatMap((head) => consentsInForce(head, custodian, revoked));
  const careTeams = heads.flatMap((head) => head.careTeams ?? []);
  return {
    consents: consentsInForce(entry, custodian, revoked),
    prohibitions,
    ...(denials.length > 0 ? { denials } : {}),
    ...(careTeams.length > 0 ? { careTeams } : {}),
    request,
    instant,
    ...(study ? { study } : {}),
    ...policyInput(document, custodian, request.actor.mspId, { head: entry, prohibitions }),
  };
}

/** The decision about an entry of the person, with what it was made from. */
export interface DecidedEntry {
  readonly head: PatientHead;
  readonly deciding: DecisionInput;
  readonly decision: Decision;
}

/** What a receipt keeps of the decisions: that of the entry asked for, and those of the others. */
type Decisions = Pick<ReceiptDocument, 'decision' | 'merged'>;

/** @param decided the entry that was asked for first. */
export function decisionsOf(decided: readonly DecidedEntry[]): Decisions {
  const [asked, ...others] = decided;
  if (!asked) throw new Error('There is always the entry that was asked for.');
  const merged = others.map(({ head: { patient }, decision }) => ({ patient, decision }));
  return { decision: asked.decision, ...(merged.length > 0 ? { merged } : {}) };
}

/** What a receipt says of an entry; undefined if it does not speak of it, because it was merged later. */
export function decisionAbout(
  { request, decision, merged = [] }: ReceiptDocument,
  { patient }: PatientHead,
): Decision | undefined {
  if (patient === request.patient) return decision;
  return merged.find((other) => other.patient === patient)?.decision;
}

export function isGranted(decision: Decision | undefined): boolean {
  return decision?.outcome === 'permit';
}

/** The decisions as the requester may see them. */
export function shownDecisions({ decision, merged }: Decisions): Decisions {
  const shown = merged?.map((other) => ({ ...other, decision: requesterView(other.decision) }));
  return { decision: requesterView(decision), ...(shown ? { merged: shown } : {}) };
}

export function decideEntry(person: Person, head: PatientHead, question: Question): DecidedEntry {
  const deciding = decisionInput(person, head, question);
  return { head, deciding, decision: decide(deciding) };
}
