import assert from 'node:assert/strict';
import { type TrialVersion, trialStart, versionBeforeStart } from './baseline-version.js';
import { demoTrial, withValue } from '../records-for-tests.test.js';

describe('versionBeforeStart', () => {
  const start = 'protocolSection.statusModule.startDateStruct.date';
  const versions = ['2026-01-19', '2026-02-28', '2026-03-01', '2026-10-01'].map((day) => ({
    instant: `${day}T09:00:00.000Z`,
    record: demoTrial('trial'),
  }));

  it('is the last version registered before the day or month in which the trial started', () => {
    const startingAt = (date: string): string | undefined =>
      versionBeforeStart(versions.map((one) => ({ ...one, record: withValue(one.record, start, date) })))
        ?.instant;
    assert.equal(startingAt('2026-03-02'), '2026-03-01T09:00:00.000Z');
    assert.equal(startingAt('2026-03'), '2026-02-28T09:00:00.000Z');
    assert.equal(startingAt('2027-01'), '2026-10-01T09:00:00.000Z');
  });

  it('is the first version when the trial was registered after its start, and none when there is none', () => {
    const late = versions.map((one) => ({ ...one, record: withValue(one.record, start, '2025-01') }));
    assert.equal(versionBeforeStart(late), late[0]);
    assert.equal(versionBeforeStart<TrialVersion>([]), undefined);
  });

  it('is not moved by a start that the sponsor moves afterwards', () => {
    const actual = 'protocolSection.statusModule.startDateStruct.type';
    const dated = ['2026-02-01', '2026-02-01', '2026-02-01', '2026-12-01'].map((date, index) => {
      const record = withValue(demoTrial('trial'), start, date);
      return { instant: versions[index]!.instant, record: withValue(record, actual, 'ACTUAL') };
    });
    assert.equal(versionBeforeStart(dated)?.instant, '2026-01-19T09:00:00.000Z');
    assert.deepEqual(trialStart(dated), { start: '2026-02-01', basis: 'actual' });
  });

  it('is the last one before the ledger saw the trial recruit, whatever its record states', () => {
    const late = versions.map((one) => ({ ...one, record: withValue(one.record, start, '2027-01') }));
    const recruited = '2026-02-28T09:00:00.001Z';
    assert.equal(versionBeforeStart(late, recruited)?.instant, '2026-02-28T09:00:00.000Z');
    assert.deepEqual(trialStart(late, recruited), { start: recruited, basis: 'recruited' });
  });
});
