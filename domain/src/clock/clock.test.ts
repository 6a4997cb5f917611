import assert from 'node:assert/strict';
import { checkInstant, nextBeat } from './clock.js';

const settings = { intervalSeconds: 60, skewSeconds: 10 };
const clock = { beat: 3, instant: '2026-03-01T12:00:00.000Z' };

describe('checkInstant', () => {
  it('accepts what lies between the last beat less the skew and the next beat plus the skew', () => {
    for (const timestamp of [
      '2026-03-01T11:59:50.000Z',
      '2026-03-01T12:00:30.000Z',
      '2026-03-01T12:01:10.000Z',
    ]) {
      checkInstant(timestamp, clock, settings);
    }
  });

  it('refuses a timestamp before the clock', () => {
    assert.throws(
      () => {
        checkInstant('2026-03-01T11:59:49.999Z', clock, settings);
      },
      {
        code: 'INVALID_ARGUMENT',
        details: { reason: 'TIMESTAMP_BEFORE_CLOCK' },
      },
    );
  });

  it('says that the clock is stale when it has not beaten, or never did', () => {
    const stale = { code: 'UNAVAILABLE', details: { reason: 'CLOCK_STALE' } };
    assert.throws(() => {
      checkInstant('2026-03-01T12:01:10.001Z', clock, settings);
    }, stale);
    assert.throws(() => {
      checkInstant('2026-03-01T12:00:00.000Z', undefined, settings);
    }, stale);
  });
});

describe('nextBeat', () => {
  it('counts and takes the timestamp', () => {
    const first = nextBeat(clock.instant, '2026-03-01T12:00:10.000Z', undefined, settings);
    assert.deepEqual(first, { beat: 1, instant: clock.instant });
    const next = '2026-03-01T12:00:06.000Z';
    assert.deepEqual(nextBeat(next, next, clock, settings), { beat: 4, instant: next });
  });

  it("refuses a timestamp that is not the endorser's now, on either side", () => {
    for (const now of ['2026-03-01T12:00:10.001Z', '2026-03-01T11:59:49.999Z']) {
      assert.throws(() => nextBeat(clock.instant, now, undefined, settings), { code: 'INVALID_ARGUMENT' });
    }
  });

  it('refuses a beat before the last, or sooner after it than a tenth of the interval', () => {
    for (const timestamp of ['2026-03-01T11:59:55.000Z', clock.instant, '2026-03-01T12:00:05.999Z']) {
      assert.throws(() => nextBeat(timestamp, timestamp, clock, settings), {
        code: 'CONFLICT',
        details: { reason: 'BEAT_TOO_SOON' },
      });
    }
  });
});
