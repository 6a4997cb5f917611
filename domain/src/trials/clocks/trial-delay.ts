import * as v from 'valibot';
import { invalid, VitaledgerError } from '../../errors/index.js';
import { checkShape, text } from '../../json/index.js';
import { isTrialDate } from '../trial-date.js';
import {
  type ApplicationEnd,
  type ClockSubject,
  type DelayCertificate,
  type DelayExtension,
  eventOf,
  hasResults,
  type ResultsWaiver,
} from './clock-facts.js';
import { INITIAL_APPROVAL_SINCE } from './delayed-results.js';
import { evaluateClocks } from './evaluate-clocks.js';

/** Certificates for initial approval and for a new use (42 CFR 11.44(c), (b)), extensions for good cause (e), and waivers (42 CFR 11.54). */
export const DELAY_KINDS = ['initial-approval', 'new-use', 'good-cause', 'waiver'] as const;
export type TrialDelayKind = (typeof DELAY_KINDS)[number];

/** How a delay ended: an application as `ApplicationEnd` says, a request for an extension or a waiver granted or denied. */
export interface DelayEnd {
  readonly event: ApplicationEnd | 'granted' | 'denied';
  /** When, a day. */
  readonly date: string;
  /** The day granted; of extensions only. */
  readonly until?: string;
}

/** A delay of results as the ledger keeps it. */
export interface TrialDelay {
  /** From 1, in the order in which they were submitted. */
  readonly delay: number;
  readonly kind: TrialDelayKind;
  /** Of the ledger's transaction: nobody can submit one in the past. */
  readonly instant: string;
  /** MSP id. */
  readonly organization: string;
  readonly reason: string;
  /** The day that an extension asks for. */
  readonly until?: string;
  readonly ended?: DelayEnd & { readonly instant: string; readonly organization: string };
}

const isDay = (value: unknown): boolean => isTrialDate(value) && value.length === 10;
const day = text(isDay, 'must be a day such as 2019-02-28');

const requestShape = v.strictObject({
  kind: v.picklist(DELAY_KINDS, `must be one of ${DELAY_KINDS.join(', ')}`),
  reason: v.string(),
  until: v.exactOptional(day),
});

/** What a sponsor submits. Throws INVALID_ARGUMENT with the JSON path. */
export function readDelayRequest(value: unknown): Pick<TrialDelay, 'kind' | 'reason' | 'until'> {
  const request = checkShape(requestShape, value, 'delay');
  if (request.kind === 'good-cause' && request.until === undefined)
    throw invalid('delay.until', 'is required: an extension asks for a day');
  if (request.kind !== 'good-cause' && request.until !== undefined)
    throw invalid(
      'delay.until',
      'is for extensions only: the limit of a certificate follows from 42 CFR 11.44',
    );
  return request;
}

const EVENTS = ['approved', 'not-approved', 'withdrawn', 'granted', 'denied'] as const;
const endShape = v.strictObject({
  event: v.picklist(EVENTS, `must be one of ${EVENTS.join(', ')}`),
  date: day,
  until: v.exactOptional(day),
});

/**
 * How a delay ended.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path when it is not how a delay of this kind ends, or lies before it began.
 */
export function readDelayEnd(value: unknown, { kind, instant }: TrialDelay): DelayEnd {
  const end = checkShape(endShape, value, 'end') as DelayEnd;
  const events = needsRegulator(kind) ? EVENTS.slice(3) : EVENTS.slice(0, 3);
  if (!events.includes(end.event)) throw invalid('end.event', `must be one of ${events.join(', ')}`);
  if (end.date < instant.slice(0, 10))
    throw invalid('end.date', 'must not lie before the delay was submitted');
  const namesDay = kind === 'good-cause' && end.event === 'granted';
  if (namesDay !== (end.until !== undefined))
    throw invalid('end.until', 'is required of an extension that is granted, and of nothing else');
  return end;
}

/** Whether a regulator decides on it: the others rest on the sponsor's certification. */
export function needsRegulator(kind: TrialDelayKind): kind is 'good-cause' | 'waiver' {
  return kind === 'good-cause' || kind === 'waiver';
}

/** The delays of a trial as its clocks count with them. */
export function delaysOf(
  delays: readonly TrialDelay[],
): Pick<ClockSubject, 'certificates' | 'extensions' | 'waivers'> {
  const certificates = delays.flatMap(({ kind, instant, ended }): DelayCertificate[] => {
    if (needsRegulator(kind)) return [];
    const end = ended && { event: ended.event as ApplicationEnd, date: ended.date };
    return [{ kind, submitted: instant.slice(0, 10), ...(end ? { ended: end } : {}) }];
  });
  const extensions = delays.flatMap(({ kind, instant, until = '', ended }): DelayExtension[] => {
    if (kind !== 'good-cause') return [];
    const decided = ended && { ...ended, granted: ended.event === 'granted' };
    return [{ submitted: instant.slice(0, 10), until, ...(decided ? { decided } : {}) }];
  });
  const waivers = delays.flatMap(({ kind, instant, ended }): ResultsWaiver[] => {
    if (kind !== 'waiver') return [];
    const decided = ended && { date: ended.date, granted: ended.event === 'granted' };
    return [{ submitted: instant.slice(0, 10), ...(decided ? { decided } : {}) }];
  });
  return {
    ...(certificates.length === 0 ? {} : { certificates }),
    ...(extensions.length === 0 ? {} : { extensions }),
    ...(waivers.length === 0 ? {} : { waivers }),
  };
}

/**
 * Whether a delay may be submitted for a trial at an instant.
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` with the rule and its citation when it may not.
 */
export function checkDelay(subject: ClockSubject, kind: TrialDelayKind, at: string): void {
  if (hasResults(subject.record)) throw refused('The results are there already', '42 CFR 11.44');
  const limit = evaluateClocks(subject, at).clocks.find(({ clock }) => clock === 'us-results');
  if (limit === undefined) throw refused('42 CFR Part 11 does not apply to this trial', '42 CFR 11.22(b)');
  if (limit.due === undefined) return;
  if (at.slice(0, 10) >= limit.due.last)
    throw refused(
      `It must be submitted before the day on which the results are due, ${limit.due.last}`,
      '42 CFR 11.44',
    );
  const completed = eventOf(subject.record, 'primaryCompletion');
  if (kind === 'initial-approval' && completed && completed.days.last < INITIAL_APPROVAL_SINCE)
    throw refused(
      `Only trials completed since ${INITIAL_APPROVAL_SINCE} are delayed for initial approval`,
      '42 CFR 11.44(c)',
    );
}

function refused(rule: string, citation: string): VitaledgerError {
  return new VitaledgerError('PRECONDITION_FAILED', `The results cannot be delayed: ${rule} (${citation})`, {
    rule,
    citation,
  });
}
