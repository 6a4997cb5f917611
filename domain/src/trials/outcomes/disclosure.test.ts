import assert from 'node:assert/strict';
import { compareOutcomeLists } from './compare-outcomes.js';
import type { OutcomeChange } from './compare-pair.js';
import { type Disclosure, disclosureOf } from './disclosure.js';
import type { Outcome, OutcomeRank } from './outcome.js';

const outcome = (rank: OutcomeRank, measure: string, timeFrame = '12 weeks'): Outcome => ({
  rank,
  measure,
  timeFrame,
  pointer: `/${rank}`,
});

describe('disclosureOf', () => {
  const [demoted] = compareOutcomeLists(
    [outcome('primary', 'Overall survival')],
    [outcome('secondary', 'Overall survival', '24 weeks')],
  ).outcomes;
  const told = (reason: string, change: OutcomeChange): Disclosure => disclosureOf(reason, change, demoted!);

  it('finds a reason that names the outcome, by whatever name, and what is done to it', () => {
    assert.equal(told('Overall survival becomes a secondary outcome', 'demoted'), 'declared');
    assert.equal(told('OS was demoted after the interim analysis', 'demoted'), 'declared');
    assert.equal(told('The primary endpoint was changed on request of the regulator', 'demoted'), 'declared');
    assert.equal(
      told('Follow-up for overall survival extended to 24 weeks', 'time-frame-changed'),
      'declared',
    );
  });

  it('finds each change by itself', () => {
    assert.notEqual(told('Overall survival is now a secondary outcome', 'time-frame-changed'), 'declared');
  });

  it('takes talk of outcomes in general for vague', () => {
    assert.equal(told('Outcome measures updated', 'demoted'), 'vague');
    assert.equal(told('Revised endpoints', 'time-frame-changed'), 'vague');
  });

  it('hears nothing in other reasons, in an empty one, and in one that denies it', () => {
    assert.equal(told('New sites in Norway', 'demoted'), 'silent');
    assert.equal(told('', 'demoted'), 'silent');
    assert.equal(told('Larger sample; the primary outcome remains the same', 'demoted'), 'silent');
    assert.equal(told('New sponsor address, no change to the outcomes', 'demoted'), 'silent');
  });
});
