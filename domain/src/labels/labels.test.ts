import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decideRecord } from '../decision/decide.js';
import type { RecordFacets } from '../decision/decision.js';
import {
  classCoding,
  confidentialityCoding,
  organizationActor,
  sensitivityCoding,
} from '../decision/terms.js';
import { digestOf } from '../json/canonical.js';
import type { Coding } from '../records/coding.js';
import { labelling } from './derive-labels.js';
import { FIRST_SENSITIVITY_MAP } from './first-map.js';
import { type SensitivityMap, validateMap } from './sensitivity-map.js';

const label = labelling(FIRST_SENSITIVITY_MAP);
const normal = confidentialityCoding('N') as Coding;
const codesOf = (labels: readonly Coding[]) => labels.map(({ code }) => code);
const of = (system: string, code: string, labels: readonly Coding[] = []) =>
  codesOf(label({ codes: [{ system, code }], category: [], labels }));

describe('labels from codes', () => {
  const cases: readonly (readonly [string, string, string, readonly string[]])[] = [
    ['an HIV viral load', 'http://loinc.org', '20447-9', ['HIV', 'R']],
    ['HIV infection', 'http://snomed.info/sct', '86406008', ['HIV', 'R']],
    ['HIV disease in ICD-10-CM', 'http://hl7.org/fhir/sid/icd-10-cm', 'B20', ['HIV', 'R']],
    ['alcohol dependence', 'http://hl7.org/fhir/sid/icd-10', 'F10.2', ['ETHUD', 'R']],
    ['opioid dependence', 'http://fhir.de/CodeSystem/bfarm/icd-10-gm', 'F11.2', ['OPIOIDUD', 'R']],
    ['buprenorphine', 'http://www.nlm.nih.gov/research/umls/rxnorm', '1819', ['OPIOIDUD', 'R']],
    ['depression', 'http://hl7.org/fhir/sid/icd-10', 'F32.1', ['PSY', 'R']],
    ['abuse by a partner', 'http://loinc.org', '76504-0', ['SDV', 'R']],
    ['gender incongruence', 'http://hl7.org/fhir/sid/icd-10', 'F64.0', ['PSY', 'SEX', 'R']],
    ['sickle-cell disease', 'http://hl7.org/fhir/sid/icd-10', 'D57.1', ['GDIS', 'SCA', 'R']],
    ['a blood pressure', 'http://loinc.org', '8480-6', []],
    ['essential hypertension', 'http://hl7.org/fhir/sid/icd-10', 'I10', []],
  ];
  for (const [what, system, code, expected] of cases) {
    it(`are ${expected.join(', ') || 'none'} for ${what}`, () => {
      assert.deepEqual(of(system, code), expected);
    });
  }

  it('are the same under every name of the code system, and however the code is punctuated', () => {
    assert.deepEqual(of('urn:oid:2.16.840.1.113883.6.1', '20447-9'), ['HIV', 'R']);
    assert.deepEqual(of('http://hl7.org/fhir/sid/icd-10-cm', 'f1120'), ['OPIOIDUD', 'R']);
  });

  it('come from categories too, and never from the same code of another system', () => {
    const category = [{ system: 'http://loinc.org', code: '20447-9' }];
    assert.deepEqual(codesOf(label({ category, codes: [], labels: [] })), ['HIV', 'R']);
    assert.deepEqual(of('http://example.org/local', '20447-9'), []);
  });

  it('win over an author who calls an HIV result normal: a consent for normal data does not release it', () => {
    const codes = [{ system: 'http://loinc.org', code: '20447-9' }];
    const labels = label({ codes, category: [], labels: [normal] });
    assert.deepEqual(codesOf(labels), ['N', 'HIV', 'R']);
    const record: RecordFacets = {
      id: '1'.repeat(32),
      class: 'Observation',
      category: [],
      codes,
      labels,
      mediaType: 'application/fhir+json',
    };
    const provision = {
      type: 'permit' as const,
      actor: [organizationActor('ClinicMSP')],
      class: [classCoding('Observation')],
      securityLabel: [confidentialityCoding('N')],
    };
    const input = {
      consents: [{ consent: '0'.repeat(32), version: 1, provision }],
      request: {
        custodian: 'HospitalMSP',
        actor: { mspId: 'ClinicMSP', subject: 'a', role: 'practitioner' as const },
        scope: 'content' as const,
        purpose: 'TREAT',
        filter: {},
      },
      instant: '2026-03-01T12:00:00.000Z',
    };
    assert.equal(decideRecord(input, { ...record, labels: [normal] }).outcome, 'permit');
    assert.equal(decideRecord(input, record).outcome, 'deny');
  });

  it('only grow: with more codes, more author labels or more rules no label is lost (property)', () => {
    const codes = FIRST_SENSITIVITY_MAP.rules.flatMap(({ systems, codes: listed = [], beginning = [] }) =>
      systems.flatMap((system) => [...listed, ...beginning].map((code) => ({ system, code }))),
    );
    const some = fc.array(fc.constantFrom(...codes, { system: 'http://loinc.org', code: '8480-6' }), {
      maxLength: 4,
    });
    const authors = fc.subarray([
      normal,
      sensitivityCoding('HIV') as Coding,
      sensitivityCoding('VIO') as Coding,
    ]);
    const fewerRules = fc.subarray([...FIRST_SENSITIVITY_MAP.rules]);
    fc.assert(
      fc.property(some, some, authors, authors, fewerRules, (one, more, author, others, rules) => {
        const before = labelling({ ...FIRST_SENSITIVITY_MAP, rules })({
          codes: one,
          category: [],
          labels: author,
        });
        const after = label({ codes: [...one, ...more], category: [], labels: [...author, ...others] });
        const kept = new Set(after.map(({ system, code }) => `${system}|${code}`));
        for (const own of [...author, ...before]) assert.ok(kept.has(`${own.system}|${own.code}`));
        assert.equal(kept.size, after.length);
      }),
    );
  });

  it('do not depend on the order of codes', () => {
    const [one, other] = [
      { system: 'http://loinc.org', code: '20447-9' },
      { system: 'http://hl7.org/fhir/sid/icd-10', code: 'F64' },
    ] as const;
    assert.deepEqual(
      label({ codes: [one, other], category: [], labels: [] }),
      label({ codes: [other, one], category: [], labels: [] }),
    );
  });
});

describe('a sensitivity map', () => {
  const map = (change: object): unknown => ({ ...FIRST_SENSITIVITY_MAP, ...change });
  const rule = FIRST_SENSITIVITY_MAP.rules[0]!;

  it('is valid when it is ours, and cites a source for every rule', () => {
    const checked: SensitivityMap = validateMap(JSON.parse(JSON.stringify(FIRST_SENSITIVITY_MAP)));
    assert.equal(digestOf(checked), digestOf(FIRST_SENSITIVITY_MAP));
    for (const { source } of checked.rules) assert.ok(source.length > 10);
  });

  const faults: readonly (readonly [string, unknown, string])[] = [
    ['an unknown label', map({ rules: [{ ...rule, labels: ['SECRET'] }] }), 'map.rules[0].labels[0]'],
    [
      'an unknown confidentiality',
      map({ rules: [{ ...rule, confidentiality: 'X' }] }),
      'map.rules[0].confidentiality',
    ],
    [
      'a rule without codes',
      map({ rules: [{ systems: rule.systems, labels: ['HIV'], source: 's' }] }),
      'map.rules[0]',
    ],
    ['no source', map({ rules: [{ ...rule, source: '' }] }), 'map.rules[0].source'],
    ['an id with capitals', map({ id: 'Map' }), 'map.id'],
    ['a map too large', map({ rules: Array.from({ length: 2000 }, () => rule) }), 'map'],
  ];
  for (const [what, value, at] of faults) {
    it(`is refused with ${what}, at ${at}`, () => {
      assert.throws(() => validateMap(value), { code: 'INVALID_ARGUMENT', details: { path: at } });
    });
  }
});
