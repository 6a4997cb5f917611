import type { LogEntry } from '../access/receipt.js';

/**
 * What a patient is notified of.
 *
 * - `access`: somebody asked for records, whether it was permitted or not; the access log has the entry.
 * - `consent`: a consent was accepted. `closed`: one was taken out of force here.
 * - `statement`: another statement was accepted, or something recorded by the registrar; the history has it.
 * - `result`: what was ordered has a result.
 * - `link`: another entry was linked or merged with the patient's, or is no longer; the links have it.
 * - `care-team`: who is in a care team was changed; the care teams have it.
 * - `key`: the notification key was changed; look the new one up.
 */
export type NoticeKind =
  'access' | 'consent' | 'statement' | 'closed' | 'result' | 'key' | 'link' | 'care-team';

/** A notice as the custodian keeps it. */
export interface StoredNotice {
  readonly kind: NoticeKind;
  readonly instant: string;
  readonly salt: string;
}

/** What the patient is told of one. */
export interface Notice {
  readonly transaction: string;
  readonly kind: NoticeKind;
  readonly instant: string;
  /** Of an `access`: its entry in the log. */
  readonly entry?: LogEntry;
}
