import assert from 'node:assert/strict';
import { accompanying } from '../access/accompanying.js';
import { asked, consent, record } from '../packs/request-for-tests.test.js';
import { CA_ON_PHIPA } from '../packs/ca-on-phipa.js';
import { EU_GDPR } from '../packs/eu-gdpr.js';
import type { PolicyPack } from '../packs/pack.js';
import { US_42CFR2 } from '../packs/us-42cfr2.js';
import { US_HIPAA } from '../packs/us-hipaa.js';
import { decide, decideRecord } from './decide.js';
import type { ConsentTerms, DecisionInput, ProhibitionTerms } from './decision.js';
import { requesterView } from './requester-view.js';
import { sensitivityCoding } from './terms.js';

const US = [US_HIPAA, US_42CFR2];

const restriction: ProhibitionTerms = {
  prohibition: 'f'.repeat(32),
  kind: 'restriction',
  provision: { type: 'deny' },
};

describe('laws and what the patient forbids', () => {
  const treating = { ...asked(US), prohibitions: [restriction] };

  it('deny treatment that the law permits, for the reason that the patient gave', () => {
    const { outcome, reason } = decideRecord(treating, record());
    assert.deepEqual([outcome, reason], ['deny', 'RESTRICTION']);
    assert.equal(decide(treating).outcome, 'deny');
  });

  it('never override a duty', () => {
    const question = {
      purpose: 'BTG',
      role: 'emergency',
      kinds: ['hospital'],
      evidence: 'emergency',
    } as const;
    const { outcome, reason } = decideRecord(
      { ...asked(US, question), prohibitions: [restriction] },
      record(),
    );
    assert.deepEqual([outcome, reason], ['permit', 'POLICY']);
  });

  it('leave open what is limited to some records', () => {
    const provision = { type: 'deny' as const, securityLabel: [sensitivityCoding('HIV')] };
    const input: DecisionInput = { ...treating, prohibitions: [{ ...restriction, provision }] };
    assert.equal(decide(input).classes.Observation?.outcome, 'permit-with-obligations');
    assert.equal(decideRecord(input, record()).outcome, 'permit');
    const labels = [{ system: sensitivityCoding('HIV').system!, code: 'HIV' }];
    assert.equal(decideRecord(input, { ...record(), labels }).outcome, 'deny');
  });
});

describe('several consents', () => {
  const older: ConsentTerms = { ...consent('deny', ['HRESCH']), issued: '2026-01-01T00:00:00.000Z' };
  const newer: ConsentTerms = { ...consent('permit', ['HRESCH']), issued: '2026-02-01T00:00:00.000Z' };
  const recent: PolicyPack = { ...US_HIPAA, combining: 'most-recent' };
  const outcome = (packs: readonly PolicyPack[], ...consents: ConsentTerms[]) =>
    decideRecord(asked(packs, { purpose: 'HRESCH', role: 'researcher', consents }), record()).outcome;

  it('combine by denial unless a pack says otherwise', () => {
    assert.equal(outcome([US_HIPAA], older, newer), 'deny');
  });

  it('combine by the most recent that speaks where every pack that applies says so', () => {
    assert.equal(outcome([recent], older, newer), 'permit');
    assert.equal(outcome([recent], { ...older, issued: '2026-03-01T00:00:00.000Z' }, newer), 'deny');
    assert.equal(outcome([recent, US_42CFR2], older, newer), 'deny', 'one pack does not say so');
    assert.equal(outcome([recent, EU_GDPR], older, newer), 'permit', 'a pack of elsewhere has no say');
  });

  it('that are equally recent combine by denial', () => {
    assert.equal(outcome([recent], { ...older, issued: newer.issued! }, newer), 'deny');
  });
});

describe('requesterView', () => {
  it('leaves out the laws that apply only by where the patient is at home, and that place', () => {
    const places = { custodian: 'US-CA', recipient: 'US-MA', patient: 'CA-ON' };
    const decision = decide(asked([...US, CA_ON_PHIPA], { in: places, optOuts: ['primary-use'] }));
    assert.ok(decision.policy?.packs.some(({ id }) => id === 'ca-on-phipa'));
    const view = requesterView(decision);
    assert.equal(JSON.stringify(view).includes('phipa'), false);
    assert.equal(JSON.stringify(view).includes('CA-ON'), false);
    assert.equal(JSON.stringify(view).includes('primary-use'), false);
    for (const { policies = [] } of Object.values(view.classes)) {
      for (const index of policies) assert.ok(view.policy?.rules[index]);
    }
    assert.deepEqual(
      view.policy?.packs.map(({ for: parties }) => parties),
      [
        ['custodian', 'recipient'],
        ['custodian', 'recipient'],
      ],
    );
  });
});

describe('accompanying', () => {
  it('tells that a record is incomplete where a consent withholds something (PHIPA s. 20(3), 38(2)), and only there', () => {
    const notices = (consents: readonly ConsentTerms[]) => {
      const input = asked([CA_ON_PHIPA], { in: 'CA-ON', consents });
      const released = [decideRecord(input, record())];
      assert.equal(released[0]?.outcome, 'permit');
      return accompanying(decide(input), released, consents).map(({ obligation }) => obligation);
    };
    assert.deepEqual(notices([]), []);
    const withholding = consent('deny', ['TREAT'], { securityLabel: [sensitivityCoding('HIV')] });
    assert.deepEqual(notices([withholding]), ['incomplete-notice']);
  });

  it('explains the consents that a Part 2 release rests on (42 CFR 2.32(b)), and no others', () => {
    const treatment = consent('permit', ['TREAT'], { period: { end: '2027' } });
    const other = { ...consent('permit', ['HRESCH']), consent: 'd'.repeat(32) };
    const input = asked(US, { consents: [treatment, other] });
    const released = [decideRecord(input, record(['part2-program']))];
    const [explained] = accompanying(decide(input), released, input.consents);
    assert.deepEqual(explained?.consents, [
      {
        consent: treatment.consent,
        version: 1,
        paths: ['provision'],
        purposes: ['TREAT'],
        period: { end: '2027' },
      },
    ]);
  });
});
