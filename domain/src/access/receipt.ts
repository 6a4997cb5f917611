import type { MedicalActor } from '../consortium/roles.js';
import type { Decision } from '../decision/decision.js';
import type { Delegate, Relationship } from '../patient/head.js';
import type { Evidence } from '../packs/pack.js';
import type { InspectionFilter } from './inspection.js';
import type { AccessRequest, AccessScope } from './request.js';

/** How long a receipt opens records: ten minutes. */
export const RECEIPT_LIFE_MS = 10 * 60 * 1000;
/** How long one does for which the glass was broken: five minutes. */
export const EMERGENCY_RECEIPT_LIFE_MS = 5 * 60 * 1000;

/** An access request with its decision, private to custodian and requester. */
export interface ReceiptDocument {
  /** The transaction id of the request. */
  readonly receipt: string;
  readonly request: Omit<AccessRequest, 'salt'>;
  readonly actor: MedicalActor;
  /** Subject of the service that acted for the person. */
  readonly via?: string;
  /** Who signed in the patient's place, where the request is at the patient's own signature. */
  readonly by?: Delegate;
  readonly instant: string;
  /** From this instant on it opens nothing. */
  readonly expires: string;
  readonly decision: Decision;
  /** The decisions about other entries of the same person, merged with the one asked for; absent if there are none. */
  readonly merged?: readonly MergedDecision[];
  /** The channel's clock stood still: the instant is only the requester's word. In emergencies alone. */
  readonly staleClock?: true;
  readonly salt: string;
}

/** The decision about another entry of the person. */
export interface MergedDecision {
  /** The entry's id. */
  readonly patient: string;
  readonly decision: Decision;
}

/** One line of the access log, also for denials. */
export interface LogEntry {
  readonly receipt: string;
  readonly patient: string;
  readonly custodian: string;
  readonly instant: string;
  readonly actor: MedicalActor;
  readonly via?: string;
  readonly scope: AccessScope;
  readonly purpose: string;
  readonly filter: InspectionFilter;
  readonly outcome: Decision['outcome'];
  /** The prescription whose token was shown, where that, and no consent, is what the release rests on. */
  readonly prescription?: string;
  /** The order by which two organizations hand records over, where it is that. */
  readonly order?: string;
  /** True where the custodian's own registrar or auditor looked, by their office and not by a consent. */
  readonly inspection?: true;
  /** The study that it was asked for. */
  readonly study?: string;
  /** The consent rules the decision rests on. */
  readonly rules: Decision['rules'];
  /** The laws it rests on, where the consortium has adopted any. */
  readonly policies?: NonNullable<Decision['policy']>['rules'];
  /** `patient`: at your own signed request. `emergency`: somebody broke the glass, and a second person reviews it. */
  readonly evidence?: Evidence;
  /** Where somebody asked in your place, at their own signature: under which delegation. */
  readonly delegation?: { readonly id: string; readonly relationship: Relationship };
  /** Why the glass was broken. */
  readonly emergency?: { readonly reason: string };
  readonly salt: string;
}

/** Whether nothing was granted, in any entry of the person. */
export function isDenied({ decision, merged = [] }: Pick<ReceiptDocument, 'decision' | 'merged'>): boolean {
  return [decision, ...merged.map((other) => other.decision)].every(({ outcome }) => outcome === 'deny');
}

/** When a receipt of a request at `instant` expires. */
export function receiptExpiry(instant: string, life = RECEIPT_LIFE_MS): string {
  return new Date(Date.parse(instant) + life).toISOString();
}
