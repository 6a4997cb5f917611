import type { ClockSettings } from '../consortium/document.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';

/** The channel's clock: the number of beats and the instant of the last one. */
export interface ClockValue {
  readonly beat: number;
  readonly instant: string;
}

/** How far clocks may differ before a consortium document says so, and how often it beats. */
export const SETTINGS_BEFORE_ADOPTION: ClockSettings = { intervalSeconds: 300, skewSeconds: 30 };

/**
 * Checks a proposal's timestamp against the channel's clock: `instant − skew ≤ timestamp ≤ instant + interval + skew`.
 *
 * @param timestamp the proposal's, ISO 8601 UTC with milliseconds.
 * @param clock the clock key's value; undefined when no beat was ever written.
 * @returns the clock's value, which there is then.
 * @throws VitaledgerError `UNAVAILABLE` (`CLOCK_STALE`) when the clock has not beaten recently enough,
 * `INVALID_ARGUMENT` (`TIMESTAMP_BEFORE_CLOCK`) when the timestamp is older than the clock allows.
 */
export function checkInstant(
  timestamp: string,
  clock: ClockValue | undefined,
  settings: ClockSettings,
): ClockValue {
  if (!clock) throw stale('the channel has no clock yet; an administrator must submit the first beat');
  const age = Date.parse(timestamp) - Date.parse(clock.instant);
  if (age < -settings.skewSeconds * 1000) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      "The proposal's timestamp lies before the channel's clock; set this machine's clock and submit again",
      { reason: 'TIMESTAMP_BEFORE_CLOCK' },
    );
  }
  if (age > (settings.intervalSeconds + settings.skewSeconds) * 1000) {
    throw stale(
      "the channel's clock has not beaten recently; retry, and have an administrator check the beat",
    );
  }
  return clock;
}

function stale(message: string): VitaledgerError {
  return new VitaledgerError('UNAVAILABLE', message, { reason: 'CLOCK_STALE' });
}

/**
 * The least milliseconds between two beats: a tenth of the interval. Each beat invalidates whatever was endorsed before it and waits to be
 * committed, so an administrator who beats without a pause would stop everybody.
 */
export function leastBetweenBeats({ intervalSeconds }: ClockSettings): number {
  return intervalSeconds * 100;
}

/**
 * Checks a proposal's timestamp against the endorsing peer's own clock.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` (`TIMESTAMP_NOT_NOW`) if the two differ by more than the skew.
 */
export function checkEndorserTime(timestamp: string, endorserNow: string, settings: ClockSettings): void {
  const difference = Math.abs(Date.parse(timestamp) - Date.parse(endorserNow));
  if (difference <= settings.skewSeconds * 1000) return;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `The proposal's timestamp is more than ${settings.skewSeconds} seconds from the endorser's clock; set the clocks`,
    { reason: 'TIMESTAMP_NOT_NOW' },
  );
}

/**
 * The clock after a beat.
 *
 * @param timestamp the proposal's.
 * @param endorserNow the endorsing peer's own clock.
 * @throws VitaledgerError `INVALID_ARGUMENT` (`TIMESTAMP_NOT_NOW`) if the two differ by more than the skew;
 * `CONFLICT` (`BEAT_TOO_SOON`) if the timestamp is not at least {@link leastBetweenBeats} after the last beat.
 */
export function nextBeat(
  timestamp: string,
  endorserNow: string,
  last: ClockValue | undefined,
  settings: ClockSettings,
): ClockValue {
  checkEndorserTime(timestamp, endorserNow, settings);
  if (last && Date.parse(timestamp) < Date.parse(last.instant) + leastBetweenBeats(settings)) {
    throw new VitaledgerError(
      'CONFLICT',
      'The clock has beaten just now, or after this timestamp; nothing needs to be done',
      { reason: 'BEAT_TOO_SOON' },
    );
  }
  return { beat: (last?.beat ?? 0) + 1, instant: timestamp };
}
