import { isBefore } from '../trial-date.js';
import { textAt, type TrialRecord } from '../trial-record.js';

/** A version of a record as the registry keeps it. */
export interface TrialVersion {
  readonly record: TrialRecord;
  /** When it was registered, ISO 8601 in UTC. */
  readonly instant: string;
}

const START = 'protocolSection.statusModule.startDateStruct';

/** When a trial began: the earliest of what was ever certain. */
export interface TrialStart {
  /** Trial date or instant; undefined when no version states one. */
  readonly start?: string;
  /** `stated`: the latest version's date; `actual`: an earlier one that a version called actual; `recruited`: the ledger's own step. */
  readonly basis: 'stated' | 'actual' | 'recruited' | 'unknown';
}

/**
 * When a trial began. The latest version states it; but whoever moves the start to a later day, so that a change seems to come before it, is
 * held to the earliest date that any version called actual, and to the instant at which the ledger saw the trial recruit.
 *
 * @param recruited instant of the step `recruit`.
 */
export function trialStart(versions: readonly TrialVersion[], recruited?: string): TrialStart {
  const stated = textAt(versions.at(-1)?.record, `${START}.date`);
  let found: TrialStart = stated === undefined ? { basis: 'unknown' } : { start: stated, basis: 'stated' };
  const earlier = (start: string): boolean =>
    found.start === undefined || firstDay(start) < firstDay(found.start);
  for (const { record } of versions) {
    const date = textAt(record, `${START}.date`);
    if (date !== undefined && textAt(record, `${START}.type`) === 'ACTUAL' && earlier(date))
      found = { start: date, basis: 'actual' };
  }
  return recruited !== undefined && earlier(recruited) ? { start: recruited, basis: 'recruited' } : found;
}

/** `2019-02` counts from its first day; an instant stays one. */
function firstDay(start: string): string {
  return start.length === 7 ? `${start}-01` : start;
}

/**
 * The version that later ones are measured by: the last one registered before the trial started, or the first one when the trial was
 * registered later.
 *
 * @param versions in the order of their registration.
 * @returns undefined when there is no version.
 */
export function versionBeforeStart<T extends TrialVersion>(
  versions: readonly T[],
  recruited?: string,
): T | undefined {
  const { start = '' } = trialStart(versions, recruited);
  return versions.filter(({ instant }) => isBeforeStart(instant, start)).at(-1) ?? versions[0];
}

function isBeforeStart(instant: string, start: string): boolean {
  return start.includes('T') ? instant < start : isBefore(instant, start);
}
