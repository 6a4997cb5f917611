import assert from 'node:assert/strict';
import type { TrialRecord } from '../trial-record.js';
import {
  type NumberedVersion,
  type TracedOutcome,
  trialOutcomes,
  type TrialOutcomes,
} from './outcome-report.js';
import { demoTrial, withValue } from '../records-for-tests.test.js';

type Stated = readonly [measure: string, timeFrame: string];

function record(
  primary: readonly Stated[],
  secondary: readonly Stated[],
  results?: readonly Stated[],
): TrialRecord {
  const listed = (list: readonly Stated[]) => list.map(([measure, timeFrame]) => ({ measure, timeFrame }));
  const module = { primaryOutcomes: listed(primary), secondaryOutcomes: listed(secondary) };
  const announced = withValue(demoTrial('trial'), 'protocolSection.outcomesModule', module);
  const outcomeMeasures = (results ?? []).map(([title, timeFrame]) => ({
    type: 'PRIMARY',
    title,
    timeFrame,
  }));
  return results
    ? withValue(announced, 'resultsSection.outcomeMeasuresModule', { outcomeMeasures })
    : announced;
}

const SURVIVAL: Stated = ['Overall survival', '2 years'];
const PAIN: Stated = ['Pain intensity on a numeric rating scale', '12 weeks'];

/** Versions a month apart, the first before the start of the trial (2026-03-02). */
function reportOf(...history: (readonly [record: TrialRecord, reason?: string])[]): TrialOutcomes {
  const versions = history.map(([record, reason], index): NumberedVersion => ({
    version: index + 1,
    instant: `2026-${String(index + 2).padStart(2, '0')}-05T09:00:00.000Z`,
    record,
    ...(reason === undefined ? {} : { reason }),
  }));
  const report = trialOutcomes(versions);
  assert.ok(report);
  return report;
}

const traces = (outcomes: readonly TracedOutcome[]): string[] =>
  outcomes.flatMap(({ traced }) =>
    traced.map(
      ({ change, introduced, disclosure, told }) =>
        `${change} in ${introduced}: ${disclosure} ${told ?? '-'}`,
    ),
  );

describe('trialOutcomes', () => {
  it('names the version in which a switch came in, and that nobody said a word', () => {
    const report = reportOf(
      [record([SURVIVAL], [PAIN])],
      [record([SURVIVAL], [PAIN]), 'New sites'],
      [record([PAIN], [SURVIVAL]), 'Typing errors corrected'],
      [record([PAIN], [SURVIVAL]), 'New sites'],
    );
    assert.deepEqual(report.baseline, {
      version: 1,
      instant: '2026-02-05T09:00:00.000Z',
      isBeforeStart: true,
    });
    assert.deepEqual(traces(report.outcomes), ['demoted in 3: silent -', 'promoted in 3: silent -']);
    assert.equal(report.silentlySwitched, true);
    assert.deepEqual(
      report.versions.map(({ version, primarySwitched, changed }) => [
        version,
        primarySwitched,
        changed.length,
      ]),
      [
        [2, false, 0],
        [3, true, 2],
        [4, true, 2],
      ],
    );
  });

  it('tells declared changes apart, also when they are owned up to later', () => {
    const declared = reportOf(
      [record([SURVIVAL], [PAIN])],
      [
        record([PAIN], [SURVIVAL]),
        'Overall survival becomes secondary, and pain intensity becomes the primary outcome',
      ],
    );
    assert.deepEqual(traces(declared.outcomes), ['demoted in 2: declared 2', 'promoted in 2: declared 2']);
    assert.deepEqual([declared.primarySwitched, declared.silentlySwitched], [true, false]);
    const late = reportOf(
      [record([SURVIVAL], [PAIN])],
      [record([SURVIVAL], []), 'New sites'],
      [record([SURVIVAL], []), 'Pain intensity was dropped from the secondary outcomes in version 2'],
    );
    assert.deepEqual(traces(late.outcomes), ['dropped in 2: declared 3']);
  });

  it('forgets a change that was taken back, and dates one that came again anew', () => {
    const longer: Stated = [SURVIVAL[0], '5 years'];
    const back = reportOf(
      [record([SURVIVAL], [])],
      [record([longer], []), 'Longer'],
      [record([SURVIVAL], []), 'Back'],
    );
    assert.deepEqual(traces(back.outcomes), []);
    assert.equal(back.versions[0]?.primarySwitched, true);
    const again = reportOf(
      [record([SURVIVAL], [])],
      [record([longer], []), 'Time frame of overall survival extended'],
      [record([SURVIVAL], []), 'Back'],
      [record([longer], []), 'New sites'],
    );
    assert.deepEqual(traces(again.outcomes), ['time-frame-changed in 4: silent -']);
  });

  it('measures results by what was announced before the start, not by what it became', () => {
    const report = reportOf(
      [record([SURVIVAL], [PAIN])],
      [record([PAIN], [SURVIVAL]), 'Overall survival is demoted to secondary; pain intensity is promoted'],
      [record([PAIN], [SURVIVAL], [PAIN, ['Fatigue', '12 weeks']]), 'Results'],
    );
    assert.ok(report.reported);
    assert.deepEqual(
      report.reported.outcomes.map(({ changes }) => changes.join()),
      ['dropped', 'promoted', 'added'],
    );
    assert.deepEqual(traces(report.reported.outcomes), [
      'dropped in 0: silent -',
      'promoted in 2: declared 2',
      'added in 0: silent -',
    ]);
  });

  it('says when there was no version before the start', () => {
    const versions = [{ version: 1, instant: '2026-05-05T09:00:00.000Z', record: record([SURVIVAL], []) }];
    assert.equal(trialOutcomes(versions)?.baseline.isBeforeStart, false);
    assert.equal(trialOutcomes([]), undefined);
  });
});
