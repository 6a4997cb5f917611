import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decide, decideRecord } from '../decision/decide.js';
import type { DecisionInput, RecordFacets } from '../decision/decision.js';
import { canonicalJson } from '../json/canonical.js';
import { LEGAL_CLASSES } from '../records/origin.js';
import { decisionPack } from './applicable.js';
import { type PackConditions, type PackRule, type PolicyPack, PACK_EFFECTS } from './pack.js';
import { POLICY_PACKS } from './policy-packs.js';
import { asked, consent, CUSTODIAN, record, RECIPIENT } from './request-for-tests.test.js';
import { validatePack } from './validate-pack.js';

const some = <T>(...values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const withoutAbsent = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));

const conditions: fc.Arbitrary<PackConditions> = fc
  .record({
    purposes: rarely(some('TREAT', 'HPAYMT', 'HRESCH', 'BTG', 'PATRQT')),
    recipient: rarely(fc.constantFrom('custodian', 'another', 'originator')),
    kinds: rarely(some('hospital', 'clinic', 'research')),
    filter: rarely(fc.constantFrom('none', 'records')),
    evidence: rarely(fc.constantFrom('patient', 'emergency')),
    optOuts: rarely(some('primary-use', 'secondary-use')),
    legalClasses: rarely(some(...LEGAL_CLASSES)),
    classes: rarely(some('Observation', 'Condition')),
  })
  .map(withoutAbsent);

const rule = (...effects: PackRule['effect'][]): fc.Arbitrary<Omit<PackRule, 'id'>> =>
  fc
    .record({
      citation: fc.constant('§ 1'),
      title: fc.constant('Rule.'),
      effect: fc.constantFrom(...effects),
      when: rarely(conditions),
      unless: rarely(fc.array(conditions, { minLength: 1, maxLength: 2 })),
      from: rarely(fc.constantFrom('2025-01-01', '2029-01-01')),
    })
    .map((made) => withoutAbsent(made) as unknown as Omit<PackRule, 'id'>);

const pack = (id: string, ...effects: PackRule['effect'][]): fc.Arbitrary<PolicyPack> =>
  fc
    .record({
      jurisdictions: some('US', 'DE', 'CA-ON'),
      rules: fc.array(rule(...effects), { minLength: 1, maxLength: 5 }),
    })
    .map(({ jurisdictions, rules }) => ({
      id,
      version: 1,
      title: 'Pack',
      jurisdictions,
      rules: rules.map((made, index) => ({ id: `r${index}`, ...made })),
    }));

const place = fc.constantFrom('US-CA', 'DE', 'CA-ON', 'BR');
const consents = fc.subarray([
  consent('permit', ['TREAT', 'HPAYMT']),
  { ...consent('permit', ['HRESCH']), consent: 'c'.repeat(32) },
  consent('deny', ['TREAT', 'PATRQT']),
]);

const input = (packs: fc.Arbitrary<readonly PolicyPack[]>): fc.Arbitrary<DecisionInput> =>
  fc
    .record({
      packs,
      purpose: fc.constantFrom('TREAT', 'HPAYMT', 'HRESCH', 'BTG', 'PATRQT', 'HMARKT', 'PUBHLTH'),
      role: fc.constantFrom('practitioner', 'emergency', 'researcher', 'registrar', 'regulator'),
      kinds: fc.constantFrom(['hospital'], ['clinic'], ['research'], ['regulator']),
      own: fc.boolean(),
      evidence: rarely(fc.constantFrom('patient', 'emergency')),
      filter: fc.constantFrom({}, { classes: ['Observation'] }, { records: [record().id] }),
      at: fc.constantFrom('2026-03-01T12:00:00.000Z', '2030-03-01T12:00:00.000Z'),
      in: fc.record({ custodian: place, recipient: place, patient: place }),
      optOuts: rarely(fc.constantFrom(['primary-use'], ['secondary-use'])),
      consents,
    })
    .map(({ packs: all, ...question }) => asked(all, withoutAbsent(question)));

const anyRecord: fc.Arbitrary<RecordFacets> = fc
  .record({
    classes: fc.subarray([...LEGAL_CLASSES]),
    organization: fc.constantFrom(CUSTODIAN, RECIPIENT, 'OtherMSP'),
    class: fc.constantFrom('Observation', 'Condition', 'Procedure'),
  })
  .map(({ classes, organization, class: resourceType }) => ({
    ...record(classes, organization),
    class: resourceType,
  }));

const made = fc.tuple(pack('one', ...PACK_EFFECTS), pack('two', ...PACK_EFFECTS)).map((both) => [...both]);
const shipped = fc.subarray([...POLICY_PACKS]);
const packs = fc.oneof(made, shipped);

const withPacks = (of: DecisionInput, more: readonly PolicyPack[]): DecisionInput => ({
  ...of,
  policy: { ...of.policy!, packs: [...of.policy!.packs, ...more.map((one) => decisionPack(one))] },
});

describe('decisions under policy packs', () => {
  it('deny where neither consent nor law permits', () => {
    const silent = input(fc.tuple(pack('one', 'prohibit', 'require-consent', 'bar-emergency')));
    fc.assert(
      fc.property(silent, anyRecord, (of, one) => {
        assert.equal(decideRecord({ ...of, consents: [] }, one).outcome, 'deny');
      }),
    );
  });

  it('never permit more by a prohibition, or a consent that is required', () => {
    const stricter = pack('stricter', 'prohibit', 'require-consent', 'bar-emergency');
    fc.assert(
      fc.property(input(packs), anyRecord, stricter, (of, one, more) => {
        if (decideRecord(of, one).outcome === 'permit') return;
        assert.equal(decideRecord(withPacks(of, [more]), one).outcome, 'deny');
      }),
    );
  });

  it('never permit more where the consortium asks the patient first', () => {
    fc.assert(
      fc.property(input(packs), anyRecord, (of, one) => {
        const first = of.policy!.packs.map((own) => ({ ...own, consentFirst: true as const }));
        const strict = decideRecord({ ...of, policy: { ...of.policy!, packs: first } }, one);
        if (strict.outcome === 'permit') assert.equal(decideRecord(of, one).outcome, 'permit');
      }),
    );
  });

  it('never permit more by what another entry of the same person says', () => {
    fc.assert(
      fc.property(input(packs), anyRecord, consents, (of, one, denials) => {
        if (decideRecord(of, one).outcome === 'permit') return;
        assert.equal(decideRecord({ ...of, denials }, one).outcome, 'deny');
      }),
    );
  });

  it('never override a duty, by consents or other packs, save that emergencies can be barred', () => {
    const others = pack('others', 'prohibit', 'require-consent', 'permit');
    fc.assert(
      fc.property(input(packs), anyRecord, others, (of, one, more) => {
        const isDuty = (decideRecord(of, one).policies ?? []).some(({ effect }) => effect === 'duty');
        if (!isDuty) return;
        const harder = { ...withPacks(of, [more]), consents: [consent('deny', [of.request.purpose])] };
        assert.equal(decideRecord(harder, one).outcome, 'permit');
      }),
    );
  });

  it('never let an emergency alone open psychotherapy notes, under whatever packs come with Vitaledger', () => {
    fc.assert(
      fc.property(input(shipped), anyRecord, (of, one) => {
        if (!one.origin?.classes.includes('psychotherapy-notes')) return;
        const { custodian, actor, scope, purpose, filter } = of.request;
        const plain = { ...of, consents: [], request: { custodian, actor, scope, purpose, filter } };
        const emergency = { ...plain, request: { ...plain.request, evidence: 'emergency' as const } };
        assert.equal(decideRecord(emergency, one).outcome, decideRecord(plain, one).outcome);
      }),
    );
  });

  it('name GDPR bases of art. 6(1) and 9(2) for every access to which it applies', () => {
    fc.assert(
      fc.property(input(shipped), anyRecord, (of, one) => {
        const applies = decide(of).policy!.packs.some(({ id }) => id === 'eu-gdpr');
        const { outcome, policies = [] } = decideRecord(of, one);
        if (!applies || outcome === 'deny') return;
        const bases = policies.flatMap(({ pack: from, basis = [] }) => (from === 'eu-gdpr' ? basis : []));
        for (const article of ['GDPR art. 6(1)', 'GDPR art. 9(2)']) {
          assert.ok(
            bases.some((basis) => basis.startsWith(article)),
            JSON.stringify({ policies, of: of.request }),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('are never contradicted by a record', () => {
    fc.assert(
      fc.property(input(packs), anyRecord, (of, one) => {
        const { classes } = decide(of);
        const answer = classes[one.class] ?? classes['*'];
        if (!answer || answer.outcome === 'permit-with-obligations') return;
        assert.equal(decideRecord(of, one).outcome, answer.outcome);
      }),
      { numRuns: 1000 },
    );
  });

  it('replay to the same canonical JSON, in whatever order packs and consents come', () => {
    fc.assert(
      fc.property(input(packs), (of) => {
        const { request, instant, defaults, policy } = decide(of);
        const again = decide({
          consents: [...of.consents].reverse(),
          request,
          instant,
          defaults,
          policy: {
            packs: [...of.policy!.packs].reverse(),
            parties: { ...of.policy!.parties, ...policy!.parties },
          },
        });
        assert.equal(canonicalJson(again), canonicalJson(decide(of)));
      }),
    );
  });
});

describe('the packs that come with Vitaledger', () => {
  for (const one of POLICY_PACKS) {
    it(`${one.id} is a pack, and every rule cites its law`, () => {
      assert.deepEqual(validatePack(JSON.parse(JSON.stringify(one))), JSON.parse(JSON.stringify(one)));
      for (const { citation, id } of one.rules) assert.match(citation, /\d/, id);
    });
  }
});
