import type { MedicalActor } from '../consortium/roles.js';
import type { Decision } from '../decision/decision.js';
import type { InspectionFilter } from './inspection.js';
import type { AccessRequest, AccessScope } from './request.js';

/** How long a receipt opens records: ten minutes. */
export const RECEIPT_LIFE_MS = 10 * 60 * 1000;

/** An access request with its decision, private to custodian and requester. */
export interface ReceiptDocument {
  /** The transaction id of the request. */
  readonly receipt: string;
  readonly request: Omit<AccessRequest, 'salt'>;
  readonly actor: MedicalActor;
  /** Subject of the service that acted for the person. */
  readonly via?: string;
  readonly instant: string;
  /** From this instant on it opens nothing. */
  readonly expires: string;
  readonly decision: Decision;
  readonly salt: string;
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
  /** The consent rules the decision rests on. */
  readonly rules: Decision['rules'];
  readonly salt: string;
}

/** When a receipt of a request at `instant` expires. */
export function receiptExpiry(instant: string): string {
  return new Date(Date.parse(instant) + RECEIPT_LIFE_MS).toISOString();
}
