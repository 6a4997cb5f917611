import assert from 'node:assert/strict';
import { answerDue } from './rectification.js';
import { refuseRetained, retentionsOf, type ErasureGround } from './retention.js';

const registered = '2026-03-01T12:00:00.000Z';
const rulesOf = (jurisdiction: string, record: { date?: string }, instant = registered, ageOut?: string) =>
  retentionsOf({ registered, ...record }, { jurisdiction, ageOut }, instant);

describe('duties to keep records', () => {
  it('§ 630f Abs. 3 BGB: ten years after the end of treatment', () => {
    const [rule, ...others] = rulesOf('DE', { date: '2020-05-04' });
    assert.deepEqual(others, []);
    assert.deepEqual(rule, {
      rule: 'de-bgb-630f',
      citation: '§ 630f Abs. 3 BGB',
      until: '2030-05-04T23:59:59.999Z',
    });
    assert.deepEqual(rulesOf('DE-BY', { date: '2020-05-04' }).length, 1);
    assert.deepEqual(rulesOf('DE', { date: '2016-01' }), []);
    assert.deepEqual(rulesOf('DK', { date: '2020-05-04' }), []);
  });

  it('begin with the registration where a record has no clinical date', () => {
    assert.equal(rulesOf('FR', {})[0]?.until, '2046-03-01T12:00:00.000Z');
  });

  it('42 CFR § 482.24(b)(1) and 22 CCR § 70751(c): both apply in California, the one that ends last comes first', () => {
    assert.deepEqual(
      rulesOf('US-CA', { date: '2022' }).map(({ rule, until }) => [rule, until.slice(0, 4)]),
      [
        ['us-ca-22ccr70751', '2029'],
        ['us-42cfr482', '2027'],
      ],
    );
    assert.deepEqual(
      rulesOf('US-CA', { date: '2020-01-01' }).map(({ rule }) => rule),
      ['us-ca-22ccr70751'],
    );
  });

  it('22 CCR § 70751(c) and O. Reg. 114/94, s. 19: records of minors are kept beyond their coming of age', () => {
    const ageOut = '2030-06-01T00:00:00.000Z';
    const young = rulesOf('US-CA', { date: '2019-01-01' }, registered, ageOut);
    assert.deepEqual(young, [
      { rule: 'us-ca-22ccr70751', citation: '22 CCR § 70751(c)', until: '2031-06-01T00:00:00.000Z' },
    ]);
    assert.equal(
      rulesOf('CA-ON', { date: '2019' }, registered, ageOut)[0]?.until,
      '2040-06-01T00:00:00.000Z',
    );
  });

  it('apply from the day on which they are in force', () => {
    assert.deepEqual(rulesOf('DE', { date: '2012-01-01' }, '2013-02-25T23:59:59.999Z'), []);
    assert.equal(rulesOf('DE', { date: '2012-01-01' }, '2013-02-26T00:00:00.000Z').length, 1);
  });

  it('go before grounds of art. 17(1)(a) to (c), and not before unlawfulness, another law, or another person', () => {
    const retained = rulesOf('DE', { date: '2020' });
    for (const [ground, refused] of [
      ['no-longer-necessary', true],
      ['consent-withdrawn', true],
      ['objection', true],
      ['unlawful', false],
      ['legal-obligation', false],
      ['wrong-person', false],
    ] as readonly (readonly [ErasureGround, boolean])[]) {
      const erase = (): void => {
        refuseRetained(ground, retained);
      };
      if (refused) {
        assert.throws(erase, {
          code: 'PRECONDITION_FAILED',
          details: { reason: 'RETENTION', rule: 'de-bgb-630f', citation: '§ 630f Abs. 3 BGB' },
        });
      } else assert.doesNotThrow(erase);
      assert.doesNotThrow(() => {
        refuseRetained(ground, []);
      });
    }
  });
});

describe('answerDue', () => {
  it('is the same day of the next month, or its last', () => {
    assert.equal(answerDue('2026-03-15T08:00:00.000Z'), '2026-04-15T08:00:00.000Z');
    assert.equal(answerDue('2026-01-31T08:00:00.000Z'), '2026-02-28T08:00:00.000Z');
    assert.equal(answerDue('2026-12-31T08:00:00.000Z'), '2027-01-31T08:00:00.000Z');
  });
});
