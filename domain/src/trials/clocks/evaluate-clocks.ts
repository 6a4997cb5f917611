import {
  allResultsOf,
  type ClockSubject,
  type DateBasis,
  eventOf,
  isImported,
  registrationOf,
  resultsOf,
  statementOf,
} from './clock-facts.js';
import type { Applicability, ClockPack, ClockRule } from './clock-pack.js';
import { limitOf } from './clock-limits.js';
import { EU_536_2014 } from './eu-536-2014.js';
import { ICMJE } from './icmje.js';
import { dayOfInstant, type DaySpan } from './legal-dates.js';
import { US_42CFR11 } from './us-42cfr11.js';

/** All regulations that are known here. Another one is a value of the same type. */
export const CLOCK_PACKS: readonly ClockPack[] = [US_42CFR11, EU_536_2014, ICMJE];

/**
 * Where a clock stands. `overdue` and `met-late` are said only of what is certain; where a partial date, an expected date, or a gap in
 * the record leaves it open, it is `possibly-overdue` or `undetermined`. A duty that a waiver ended is `waived`.
 */
export type ClockStatus =
  'not-started' | 'due' | 'possibly-overdue' | 'overdue' | 'met' | 'met-late' | 'waived' | 'undetermined';

export interface ClockState {
  readonly clock: string;
  readonly pack: string;
  readonly packVersion: string;
  readonly jurisdiction: ClockPack['jurisdiction'];
  readonly title: string;
  readonly citation: string;
  readonly status: ClockStatus;
  /** What the dates say if the doubts are set aside. */
  readonly asRecorded: ClockStatus;
  /** The last day on which the duty can be met in time: one day, or the days that it may be. */
  readonly due?: DaySpan;
  /** Whether it counts from what happened or from what is expected. */
  readonly basis?: DateBasis;
  /** When the duty was met. */
  readonly met?: DaySpan;
  /** Whether the ledger shows when it was met, or the record only declares it. */
  readonly source?: 'ledger' | 'declared';
  /** Why the status is not more certain. */
  readonly doubts: readonly string[];
}

/** What a regulation says of a trial. */
export interface PackReport extends Applicability {
  readonly pack: string;
  readonly version: string;
  readonly source: string;
}

export interface ClockReport {
  /** When it was asked, ISO 8601 in UTC. */
  readonly at: string;
  readonly packs: readonly PackReport[];
  /** Of the regulations that apply, or may. */
  readonly clocks: readonly ClockState[];
}

/**
 * Where a trial stands under each regulation, at an instant that the caller names.
 *
 * Days are those of UTC. Applicability is decided first: a regulation that does not apply has no clock, and one that may apply never
 * makes a trial certainly overdue.
 *
 * @param at ISO 8601 in UTC.
 */
export function evaluateClocks(
  subject: ClockSubject,
  at: string,
  packs: readonly ClockPack[] = CLOCK_PACKS,
): ClockReport {
  const reports = packs.map((pack) => ({ pack, applicability: pack.applicability(subject) }));
  return {
    at,
    packs: reports.map(({ pack: { id, version, source }, applicability }) => ({
      pack: id,
      version,
      source,
      ...applicability,
    })),
    clocks: reports.flatMap(({ pack, applicability }) => {
      if (applicability.verdict === 'not-applicable') return [];
      const doubts =
        applicability.verdict === 'applicable' ? [] : applicability.reasons.map(({ text }) => text);
      return pack.clocks.map((rule) => stateOf(subject, at, pack, rule, doubts));
    }),
  };
}

/** Whether a duty is still to be met. */
export function isOpenDuty(state: ClockState): state is ClockState & { readonly due: DaySpan } {
  return state.due !== undefined && ['due', 'possibly-overdue', 'overdue'].includes(state.status);
}

/** Where a duty that is not met stands on a day (`YYYY-MM-DD`), as {@link evaluateClocks} says it. */
export function statusOfOpenDuty(day: string, due: DaySpan, isDoubtful: boolean): ClockStatus {
  return withDoubts(statusWhenOpen(day, due), isDoubtful);
}

function stateOf(
  subject: ClockSubject,
  at: string,
  pack: ClockPack,
  rule: ClockRule,
  generalDoubts: readonly string[],
): ClockState {
  const { id: clock, title, citation } = rule;
  const { id, version, jurisdiction } = pack;
  const about = { clock, pack: id, packVersion: version, jurisdiction, title, citation };
  const limit = limitOf(subject, rule, pack);
  const done = doneOf(subject, rule);
  if (limit === undefined || (limit.isWaived && !done)) {
    const status = limit ? 'waived' : 'not-started';
    return { ...about, status, asRecorded: status, doubts: generalDoubts };
  }
  const doubts = [...generalDoubts, ...limit.doubts, ...(done?.doubts ?? [])];
  const asRecorded = statusOf(done, limit.due, dayOfInstant(at).first);
  return {
    ...about,
    status: withDoubts(asRecorded, doubts.length > 0),
    asRecorded,
    due: limit.due,
    basis: limit.basis,
    ...(done?.days === undefined ? {} : { met: done.days, source: done.source }),
    doubts,
  };
}

interface Done {
  /** Absent when it was done at a time that nobody states. */
  readonly days?: DaySpan;
  readonly source?: 'ledger' | 'declared';
  readonly doubts?: readonly string[];
}

function doneOf(subject: ClockSubject, rule: ClockRule): Done | undefined {
  switch (rule.duty) {
    case 'registration':
      return registrationOf(subject);
    case 'results':
      return resultsOf(subject);
    case 'all-results':
      return allResultsOf(subject);
    case 'statement':
      return statedAt(subject, rule.from);
    case 'device-statement': {
      const stated = subject.deviceClearance?.stated;
      return stated === undefined ? undefined : { days: dayOfInstant(stated), source: 'ledger' };
    }
    case 'verification':
      return undefined;
  }
}

function statedAt(subject: ClockSubject, from: ClockRule['from']): Done | undefined {
  if (from === 'verification' || from === 'device-clearance') return undefined;
  const stated = statementOf(subject, from);
  if (stated) return { days: stated, source: 'ledger' };
  const wasTold = isImported(subject.record) && eventOf(subject.record, from)?.basis === 'actual';
  return wasTold
    ? { doubts: ['It was stated in another registry, at a time that the record does not give'] }
    : undefined;
}

function statusOf(done: Done | undefined, due: DaySpan, today: string): ClockStatus {
  if (done === undefined) return statusWhenOpen(today, due);
  return done.days ? statusWhenDone(done.days, due) : 'undetermined';
}

function statusWhenDone(met: DaySpan, due: DaySpan): ClockStatus {
  if (met.last <= due.first) return 'met';
  return met.first > due.last ? 'met-late' : 'undetermined';
}

function statusWhenOpen(today: string, due: DaySpan): ClockStatus {
  if (today <= due.first) return 'due';
  return today > due.last ? 'overdue' : 'possibly-overdue';
}

function withDoubts(status: ClockStatus, isDoubtful: boolean): ClockStatus {
  if (!isDoubtful) return status;
  if (status === 'overdue') return 'possibly-overdue';
  return status === 'met-late' ? 'undetermined' : status;
}
