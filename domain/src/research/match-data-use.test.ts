import assert from 'node:assert/strict';
import { canonicalJson } from '../json/canonical.js';
import fc from 'fast-check';
import type { DataUse, DataUseModifier, DataUsePermission } from './data-use.js';
import { matchDataUse, type DataUseContext, type DataUseMatch } from './match-data-use.js';
import type { ResearchPurpose } from './research-purpose.js';

const DIABETES = 'MONDO:0005015';
const TYPE_2 = 'MONDO:0005148';
const ASTHMA = 'MONDO:0004979';
const ancestors = {
  [TYPE_2]: [DIABETES, 'MONDO:0005066', 'MONDO:0000001'],
  [DIABETES]: ['MONDO:0005066', 'MONDO:0000001'],
  [ASTHMA]: ['MONDO:0005087', 'MONDO:0000001', 'DOID:2841'],
};
const context: DataUseContext = { instant: '2026-03-01T12:00:00.000Z', ancestors };
const ethics = { digest: 'e'.repeat(64) };

const GRU: DataUsePermission = { code: 'GRU' };
const HMB: DataUsePermission = { code: 'HMB' };
const NRES: DataUsePermission = { code: 'NRES' };
const POA: DataUsePermission = { code: 'POA' };
const DS = (...diseases: string[]): DataUsePermission => ({ code: 'DS', diseases });
const health: ResearchPurpose = { aims: ['health'], undertakings: [] };
const about = (...diseases: string[]): ResearchPurpose => ({ ...health, diseases });
const aiming = (...aims: ResearchPurpose['aims'][number][]): ResearchPurpose => ({ aims, undertakings: [] });

const match = (permission: DataUsePermission, purpose: ResearchPurpose, modifiers: DataUseModifier[] = []) =>
  matchDataUse({ permission, modifiers }, purpose, context);

type Row = readonly [string, DataUsePermission, ResearchPurpose, DataUseMatch['outcome'], string];

/** What DUO's definitions say, written from them. */
const PERMISSIONS: readonly Row[] = [
  ['no restriction, health', NRES, health, 'approve', 'AIM_PERMITTED'],
  ['no restriction, ancestry', NRES, aiming('ancestry'), 'approve', 'AIM_PERMITTED'],
  ['no restriction, methods', NRES, aiming('methods'), 'approve', 'AIM_PERMITTED'],
  ['no restriction, other research', NRES, aiming('other'), 'approve', 'AIM_PERMITTED'],
  ['no restriction, care', NRES, aiming('care'), 'approve', 'AIM_PERMITTED'],
  ['general research, health', GRU, health, 'approve', 'AIM_PERMITTED'],
  ['general research, ancestry', GRU, aiming('ancestry'), 'approve', 'AIM_PERMITTED'],
  ['general research, methods', GRU, aiming('methods'), 'approve', 'AIM_PERMITTED'],
  ['general research, other research', GRU, aiming('other'), 'approve', 'AIM_PERMITTED'],
  ['general research, care', GRU, aiming('care'), 'deny', 'CARE_NEEDS_CC'],
  ['biomedical, health', HMB, health, 'approve', 'AIM_PERMITTED'],
  ['biomedical, a disease', HMB, about(ASTHMA), 'approve', 'AIM_PERMITTED'],
  ['biomedical, ancestry', HMB, aiming('ancestry'), 'deny', 'AIM_NOT_PERMITTED'],
  ['biomedical, other research', HMB, aiming('other'), 'deny', 'AIM_NOT_PERMITTED'],
  ['biomedical, methods alone', HMB, aiming('methods'), 'abstain', 'METHODS_ALONE'],
  ['biomedical, care', HMB, aiming('care'), 'deny', 'CARE_NEEDS_CC'],
  ['diabetes, diabetes', DS(DIABETES), about(DIABETES), 'approve', 'DISEASE_WITHIN'],
  ['diabetes, a kind of diabetes', DS(DIABETES), about(TYPE_2), 'approve', 'DISEASE_WITHIN'],
  ['a kind of diabetes, all diabetes', DS(TYPE_2), about(DIABETES), 'deny', 'DISEASE_OUTSIDE'],
  ['diabetes, asthma', DS(DIABETES), about(ASTHMA), 'deny', 'DISEASE_OUTSIDE'],
  ['two diseases, one of them', DS(DIABETES, ASTHMA), about(ASTHMA), 'approve', 'DISEASE_WITHIN'],
  ['diabetes, it and asthma', DS(DIABETES), about(TYPE_2, ASTHMA), 'abstain', 'DISEASE_PARTLY_WITHIN'],
  ['diabetes, unsaid', DS(DIABETES), health, 'abstain', 'DISEASE_UNKNOWN'],
  ['diabetes, none in particular', DS(DIABETES), about(), 'deny', 'DISEASE_OUTSIDE'],
  ['diabetes, without ancestors', DS(DIABETES), about('MONDO:0005147'), 'abstain', 'ANCESTORS_UNKNOWN'],
  [
    'DOID asthma, MONDO asthma with its equivalent',
    DS('DOID:2841'),
    about(ASTHMA),
    'approve',
    'DISEASE_WITHIN',
  ],
  ['DOID diabetes, MONDO alone', DS('DOID:9351'), about(TYPE_2), 'abstain', 'ANCESTORS_UNKNOWN'],
  ['diabetes, ancestry', DS(DIABETES), aiming('ancestry'), 'deny', 'AIM_NOT_PERMITTED'],
  ['diabetes, methods alone', DS(DIABETES), aiming('methods'), 'abstain', 'METHODS_ALONE'],
  ['ancestry, ancestry', POA, aiming('ancestry'), 'approve', 'AIM_PERMITTED'],
  ['ancestry, health', POA, health, 'deny', 'AIM_NOT_PERMITTED'],
  ['ancestry, methods alone', POA, aiming('methods'), 'abstain', 'METHODS_ALONE'],
];

const day = '2026-03-01';
const MODIFIERS: readonly (readonly [
  string,
  DataUseModifier,
  Partial<ResearchPurpose>,
  DataUseMatch['outcome'],
  string,
])[] = [
  ['NMDS, no methods', { code: 'NMDS' }, {}, 'approve', 'CONDITION_MET'],
  ['NMDS, methods too', { code: 'NMDS' }, { aims: ['health', 'methods'] }, 'deny', 'CONDITION_NOT_MET'],
  ['NPOA, no ancestry', { code: 'NPOA' }, {}, 'approve', 'CONDITION_MET'],
  ['NPOA, ancestry too', { code: 'NPOA' }, { aims: ['health', 'ancestry'] }, 'deny', 'CONDITION_NOT_MET'],
  ['GSO, genetic', { code: 'GSO' }, { genetic: true }, 'approve', 'CONDITION_MET'],
  ['GSO, phenotypes only', { code: 'GSO' }, { genetic: false }, 'deny', 'CONDITION_NOT_MET'],
  ['GSO, unsaid', { code: 'GSO' }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['NPU, a charity', { code: 'NPU' }, { notForProfit: true }, 'approve', 'CONDITION_MET'],
  [
    'NPU, a charity for profit',
    { code: 'NPU' },
    { notForProfit: true, commercial: true },
    'approve',
    'CONDITION_MET',
  ],
  ['NPU, a company', { code: 'NPU' }, { notForProfit: false }, 'deny', 'CONDITION_NOT_MET'],
  ['NPU, unsaid', { code: 'NPU' }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['NCU, no profit', { code: 'NCU' }, { commercial: false }, 'approve', 'CONDITION_MET'],
  [
    'NCU, a company without profit',
    { code: 'NCU' },
    { commercial: false, notForProfit: false },
    'approve',
    'CONDITION_MET',
  ],
  ['NCU, profit', { code: 'NCU' }, { commercial: true }, 'deny', 'CONDITION_NOT_MET'],
  ['NCU, unsaid', { code: 'NCU' }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['NPUNCU, both', { code: 'NPUNCU' }, { notForProfit: true, commercial: false }, 'approve', 'CONDITION_MET'],
  [
    'NPUNCU, a charity for profit',
    { code: 'NPUNCU' },
    { notForProfit: true, commercial: true },
    'deny',
    'CONDITION_NOT_MET',
  ],
  ['NPUNCU, a company', { code: 'NPUNCU' }, { notForProfit: false }, 'deny', 'CONDITION_NOT_MET'],
  ['NPUNCU, half unsaid', { code: 'NPUNCU' }, { notForProfit: true }, 'abstain', 'FACT_UNKNOWN'],
  ['CC beside research', { code: 'CC' }, {}, 'approve', 'CONDITION_MET'],
  ['CC, care too', { code: 'CC' }, { aims: ['health', 'care'] }, 'approve', 'CONDITION_MET'],
  ['IRB, approved', { code: 'IRB' }, { ethics }, 'approve', 'CONDITION_MET'],
  [
    'IRB, approved until today',
    { code: 'IRB' },
    { ethics: { ...ethics, until: day } },
    'approve',
    'CONDITION_MET',
  ],
  [
    'IRB, until yesterday',
    { code: 'IRB' },
    { ethics: { ...ethics, until: '2026-02-28' } },
    'deny',
    'APPROVAL_EXPIRED',
  ],
  ['IRB, not approved', { code: 'IRB' }, {}, 'deny', 'APPROVAL_MISSING'],
  ['PUB, undertaken', { code: 'PUB' }, { undertakings: ['PUB'] }, 'approve', 'UNDERTAKEN'],
  ['PUB, another undertaken', { code: 'PUB' }, { undertakings: ['COL'] }, 'deny', 'UNDERTAKING_MISSING'],
  ['COL, undertaken', { code: 'COL' }, { undertakings: ['COL'] }, 'approve', 'UNDERTAKEN'],
  ['COL, not', { code: 'COL' }, {}, 'deny', 'UNDERTAKING_MISSING'],
  ['RTN, undertaken', { code: 'RTN' }, { undertakings: ['RTN'] }, 'approve', 'UNDERTAKEN'],
  ['RTN, not', { code: 'RTN' }, {}, 'deny', 'UNDERTAKING_MISSING'],
  ['MOR, over today', { code: 'MOR', until: day }, {}, 'approve', 'MORATORIUM_OVER'],
  [
    'MOR, to come, undertaken',
    { code: 'MOR', until: '2026-03-02' },
    { undertakings: ['MOR'] },
    'approve',
    'UNDERTAKEN',
  ],
  ['MOR, to come, not undertaken', { code: 'MOR', until: '2026-03-02' }, {}, 'deny', 'UNDERTAKING_MISSING'],
  [
    'MOR, published on the day',
    { code: 'MOR', until: '2027-01-01' },
    { publication: '2027-01-01' },
    'approve',
    'CONDITION_MET',
  ],
  [
    'MOR, published before',
    { code: 'MOR', until: '2027-01-01' },
    { publication: '2026-12-31', undertakings: ['MOR'] },
    'deny',
    'PUBLISHED_TOO_EARLY',
  ],
  ['TS, open end', { code: 'TS', months: 12 }, {}, 'approve', 'TIME_LEFT'],
  ['TS, ends in time', { code: 'TS', months: 12 }, { until: '2027-02-28' }, 'approve', 'TIME_LEFT'],
  ['TS, a day too long', { code: 'TS', months: 12 }, { until: '2027-03-01' }, 'deny', 'USE_OUTLASTS_TIME'],
  ['GS, the country', { code: 'GS', regions: ['US'] }, { regions: ['US'] }, 'approve', 'CONDITION_MET'],
  ['GS, a state of it', { code: 'GS', regions: ['US'] }, { regions: ['US-CA'] }, 'approve', 'CONDITION_MET'],
  [
    'GS, only a state, the country',
    { code: 'GS', regions: ['US-CA'] },
    { regions: ['US'] },
    'abstain',
    'ANCESTORS_UNKNOWN',
  ],
  ['GS, another country', { code: 'GS', regions: ['US'] }, { regions: ['DE'] }, 'deny', 'CONDITION_NOT_MET'],
  [
    'GS, there and elsewhere',
    { code: 'GS', regions: ['US'] },
    { regions: ['US-CA', 'DE'] },
    'deny',
    'CONDITION_PARTLY_MET',
  ],
  ['GS, unsaid', { code: 'GS', regions: ['US'] }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['US, approved', { code: 'US', approved: ['u-1', 'u-2'] }, { users: ['u-2'] }, 'approve', 'CONDITION_MET'],
  [
    'US, one of two',
    { code: 'US', approved: ['u-1'] },
    { users: ['u-1', 'u-3'] },
    'deny',
    'CONDITION_PARTLY_MET',
  ],
  ['US, unsaid', { code: 'US', approved: ['u-1'] }, {}, 'abstain', 'FACT_UNKNOWN'],
  [
    'IS, approved',
    { code: 'IS', approved: ['UniMSP'] },
    { institutions: ['UniMSP'] },
    'approve',
    'CONDITION_MET',
  ],
  [
    'IS, another',
    { code: 'IS', approved: ['UniMSP'] },
    { institutions: ['PharmaMSP'] },
    'deny',
    'CONDITION_NOT_MET',
  ],
  ['IS, unsaid', { code: 'IS', approved: ['UniMSP'] }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['PS, the project', { code: 'PS', approved: ['p-1'] }, { project: 'p-1' }, 'approve', 'CONDITION_MET'],
  ['PS, another', { code: 'PS', approved: ['p-1'] }, { project: 'p-2' }, 'deny', 'CONDITION_NOT_MET'],
  ['PS, unsaid', { code: 'PS', approved: ['p-1'] }, {}, 'abstain', 'FACT_UNKNOWN'],
  ['RS, the type', { code: 'RS', types: ['EFO:0001'] }, { types: ['EFO:0001'] }, 'approve', 'CONDITION_MET'],
  [
    'RS, a type without ancestors',
    { code: 'RS', types: ['EFO:0001'] },
    { types: ['EFO:0002'] },
    'abstain',
    'ANCESTORS_UNKNOWN',
  ],
  ['RS, unsaid', { code: 'RS', types: ['EFO:0001'] }, {}, 'abstain', 'FACT_UNKNOWN'],
];

describe('matchDataUse', () => {
  for (const [what, permission, purpose, outcome, reason] of PERMISSIONS) {
    it(`permission for ${what}: ${outcome}`, () => {
      const { outcome: found, evidence } = match(permission, purpose);
      assert.equal(found, outcome);
      assert.deepEqual(
        evidence.map((one) => [one.term, one.aim, one.reason]),
        [[permission.code, purpose.aims[0], reason]],
      );
    });
  }

  for (const [what, modifier, change, outcome, reason] of MODIFIERS) {
    it(`general research with ${what}: ${outcome}`, () => {
      const found = match(GRU, { ...health, ...change }, [modifier]);
      assert.equal(found.outcome, outcome);
      const last = found.evidence.at(-1);
      assert.deepEqual([last?.term, last?.reason], [modifier.code, reason]);
    });
  }

  it('needs every aim to be permitted, and judges methods by the aims that they serve', () => {
    assert.equal(match(HMB, aiming('health', 'ancestry')).outcome, 'deny');
    assert.equal(match(HMB, aiming('health', 'methods')).outcome, 'approve');
    assert.equal(match(DS(DIABETES), { ...aiming('methods', 'health'), diseases: [ASTHMA] }).outcome, 'deny');
    assert.equal(match(HMB, aiming('care', 'methods'), [{ code: 'CC' }]).outcome, 'abstain');
  });

  it('permits care by CC under any permission, and nothing else by it', () => {
    for (const permission of [GRU, HMB, POA, DS(DIABETES)]) {
      assert.equal(match(permission, aiming('care'), [{ code: 'CC' }]).outcome, 'approve');
    }
    assert.equal(match(POA, health, [{ code: 'CC' }]).outcome, 'deny');
  });

  it('denies by one term that does not hold, whatever else is uncertain', () => {
    assert.equal(match(DS(DIABETES), health, [{ code: 'IRB' }]).outcome, 'deny');
    assert.equal(match(GRU, health, [{ code: 'GSO' }, { code: 'NPU' }, { code: 'PUB' }]).outcome, 'deny');
  });

  it('names what lies outside of the terms', () => {
    assert.deepEqual(match(DS(DIABETES), about(TYPE_2, ASTHMA)).evidence[0]?.values, [ASTHMA]);
    const places = match(GRU, { ...health, regions: ['US', 'DE', 'FR'] }, [{ code: 'GS', regions: ['US'] }]);
    assert.deepEqual(places.evidence[1]?.values, ['DE', 'FR']);
  });

  it('counts months of use by the calendar from the day on which it began', () => {
    const dataUse: DataUse = { permission: GRU, modifiers: [{ code: 'TS', months: 6 }] };
    const at = (instant: string) =>
      matchDataUse(dataUse, health, { instant, began: '2025-08-31T23:59:59.999Z' });
    assert.equal(at('2026-02-27T23:59:59.999Z').outcome, 'approve');
    assert.equal(at('2026-02-28T00:00:00.000Z').evidence.at(-1)?.reason, 'TIME_OVER');
    assert.deepEqual(at('2026-01-01T00:00:00.000Z').obligations, [{ term: 'TS', before: '2026-02-28' }]);
  });

  it('says what an approval binds to', () => {
    const modifiers: DataUseModifier[] = [
      { code: 'PUB' },
      { code: 'MOR', until: '2027-01-01' },
      { code: 'NMDS' },
      { code: 'RTN' },
      { code: 'COL' },
    ];
    const { obligations } = match(HMB, health, modifiers);
    assert.deepEqual(obligations, [
      { term: 'PUB' },
      { term: 'MOR', until: '2027-01-01' },
      { term: 'RTN' },
      { term: 'COL' },
    ]);
    assert.deepEqual(match(HMB, health, [{ code: 'MOR', until: '2026-03-01' }]).obligations, []);
  });

  it('does not take an inherited property for ancestors', () => {
    const purpose = { ...health, types: ['constructor'] };
    const dataUse: DataUse = { permission: GRU, modifiers: [{ code: 'RS', types: ['EFO:1'] }] };
    assert.equal(matchDataUse(dataUse, purpose, context).outcome, 'abstain');
  });

  describe('for any terms and study', () => {
    const rank = { deny: 0, abstain: 1, approve: 2 };
    const permissions = fc.constantFrom(NRES, GRU, HMB, POA, DS(DIABETES), DS(TYPE_2, ASTHMA));
    const terms = fc.uniqueArray(fc.constantFrom(...MODIFIERS.map(([, modifier]) => modifier)), {
      selector: ({ code }) => code,
    });
    const purposes = fc
      .tuple(
        fc.uniqueArray(fc.constantFrom('health', 'ancestry', 'methods', 'care', 'other'), { minLength: 1 }),
        fc.array(fc.constantFrom(...MODIFIERS.map(([, , change]) => change))),
      )
      .map(([aims, changes]) => Object.assign({ undertakings: [] }, ...changes, { aims }) as ResearchPurpose);

    it('one term more never approves more', () => {
      fc.assert(
        fc.property(permissions, terms, purposes, (permission, all, purpose) => {
          // CC is the one term that permits something.
          const conditions = all.filter(({ code }) => code !== 'CC');
          const without = match(permission, purpose, conditions.slice(1)).outcome;
          assert.ok(rank[match(permission, purpose, conditions).outcome] <= rank[without]);
        }),
      );
    });

    it('a wider permission never approves less', () => {
      fc.assert(
        fc.property(terms, purposes, (all, purpose) => {
          const outcomes = [DS(TYPE_2), DS(DIABETES), HMB, GRU].map(
            (permission) => rank[match(permission, purpose, all).outcome],
          );
          assert.deepEqual(outcomes, outcomes.toSorted());
        }),
      );
    });

    it('the order of terms is irrelevant to the outcome, and a replay gives the same text', () => {
      fc.assert(
        fc.property(permissions, terms, purposes, (permission, all, purpose) => {
          const once = match(permission, purpose, all);
          assert.equal(canonicalJson(match(permission, purpose, all)), canonicalJson(once));
          assert.equal(match(permission, purpose, all.toReversed()).outcome, once.outcome);
          assert.equal(once.evidence.length, purpose.aims.length + all.length);
        }),
      );
    });
  });
});
