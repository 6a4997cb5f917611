import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConsentProvision } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import type { DataUse } from '../research/data-use.js';
import type { StudyTerms } from '../research/study-use.js';
import { canonicalJson } from '../json/canonical.js';
import { SYSTEMS } from '../records/coding.js';
import { decide, decideRecord } from './decide.js';
import type {
  ConsentTerms,
  DecisionDefaults,
  DecisionInput,
  DecisionRequest,
  RecordFacets,
} from './decision.js';
import { validateConsent } from './provision.js';
import type { CareTeamParticipant, CareTeamTerms } from './care-team.js';
import {
  careTeamActor,
  classCoding,
  confidentialityCoding,
  organizationActor,
  personActor,
  purposeCoding,
  recordReference,
  roleActor,
  sensitivityCoding,
} from './terms.js';

// Small vocabularies, so that rules and requests meet often.
const CLASSES = ['Observation', 'Condition', 'Procedure'];
const PURPOSES = ['TREAT', 'ETREAT', 'BTG', 'HRESCH', 'CLINTRCH'];
const ORGANIZATIONS = ['HospitalMSP', 'ClinicMSP'];
const RECORDS = ['1', '2', '3'].map((digit) => digit.repeat(32));
const CODES = ['a', 'b', 'c'].map((code) => ({ system: 'http://loinc.org', code }));
const SENSITIVITIES = ['ETH', 'SUD', 'ETHUD', 'OPIOIDUD', 'HIV'];
const CONFIDENTIALITIES = ['L', 'N', 'R', 'V'];
const DATES = ['2019', '2020', '2020-06', '2020-06-15', '2021-01-01'];
const INSTANT = '2026-03-01T12:00:00.000Z';

const TEAM = '7'.repeat(32);
const [PAST, FUTURE] = ['2026-02-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'];

const some = <T>(values: readonly T[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });

const actor = fc.constantFrom(
  ...ORGANIZATIONS.map(organizationActor),
  ...ORGANIZATIONS.map((mspId) => personActor(mspId, 'p1')),
  roleActor('practitioner'),
  roleActor('researcher', 'ClinicMSP'),
  careTeamActor('HospitalMSP', TEAM),
  // One that another custodian keeps.
  careTeamActor('ClinicMSP', TEAM),
);

const label = fc.constantFrom(
  ...SENSITIVITIES.map(sensitivityCoding),
  ...CONFIDENTIALITIES.map(confidentialityCoding),
);

const period = fc.constantFrom({ end: '2025' }, { start: '2026' }, { start: '2027' }, { end: '2026-03-01' });
const dataPeriod = fc.constantFrom({ end: '2020' }, { start: '2020' }, { start: '2020-06', end: '2020-12' });
const type = fc.constantFrom('permit' as const, 'deny' as const);

const limits = {
  period,
  actor: fc.array(actor, { minLength: 1, maxLength: 2 }),
  purpose: some(PURPOSES).map((codes) => codes.map(purposeCoding)),
  action: some(['access', 'collect', 'disclose']).map((codes) =>
    codes.map((code) => ({
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }],
    })),
  ),
  class: some(CLASSES).map((codes) => codes.map(classCoding)),
  code: some(CODES).map((codings) => codings.map((coding) => ({ coding: [coding] }))),
  securityLabel: fc.array(label, { minLength: 1, maxLength: 2 }),
  dataPeriod,
  data: some(RECORDS).map((ids) =>
    ids.map((id) => ({ meaning: 'instance' as const, reference: recordReference(id) })),
  ),
};

/** Trees up to four levels deep; each limit is there about one time in three, so that deep exceptions are reached. */
function tree(depth: number): fc.Arbitrary<ConsentProvision> {
  const rare = Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => [
      name,
      fc.oneof(
        { weight: 2, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: limit as fc.Arbitrary<unknown> },
      ),
    ]),
  );
  const nested = depth > 1 ? fc.array(tree(depth - 1), { maxLength: 2 }) : fc.constant([]);
  return fc
    .record({ type, ...rare, provision: nested })
    .map((node) =>
      withoutAbsent({ ...node, provision: node.provision.length > 0 ? node.provision : undefined }),
    );
}

function withoutAbsent(node: object): ConsentProvision {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}

const provision = tree(4);

const consentId = fc.integer({ min: 0, max: 2 ** 31 }).map((number) => number.toString(16).padStart(32, '0'));

const consent: fc.Arbitrary<ConsentTerms> = fc.record({
  consent: consentId,
  version: fc.integer({ min: 1, max: 2 }),
  provision,
});

const consents = fc.uniqueArray(consent, { maxLength: 4, selector: (terms) => terms.consent });

const person: fc.Arbitrary<MedicalActor> = fc.record({
  mspId: fc.constantFrom(...ORGANIZATIONS),
  subject: fc.constantFrom('p1', 'p2'),
  role: fc.constantFrom('practitioner' as const, 'researcher' as const),
});

const participant: fc.Arbitrary<CareTeamParticipant> = fc
  .record({
    who: person,
    from: fc.constant(PAST),
    to: fc.constantFrom(undefined, FUTURE, '2026-02-02T00:00:00.000Z'),
  })
  .map(({ who, from, to }) => ({ ...who, from, ...(to === undefined ? {} : { to }) }));

const careTeam: fc.Arbitrary<CareTeamTerms> = fc
  .record({ participants: fc.array(participant, { maxLength: 3 }), to: fc.constantFrom(undefined, FUTURE) })
  .map(({ participants, to }) => ({
    team: TEAM,
    version: 1,
    participants,
    ...(to === undefined ? {} : { to }),
  }));

/** In every property below there is a team with one member and one who left. */
const careTeams: readonly CareTeamTerms[] = [
  {
    team: TEAM,
    version: 3,
    participants: [
      { mspId: 'ClinicMSP', subject: 'p1', role: 'practitioner', from: PAST },
      { mspId: 'ClinicMSP', subject: 'p2', role: 'practitioner', from: PAST, to: INSTANT },
    ],
  },
];

const request: fc.Arbitrary<DecisionRequest> = fc.record({
  custodian: fc.constant('HospitalMSP'),
  actor: person,
  scope: fc.constant('content' as const),
  purpose: fc.constantFrom(...PURPOSES),
  filter: fc.constantFrom({}, { classes: CLASSES }, { classes: ['Observation'] }),
});

const dataUse: fc.Arbitrary<DataUse> = fc.constantFrom(
  { permission: { code: 'GRU' }, modifiers: [] },
  { permission: { code: 'HMB' }, modifiers: [{ code: 'IRB' }] },
  { permission: { code: 'GRU' }, modifiers: [{ code: 'NPU' }] },
);

const study: fc.Arbitrary<Omit<StudyTerms, 'decisions'>> = fc.record({
  study: fc.constant('VS-0123456789abcdef'),
  organization: fc.constant('ClinicMSP'),
  purpose: fc.constantFrom(
    { aims: ['health'], undertakings: [] },
    { aims: ['health'], notForProfit: true, undertakings: [] },
    { aims: ['care'], undertakings: [] },
  ),
  instant: fc.constant(INSTANT),
});

const APPROVAL = {
  approved: true,
  document: '0'.repeat(64),
  until: '2026-09-01T00:00:00.000Z',
  organization: 'EthicsMSP',
  instant: INSTANT,
  beat: 1,
};

const record: fc.Arbitrary<RecordFacets> = fc.record(
  {
    id: fc.constantFrom(...RECORDS),
    class: fc.constantFrom(...CLASSES, 'Immunization'),
    category: fc.constant([]),
    codes: fc.uniqueArray(fc.constantFrom(...CODES)),
    date: fc.constantFrom(...DATES),
    labels: fc
      .array(label, { maxLength: 3 })
      .map((all) => all.map(({ system = '', code = '' }) => ({ system, code }))),
    mediaType: fc.constant('application/fhir+json'),
  },
  { requiredKeys: ['id', 'class', 'category', 'codes', 'labels', 'mediaType'] },
);

const defaults: fc.Arbitrary<DecisionDefaults> = fc.record({ outcome: type });

function permits(input: Omit<DecisionInput, 'instant'>, of: RecordFacets): boolean {
  return decideRecord({ careTeams, ...input, instant: INSTANT }, of).outcome === 'permit';
}

/** Whether a denial stands within a permission that names a care team. */
function cutsOutOfTeam(
  { type, actor = [], provision = [] }: ConsentProvision,
  isPermit: boolean,
  isWithin = false,
): boolean {
  const permits = type === undefined ? isPermit : type === 'permit';
  const names = actor.some(({ reference }) => reference.identifier?.system === SYSTEMS.careTeam);
  const inside = isWithin || (permits && names);
  return (inside && !permits) || provision.some((nested) => cutsOutOfTeam(nested, permits, inside));
}

const check = <T extends unknown[]>(property: fc.IProperty<T>) => {
  fc.assert(property, { numRuns: 500 });
};

function hasDeny(node: ConsentProvision): boolean {
  return node.type === 'deny' || (node.provision ?? []).some(hasDeny);
}

/** The same tree, with every type a deny. */
function denying(node: ConsentProvision): ConsentProvision {
  const nested = node.provision?.map(denying);
  return { ...node, type: 'deny', ...(nested ? { provision: nested } : {}) };
}

/** All ways to add one deny, without exceptions of its own, to the exceptions of some provision in the tree. */
function withDenyAdded(node: ConsentProvision, deny: ConsentProvision): readonly ConsentProvision[] {
  const nested = node.provision ?? [];
  const deeper = nested.flatMap((child, index) =>
    withDenyAdded(child, deny).map((changed) => ({ ...node, provision: nested.with(index, changed) })),
  );
  return [{ ...node, provision: [...nested, deny] }, ...deeper];
}

describe('decision properties', () => {
  it('generates valid trees that meet requests: permits, denies and obligations all occur', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(consents, request, (all, asks) => {
        for (const terms of all) validateConsent(terms);
        for (const { outcome, reason } of Object.values(
          decide({ consents: all, request: asks, instant: INSTANT }).classes,
        )) {
          const name = `${outcome} ${reason}`;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
    for (const name of ['permit RULES', 'deny RULES', 'permit-with-obligations RULES', 'deny NO_CONSENT']) {
      assert.ok((seen.get(name) ?? 0) >= 50, `${name}: ${seen.get(name) ?? 0}`);
    }
  });

  it('denies by default: no consent that permits anything, nothing permitted', () => {
    check(
      fc.property(consents, request, record, (all, asks, of) => {
        const denials = all.map((terms) => ({ ...terms, provision: denying(terms.provision) }));
        assert.equal(permits({ consents: denials, request: asks }, of), false);
        assert.equal(decide({ consents: denials, request: asks, instant: INSTANT }).outcome, 'deny');
      }),
    );
  });

  it('never permits more when a consent that permits nothing is added', () => {
    check(
      fc.property(consents, consent, request, record, defaults, (all, added, asks, of, fallback) => {
        const denial = { ...added, consent: 'f'.repeat(32), provision: denying(added.provision) };
        const before = permits({ consents: all, request: asks, defaults: fallback }, of);
        const after = permits({ consents: [...all, denial], request: asks, defaults: fallback }, of);
        assert.ok(before || !after);
      }),
    );
  });

  it('never permits more when a deny is added to any provision, at any depth', () => {
    check(
      fc.property(
        consent,
        fc.record(limits, { requiredKeys: [] }),
        request,
        record,
        (one, only, asks, of) => {
          const before = permits({ consents: [one], request: asks }, of);
          for (const changed of withDenyAdded(one.provision, { type: 'deny', ...only })) {
            const after = permits({ consents: [{ ...one, provision: changed }], request: asks }, of);
            assert.ok(before || !after);
          }
        },
      ),
    );
  });

  it('never permits more when a consent that denies nothing is revoked', () => {
    check(
      fc.property(consents, request, record, (all, asks, of) => {
        const before = permits({ consents: all, request: asks }, of);
        for (const revoked of all.filter(({ provision: root }) => !hasDeny(root))) {
          const after = permits({ consents: all.filter((one) => one !== revoked), request: asks }, of);
          assert.ok(before || !after);
        }
      }),
    );
  });

  it('never permits more under data-use terms than without, nor without the study’s approval than with it', () => {
    check(
      fc.property(consent, dataUse, study, request, record, (one, terms, asked, asks, of) => {
        const under = (decisions: StudyTerms['decisions'], limits?: DataUse) =>
          permits(
            {
              consents: [limits ? { ...one, dataUse: limits } : one],
              request: asks,
              study: { ...asked, decisions },
            },
            of,
          );
        const [free, approved, waiting] = [under([]), under([APPROVAL], terms), under([], terms)];
        assert.ok((free || !approved) && (approved || !waiting), JSON.stringify([free, approved, waiting]));
        assert.equal(permits({ consents: [{ ...one, dataUse: terms }], request: asks }, of), false);
      }),
    );
  });

  it('never permits more when somebody is taken out of a care team, or a team ends', () => {
    const input = fc.record({ consents, request, record, team: careTeam });
    check(
      fc.property(input, ({ consents: all, request: asks, record: of, team }) => {
        // What is cut out of a team's permission goes with the permission, as at the end of its period.
        fc.pre(!all.some(({ provision, policyRule }) => cutsOutOfTeam(provision, policyRule === 'OPTOUT')));
        const under = (teams: readonly CareTeamTerms[]) =>
          permits({ consents: all, request: asks, careTeams: teams }, of);
        const before = under([team]);
        team.participants.forEach((one, index) => {
          const participants = team.participants.with(index, { ...one, to: INSTANT });
          assert.ok(before || !under([{ ...team, participants }]));
        });
        assert.ok(before || !under([{ ...team, to: INSTANT }]));
      }),
    );
  });

  it('lets nobody else in when somebody joins a care team', () => {
    const input = fc.record({ consents, request, record, team: careTeam, joining: participant });
    check(
      fc.property(input, ({ consents: all, request: asks, record: of, team, joining }) => {
        fc.pre(joining.mspId !== asks.actor.mspId || joining.subject !== asks.actor.subject);
        const after = { ...team, participants: [...team.participants, joining] };
        const decided = (one: CareTeamTerms) =>
          decideRecord({ consents: all, request: asks, instant: INSTANT, careTeams: [one] }, of);
        assert.equal(canonicalJson(decided(after)), canonicalJson(decided(team)));
      }),
    );
  });

  it('does not depend on the order of consents', () => {
    check(
      fc.property(consents, fc.infiniteStream(fc.nat()), request, record, (all, randoms, asks, of) => {
        const shuffled = all
          .map((terms) => ({ terms, at: randoms.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ terms }) => terms);
        const one = { consents: all, request: asks, instant: INSTANT };
        const other = { ...one, consents: shuffled };
        assert.equal(canonicalJson(decide(one)), canonicalJson(decide(other)));
        assert.equal(canonicalJson(decideRecord(one, of)), canonicalJson(decideRecord(other, of)));
      }),
    );
  });

  it('never permits more once entries of one person are merged, whatever the other entry’s consents permit', () => {
    check(
      fc.property(consents, consents, request, record, defaults, (own, others, asks, of, fallback) => {
        const alone = permits({ consents: own, request: asks, defaults: fallback }, of);
        const merged = permits({ consents: own, denials: others, request: asks, defaults: fallback }, of);
        assert.ok(alone || !merged);
      }),
    );
  });

  it('denies in every merged entry what one of them denies', () => {
    check(
      fc.property(consents, consents, request, record, defaults, (own, others, asks, of, fallback) => {
        // Where nothing else would deny, only what the other entry says can.
        const terms = { consents: others, request: asks, careTeams, instant: INSTANT };
        const there = { ...terms, defaults: { outcome: 'permit' } };
        if (decideRecord(there as DecisionInput, of).outcome === 'permit') return;
        assert.equal(
          permits({ consents: own, denials: others, request: asks, defaults: fallback }, of),
          false,
        );
      }),
    );
  });

  it('promises at request time nothing that a record contradicts', () => {
    check(
      fc.property(consents, consents, request, record, defaults, (all, denials, asks, of, fallback) => {
        const input = { consents: all, denials, request: asks, instant: INSTANT, defaults: fallback };
        const { classes } = decide(input);
        const answer = classes[of.class] ?? classes['*'];
        if (!answer) return; // a class that was not asked for
        const { outcome } = decideRecord(input, of);
        if (answer.outcome === 'deny') assert.equal(outcome, 'deny');
        if (answer.outcome === 'permit') assert.equal(outcome, 'permit');
        if (answer.outcome === 'permit-with-obligations') assert.ok(answer.obligations.length > 0);
      }),
    );
  });

  it('answers a replayed decision with the same canonical JSON, also from consents that went through JSON', () => {
    check(
      fc.property(consents, request, (all, asks) => {
        const decision = decide({ consents: all, request: asks, instant: INSTANT, careTeams });
        const {
          instant,
          request: again,
          defaults: fallback,
        } = JSON.parse(canonicalJson(decision)) as typeof decision;
        const stored = JSON.parse(canonicalJson(all)) as ConsentTerms[];
        const replayed = decide({ consents: stored, request: again, instant, defaults: fallback, careTeams });
        assert.equal(canonicalJson(replayed), canonicalJson(decision));
      }),
    );
  });

  it('rests on rules that exist in the consents and have the type of the answer', () => {
    check(
      fc.property(consents, request, record, (all, asks, of) => {
        const { outcome, reason, rules } = decideRecord(
          { consents: all, request: asks, instant: INSTANT },
          of,
        );
        assert.equal(rules.length > 0, reason === 'RULES' && rules.some(({ type: own }) => own === outcome));
        for (const rule of rules) {
          const terms = all.find((one) => one.consent === rule.consent && one.version === rule.version)!;
          const steps = [...rule.path.matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index));
          const node = steps.reduce((at, index) => at.provision![index]!, terms.provision);
          assert.equal(node.type, rule.type);
          assert.equal(rule.type, outcome);
        }
      }),
    );
  });
});
