import assert from 'node:assert/strict';
import { areSameTimes, observedTimes } from './time-frame.js';

describe('observedTimes', () => {
  const days = (text: string): number[] => observedTimes(text).days.map(Math.round);

  it('reads points, lists and spans as days, without the baseline', () => {
    assert.deepEqual(days('Baseline, weeks 4, 8 and 12'), [28, 56, 84]);
    assert.deepEqual(days('up to 2 years'), [731]);
    assert.deepEqual(days('Day 1 to Day 28'), [28]);
    assert.deepEqual(days('first 48 hours'), [2]);
    assert.deepEqual(days('one year'), [365]);
    assert.deepEqual(days('at discharge'), []);
  });

  const same = (one: string, other: string): boolean =>
    areSameTimes(observedTimes(one), observedTimes(other));

  it('knows one time in other units', () => {
    for (const [one, other] of [
      ['52 weeks', '1 year'],
      ['24 months', '2 years'],
      ['90 days', '3 months'],
      ['Baseline to week 12', '12 weeks'],
      ['within 30 days of surgery', '30 days postoperatively'],
      ['at birth', 'At delivery'],
      ['month 3 (week 12)', 'Week 12'],
    ] as const)
      assert.ok(same(one, other), `${one} / ${other}`);
  });

  it('tells other times, other beginnings and other ends apart', () => {
    for (const [one, other] of [
      ['12 weeks', '3 months'],
      ['weeks 4, 8 and 12', 'week 12'],
      ['24 hours after surgery', '24 hours after vaccination'],
      ['first 2 weeks of treatment', 'last 2 weeks of treatment'],
      ['one season', 'two seasons'],
      ['at discharge', '30 days'],
      ['', '30 days'],
    ] as const)
      assert.ok(!same(one, other), `${one} / ${other}`);
  });
});
