import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConsentProvision } from 'fhir/r4';
import { canonicalJson } from '../json/canonical.js';
import { decide, decideRecord } from './decide.js';
import type {
  ConsentTerms,
  DecisionInput,
  DecisionRequest,
  ProhibitionTerms,
  RecordFacets,
} from './decision.js';
import { requesterView } from './requester-view.js';
import { classCoding, organizationActor, purposeCoding, sensitivityCoding } from './terms.js';

const INSTANT = '2026-03-01T12:00:00.000Z';
const request = (purpose = 'TREAT', classes?: readonly string[]): DecisionRequest => ({
  custodian: 'HospitalMSP',
  actor: { mspId: 'ClinicMSP', subject: 'dr-1', role: 'practitioner' },
  scope: 'content',
  purpose,
  filter: classes ? { classes } : {},
});
const observation: RecordFacets = {
  id: '1'.repeat(32),
  class: 'Observation',
  category: [],
  codes: [],
  labels: [],
  mediaType: 'application/fhir+json',
};
const all: ConsentTerms = { consent: 'c'.repeat(32), version: 1, provision: { type: 'permit' } };
const forbid = (
  kind: ProhibitionTerms['kind'],
  provision: ConsentProvision,
  prohibition = 'f'.repeat(32),
): ProhibitionTerms => ({ prohibition, kind, provision: { type: 'deny', ...provision } });

function classOf(prohibitions: readonly ProhibitionTerms[], purpose = 'TREAT', consents = [all]) {
  const asked = request(purpose, ['Observation']);
  const decision = decide({ consents, prohibitions, request: asked, instant: INSTANT });
  return { decision, answer: decision.classes.Observation! };
}

describe('a prohibition', () => {
  it('denies what consents permit, with its kind as reason and its path in the receipt', () => {
    for (const [kind, reason] of [
      ['restriction', 'RESTRICTION'],
      ['objection', 'OBJECTION'],
      ['opt-out', 'OPT_OUT'],
    ] as const) {
      const { decision, answer } = classOf([forbid(kind, {})]);
      assert.deepEqual([answer.outcome, answer.reason], ['deny', reason]);
      assert.deepEqual(
        answer.rules.map((index) => decision.rules[index]),
        [{ consent: 'f'.repeat(32), version: 1, path: kind, type: 'deny', certain: true }],
      );
      assert.deepEqual(decision.prohibitions, [{ prohibition: 'f'.repeat(32), kind, applies: true }]);
    }
  });

  it('leaves alone what it does not speak of', () => {
    const research = forbid('objection', { purpose: [purposeCoding('HRESCH')] });
    assert.equal(classOf([research]).answer.outcome, 'permit');
    assert.equal(classOf([research], 'CLINTRCH').answer.outcome, 'deny');
    const other = forbid('restriction', { actor: [organizationActor('PharmacyMSP')] });
    const { decision, answer } = classOf([other]);
    assert.equal(answer.outcome, 'permit');
    assert.deepEqual(requesterView(decision).prohibitions, [], 'and the requester is not told of it');
  });

  it('withholds record by record where it limits the data, and counts against a record that does not say', () => {
    const labelled = forbid('restriction', { securityLabel: [sensitivityCoding('HIV')] });
    const { answer } = classOf([labelled]);
    assert.equal(answer.outcome, 'permit-with-obligations');
    assert.deepEqual(
      answer.obligations.map(({ effect, path }) => [effect, path]),
      [['withhold', 'restriction']],
    );
    const decideOn = (prohibition: ProhibitionTerms, changes: Partial<RecordFacets>) =>
      decideRecord(
        { consents: [all], prohibitions: [prohibition], request: request(), instant: INSTANT },
        { ...observation, ...changes },
      ).outcome;
    const hiv = { system: sensitivityCoding('HIV').system!, code: 'HIV' };
    assert.equal(decideOn(labelled, {}), 'permit');
    assert.equal(decideOn(labelled, { labels: [hiv] }), 'deny');
    const dated = forbid('restriction', { dataPeriod: { start: '2020' } });
    assert.equal(decideOn(dated, {}), 'deny');
    assert.equal(decideOn(dated, { date: '2019-05-01' }), 'permit');
  });

  it('stands above a default that permits', () => {
    const input = {
      consents: [],
      request: request(),
      instant: INSTANT,
      defaults: { outcome: 'permit' as const },
    };
    assert.equal(decide(input).outcome, 'permit');
    assert.equal(decide({ ...input, prohibitions: [forbid('restriction', {})] }).outcome, 'deny');
  });

  // One limit each, if any, so that rules and requests meet often.
  const limit = (name: string, values: readonly unknown[]) =>
    fc.constantFrom(...values.map((value) => ({ [name]: value })));
  const provision: fc.Arbitrary<ConsentProvision> = fc.oneof(
    fc.constant({}),
    limit('purpose', [[purposeCoding('TREAT')], [purposeCoding('HRESCH')]]),
    limit('class', [[classCoding('Observation')], [classCoding('Condition')]]),
    limit('actor', [[organizationActor('ClinicMSP')], [organizationActor('HospitalMSP')]]),
    limit('dataPeriod', [{ end: '2020' }, { start: '2021' }]),
    limit('securityLabel', [[sensitivityCoding('HIV')], [sensitivityCoding('SUD')]]),
    limit('period', [{ end: '2025' }, { start: '2026' }]),
  );
  const prohibition = fc
    .tuple(
      fc.constantFrom('restriction' as const, 'objection' as const, 'opt-out' as const),
      provision,
      fc.nat(9),
    )
    .map(([kind, only, id]) => forbid(kind, only, String(id).repeat(32)));
  const type = fc.constantFrom('permit' as const, 'deny' as const);
  const consents = fc.uniqueArray(
    fc.tuple(type, provision, provision, fc.nat(9)).map(([base, outer, inner, id]): ConsentTerms => {
      const exception = { type: base === 'permit' ? ('deny' as const) : ('permit' as const), ...inner };
      return {
        consent: `a${id}`.padEnd(32, '0'),
        version: 1,
        provision: { type: base, ...outer, provision: [exception] },
      };
    }),
    { maxLength: 3, selector: ({ consent }) => consent },
  );
  const record = fc.record({
    ...Object.fromEntries(Object.entries(observation).map(([name, value]) => [name, fc.constant(value)])),
    class: fc.constantFrom('Observation', 'Condition'),
    date: fc.constantFrom('2019-01-01', '2021-06', '2020'),
    labels: fc.constantFrom([], [{ system: sensitivityCoding('HIV').system!, code: 'HIV' }]),
  }) as unknown as fc.Arbitrary<RecordFacets>;
  const prohibitions = fc.uniqueArray(prohibition, { maxLength: 3, selector: ({ prohibition: id }) => id });

  it('never permits more when it is added, before the records are known and for each of them', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.record({ consents, prohibitions, record, defaults: fc.record({ outcome: type }) }),
        prohibition,
        fc.constantFrom('TREAT', 'HRESCH', 'CLINTRCH'),
        ({ record: of, ...given }, added, purpose) => {
          const before: DecisionInput = { ...given, request: request(purpose), instant: INSTANT };
          const after = {
            ...before,
            prohibitions: [...given.prohibitions, { ...added, prohibition: 'e'.repeat(32) }],
          };
          const [one, other] = [decideRecord(before, of).outcome, decideRecord(after, of).outcome];
          if (one !== other) taken += 1;
          assert.ok(one === 'permit' || other === 'deny');
          assert.ok(decide(before).outcome === 'permit' || decide(after).outcome === 'deny');
          const answer = decide(after).classes[of.class] ?? decide(after).classes['*']!;
          if (answer.outcome === 'deny') assert.equal(other, 'deny');
          if (answer.outcome === 'permit') assert.equal(other, 'permit');
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(taken > 50, `took something away in ${taken} of 1000`);
  });

  it('gives the same canonical JSON in whatever order it comes', () => {
    fc.assert(
      fc.property(consents, prohibitions, (given, forbidden) => {
        const input = { consents: given, request: request(), instant: INSTANT };
        const one = decide({ ...input, prohibitions: forbidden });
        const other = decide({ ...input, prohibitions: [...forbidden].reverse() });
        assert.equal(canonicalJson(one), canonicalJson(other));
      }),
    );
  });
});

describe('a consent that a delegate gave', () => {
  const withheld = ['SDV'];
  const guardians: ConsentTerms = {
    ...all,
    withheld,
    delegation: { id: 'd'.repeat(32), relationship: 'guardian' },
  };
  const sdv = { labels: [{ system: sensitivityCoding('SDV').system!, code: 'SDV' }] };
  const decideOn = (consents: readonly ConsentTerms[], changes: Partial<RecordFacets> = {}) =>
    decideRecord({ consents, request: request(), instant: INSTANT }, { ...observation, ...changes }).outcome;

  it('says nothing of what is hidden from the delegate: neither permit nor deny', () => {
    assert.equal(decideOn([guardians]), 'permit');
    assert.equal(decideOn([guardians], sdv), 'deny');
    const own: ConsentTerms = {
      consent: 'a'.repeat(32),
      version: 1,
      provision: { type: 'permit', securityLabel: [sensitivityCoding('SDV')] },
    };
    assert.equal(decideOn([guardians, own], sdv), 'permit');
    const denial: ConsentTerms = { ...guardians, provision: { type: 'deny' } };
    assert.equal(
      decideOn([denial, own], sdv),
      'permit',
      'the guardian cannot deny the adolescent’s own care',
    );
    assert.equal(decideOn([denial, own]), 'deny');
  });

  it('is marked in the receipt, with the obligation to leave that out', () => {
    const { decision, answer } = classOf([], 'TREAT', [guardians]);
    assert.equal(answer.outcome, 'permit-with-obligations');
    const [{ where } = { where: [] }] = answer.obligations;
    assert.deepEqual(where, [{ path: 'delegation', not: true, securityLabel: [sensitivityCoding('SDV')] }]);
    assert.deepEqual(decision.consents[0]?.delegation, guardians.delegation);
    const recorded = { form: 'paper', document: 'e'.repeat(64) };
    const paper = classOf([], 'TREAT', [{ ...all, recorded }]).decision;
    assert.deepEqual(paper.consents[0]?.recorded, recorded);
  });
});
