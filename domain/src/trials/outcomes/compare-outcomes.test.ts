import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compareOutcomeLists, compareOutcomes, type OutcomesComparison } from './compare-outcomes.js';
import { type Outcome, type OutcomeRank, registeredOutcomes, reportedOutcomes } from './outcome.js';
import { demoTrial, realTrials } from '../records-for-tests.test.js';

function outcome(rank: OutcomeRank, measure: string, timeFrame = 'week 12', description?: string): Outcome {
  return {
    rank,
    measure,
    timeFrame,
    pointer: `/${rank}`,
    ...(description === undefined ? {} : { description }),
  };
}

function told({ outcomes }: OutcomesComparison): string[] {
  return outcomes.map(
    ({ changes, before, after }) => `${(before ?? after)?.measure ?? ''}: ${changes.join(', ')}`,
  );
}

describe('compareOutcomes', () => {
  it('finds the switch in the demo trial, which says nothing about it', () => {
    const comparison = compareOutcomes(demoTrial('trial'), demoTrial('trial-amended'));
    assert.deepEqual(told(comparison), [
      'Change in 24-hour mean ambulatory systolic blood pressure: demoted, time-frame-changed, description-changed',
      'Change in seated office systolic blood pressure: promoted',
      'Change in urinary albumin-to-creatinine ratio: kept',
      'Participants with hyperkalaemia: dropped',
      'Change in haemoglobin A1c: kept',
    ]);
    assert.equal(comparison.primarySwitched, true);
    assert.equal(comparison.outcomes[1]?.after?.pointer, '/protocolSection/outcomesModule/primaryOutcomes/0');
  });

  it('survives new wordings, and says so', () => {
    const comparison = compareOutcomeLists(
      [
        outcome('primary', 'Overall survival (OS)', '5 years'),
        outcome('secondary', 'Number of subjects with serious adverse events', '52 weeks'),
      ],
      [
        outcome('primary', 'Serious Adverse Events (SAEs)', '1 year'),
        outcome('secondary', 'OS', 'From randomisation to death, up to 60 months'),
      ],
    );
    assert.deepEqual(told(comparison), [
      'Overall survival (OS): demoted, wording-only',
      'Number of subjects with serious adverse events: promoted, wording-only',
    ]);
    assert.equal(comparison.primarySwitched, true);
  });

  it('shows what a verdict rests on', () => {
    const [changed, dropped, added] = compareOutcomeLists(
      [outcome('primary', 'PASI 75 response', 'week 16'), outcome('secondary', 'Body weight')],
      [outcome('primary', 'PASI 90 response', 'week 24'), outcome('secondary', 'Weight of evidence')],
    ).outcomes;
    assert.deepEqual(changed!.changes, ['measure-changed', 'time-frame-changed']);
    assert.deepEqual(changed!.evidence.differences, ['numbers']);
    assert.deepEqual(changed!.evidence.days, { before: [112], after: [168] });
    assert.equal(changed!.confidence, 1);
    assert.deepEqual(dropped!.changes, ['dropped']);
    assert.ok(dropped!.confidence >= 0.5);
    assert.deepEqual(added!.changes, ['added']);
  });

  it('sees a threshold that changes in the description only', () => {
    const responders = (percent: number): Outcome =>
      outcome(
        'primary',
        'Responders',
        'week 12',
        `Reduction of the score by at least ${percent}% from baseline`,
      );
    assert.deepEqual(told(compareOutcomeLists([responders(50)], [responders(30)])), [
      'Responders: measure-changed, description-changed',
    ]);
  });

  it('prefers the twin at the same time, whatever the order', () => {
    const times = ['day 1', 'day 7', 'day 30'];
    const before = times.map((time) => outcome('secondary', 'Pain on a visual analogue scale', time));
    const after = times.map((time) => outcome('secondary', 'Pain (VAS)', time)).reverse();
    assert.ok(
      compareOutcomeLists(before, after).outcomes.every(({ changes }) => changes.join() === 'wording-only'),
    );
  });

  it('keeps what differs only in case, punctuation and space', () => {
    const comparison = compareOutcomeLists(
      [outcome('primary', 'Overall survival (OS)', '5 years')],
      [outcome('primary', 'overall  survival: OS', '5 Years.')],
    );
    assert.deepEqual(told(comparison), ['Overall survival (OS): kept']);
    assert.equal(comparison.primarySwitched, false);
  });

  it('takes signs in a measure seriously', () => {
    const comparison = compareOutcomeLists(
      [outcome('primary', 'Participants with HbA1c < 7 %')],
      [outcome('primary', 'Participants with HbA1c > 7 %')],
    );
    assert.deepEqual(told(comparison), ['Participants with HbA1c < 7 %: measure-changed']);
    assert.equal(comparison.primarySwitched, true);
  });

  it('takes a measure with most words in common for a new wording, and another one for another outcome', () => {
    const before = [outcome('primary', 'Change in systolic blood pressure at week 12')];
    assert.deepEqual(
      told(compareOutcomeLists(before, [outcome('primary', 'Change in systolic blood pressure at week 24')])),
      ['Change in systolic blood pressure at week 12: time-frame-changed'],
    );
    assert.deepEqual(told(compareOutcomeLists(before, [outcome('primary', 'All-cause mortality')])), [
      'Change in systolic blood pressure at week 12: dropped',
      'All-cause mortality: added',
    ]);
  });

  it('recognizes a renamed outcome by its description', () => {
    const comparison = compareOutcomeLists(
      [outcome('secondary', 'Safety', 'week 12', 'Participants with at least one serious adverse event')],
      [
        outcome(
          'secondary',
          'Tolerability',
          'week 12',
          'Participants with at least one serious adverse event',
        ),
      ],
    );
    assert.deepEqual(told(comparison), ['Safety: measure-changed']);
    assert.equal(comparison.primarySwitched, false);
  });

  it('tells two outcomes of one measure apart by their time frames', () => {
    const [early, late] = [outcome('secondary', 'Pain', 'day 1'), outcome('secondary', 'Pain', 'day 30')];
    assert.deepEqual(told(compareOutcomeLists([early, late], [late])), ['Pain: dropped', 'Pain: kept']);
  });

  it('sees a primary outcome without a time frame before and with one after', () => {
    const untimed: Outcome = { rank: 'primary', measure: 'Death', pointer: '/primary' };
    assert.deepEqual(told(compareOutcomeLists([untimed], [outcome('primary', 'Death')])), [
      'Death: time-frame-changed',
    ]);
  });

  it('accounts for every outcome of both versions exactly once', () => {
    const words = fc.constantFrom('pain', 'death', 'pressure', 'mean', 'change', 'at', 'rest');
    const any = fc
      .tuple(
        fc.constantFrom<OutcomeRank>('primary', 'secondary', 'other'),
        fc.array(words, { minLength: 1, maxLength: 4 }),
      )
      .map(([rank, measure]) => outcome(rank, measure.join(' ')));
    fc.assert(
      fc.property(fc.array(any), fc.array(any), (before, after) => {
        const { outcomes } = compareOutcomeLists(before, after);
        assert.deepEqual(
          outcomes.flatMap((one) => one.before ?? []),
          before,
        );
        const later = outcomes.flatMap((one) => one.after ?? []);
        assert.equal(later.length, after.length);
        assert.equal(new Set(later).size, after.length);
        assert.ok(compareOutcomeLists(before, before).outcomes.every(({ changes }) => changes[0] === 'kept'));
      }),
    );
  });

  it('compares what real trials report with what they announced', function () {
    const trials = realTrials();
    if (trials === undefined) {
      console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
      this.skip();
    }
    for (const { name, record } of trials) {
      const reported = reportedOutcomes(record);
      assert.ok(reported.length > 0, name);
      const { outcomes } = compareOutcomeLists(registeredOutcomes(record), reported);
      assert.ok(
        outcomes.every(({ changes }) => !changes.includes('added') && !changes.includes('dropped')),
        name,
      );
    }
  });
});
