import assert from 'node:assert/strict';
import type { ConsentProvision } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import { canonicalJson } from '../json/canonical.js';
import { decide, decideRecord } from './decide.js';
import type { ConsentTerms, DecisionRequest, RecordFacets } from './decision.js';
import { validateConsent } from './provision.js';
import {
  classCoding,
  confidentialityCoding,
  organizationActor,
  personActor,
  purposeCoding,
  recordReference,
  roleActor,
  sensitivityCoding,
} from './terms.js';

const INSTANT = '2026-03-01T12:00:00.000Z';
const SPECIALIST: MedicalActor = { mspId: 'ClinicMSP', subject: 'dr-1', role: 'practitioner' };
const RESEARCHER: MedicalActor = { mspId: 'InstituteMSP', subject: 're-1', role: 'researcher' };
const EMERGENCY: MedicalActor = { mspId: 'ClinicMSP', subject: 'em-1', role: 'emergency' };
const INSIDER: MedicalActor = { mspId: 'HospitalMSP', subject: 'dr-9', role: 'practitioner' };

const OBSERVATION: RecordFacets = {
  id: '0'.repeat(31) + '1',
  class: 'Observation',
  category: [],
  codes: [{ system: 'http://loinc.org', code: '4548-4' }],
  date: '2024-05-17',
  labels: [],
  mediaType: 'application/fhir+json',
};

function record(changes: Partial<RecordFacets>): RecordFacets {
  return { ...OBSERVATION, ...changes };
}

const undated: RecordFacets = (() => {
  const { date: _date, ...rest } = OBSERVATION;
  assert.ok(_date);
  return rest;
})();

function consent(provision: ConsentProvision, more: Partial<ConsentTerms> = {}): ConsentTerms {
  const terms: ConsentTerms = { consent: 'c'.repeat(32), version: 1, provision, ...more };
  validateConsent(terms);
  return terms;
}

function request(
  actor = SPECIALIST,
  purpose = 'TREAT',
  filter: DecisionRequest['filter'] = {},
): DecisionRequest {
  return { custodian: 'HospitalMSP', actor, scope: 'content', purpose, filter };
}

interface Example {
  readonly says: string;
  readonly consents: readonly ConsentTerms[];
  readonly asks?: DecisionRequest;
  readonly of?: RecordFacets;
  readonly at?: string;
  readonly answer: 'permit' | 'deny';
}

function check(examples: readonly Example[]): void {
  for (const { says, consents, asks = request(), of = OBSERVATION, at = INSTANT, answer } of examples) {
    it(says, () => {
      const decision = decideRecord({ consents, request: asks, instant: at }, of);
      assert.equal(decision.outcome, answer);
    });
  }
}

const treat = [purposeCoding('TREAT')];
const clinic = [organizationActor('ClinicMSP')];
const permitTreatment = consent({ type: 'permit', purpose: treat });

describe('decideRecord: base rule and defaults', () => {
  check([
    { says: 'denies without any consent', consents: [], answer: 'deny' },
    { says: 'permits what a root provision permits', consents: [permitTreatment], answer: 'permit' },
    { says: 'denies what a root provision denies', consents: [consent({ type: 'deny' })], answer: 'deny' },
    {
      says: 'takes policyRule OPTIN as a deny base where the root has no type',
      consents: [consent({}, { policyRule: 'OPTIN' })],
      answer: 'deny',
    },
    {
      says: 'takes policyRule OPTOUT as a permit base where the root has no type',
      consents: [consent({}, { policyRule: 'OPTOUT' })],
      answer: 'permit',
    },
    {
      says: "lets the root's type stand before policyRule",
      consents: [consent({ type: 'permit' }, { policyRule: 'OPTIN' })],
      answer: 'permit',
    },
  ]);

  it('applies the default of the caller where no consent speaks, and only there', () => {
    const defaults = { outcome: 'permit' } as const;
    const instant = INSTANT;
    assert.equal(
      decideRecord({ consents: [], request: request(), instant, defaults }, OBSERVATION).outcome,
      'permit',
    );
    const denied = [consent({ type: 'deny', class: [classCoding('Observation')] })];
    assert.equal(
      decideRecord({ consents: denied, request: request(), instant, defaults }, OBSERVATION).outcome,
      'deny',
    );
  });
});

describe('decideRecord: who, why and when', () => {
  const forClinic = consent({ type: 'permit', actor: clinic, purpose: treat });
  const action = (code: string) => [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code }] },
  ];
  check([
    { says: 'permits any member of a named organization', consents: [forClinic], answer: 'permit' },
    {
      says: 'does not permit another organization',
      consents: [forClinic],
      asks: request({ ...SPECIALIST, mspId: 'OtherMSP' }),
      answer: 'deny',
    },
    {
      says: 'permits a named person only within their own organization',
      consents: [consent({ type: 'permit', actor: [personActor('OtherMSP', 'dr-1')] })],
      answer: 'deny',
    },
    {
      says: 'permits a named person',
      consents: [consent({ type: 'permit', actor: [personActor('ClinicMSP', 'dr-1')] })],
      answer: 'permit',
    },
    {
      says: 'permits a role in any organization',
      consents: [consent({ type: 'permit', actor: [roleActor('practitioner')] })],
      answer: 'permit',
    },
    {
      says: 'permits a role within one organization only there',
      consents: [consent({ type: 'permit', actor: [roleActor('practitioner', 'OtherMSP')] })],
      answer: 'deny',
    },
    {
      says: 'takes several actors as alternatives',
      consents: [
        consent({ type: 'permit', actor: [organizationActor('OtherMSP'), roleActor('practitioner')] }),
      ],
      answer: 'permit',
    },
    {
      says: 'takes different elements together: right organization, wrong purpose',
      consents: [forClinic],
      asks: request(SPECIALIST, 'HRESCH'),
      answer: 'deny',
    },
    {
      says: 'includes the purposes below a named one: TREAT includes ETREAT',
      consents: [permitTreatment],
      asks: request(EMERGENCY, 'ETREAT'),
      answer: 'permit',
    },
    {
      says: 'includes the purposes below a named one: HRESCH includes CLINTRCHPC',
      consents: [consent({ type: 'permit', purpose: [purposeCoding('HRESCH')] })],
      asks: request(RESEARCHER, 'CLINTRCHPC'),
      answer: 'permit',
    },
    {
      says: 'does not include the purposes above a named one: CLINTRCH is not HRESCH',
      consents: [consent({ type: 'permit', purpose: [purposeCoding('CLINTRCH')] })],
      asks: request(RESEARCHER, 'HRESCH'),
      answer: 'deny',
    },
    {
      says: 'denies after the root period has ended',
      consents: [consent({ type: 'permit', period: { end: '2026-02-28' } })],
      answer: 'deny',
    },
    {
      says: 'permits on the last day of the period, to its last millisecond',
      consents: [consent({ type: 'permit', period: { end: '2026-03-01' } })],
      at: '2026-03-01T23:59:59.999Z',
      answer: 'permit',
    },
    {
      says: 'denies before the period has begun',
      consents: [consent({ type: 'permit', period: { start: '2026-03-01T12:00:00.001Z' } })],
      answer: 'deny',
    },
    {
      says: 'lets a nested period end an exception',
      consents: [
        consent({
          type: 'permit',
          provision: [{ type: 'deny', period: { start: '2025-01-01', end: '2025-12-31' } }],
        }),
      ],
      answer: 'permit',
    },
    {
      says: 'takes reading as access',
      consents: [consent({ type: 'permit', action: action('access') })],
      answer: 'permit',
    },
    {
      says: 'does not take reading as collecting',
      consents: [consent({ type: 'permit', action: action('collect') })],
      answer: 'deny',
    },
    {
      says: 'takes reading from another organization as disclosure',
      consents: [consent({ type: 'permit', provision: [{ type: 'deny', action: action('disclose') }] })],
      answer: 'deny',
    },
    {
      says: 'does not take reading within the custodian as disclosure',
      consents: [consent({ type: 'permit', provision: [{ type: 'deny', action: action('disclose') }] })],
      asks: request(INSIDER),
      answer: 'permit',
    },
  ]);
});

describe('decideRecord: which data', () => {
  const only = (limits: ConsentProvision) => [consent({ type: 'permit', ...limits })];
  const except = (limits: ConsentProvision) => [
    consent({ type: 'permit', provision: [{ type: 'deny', ...limits }] }),
  ];
  const labelled = (...codes: string[]) => record({ labels: codes.map(sensitivityCoding).map(plain) });
  const confidential = (code: string) => record({ labels: [plain(confidentialityCoding(code))] });
  const a1c = [{ coding: [{ system: 'http://loinc.org', code: '4548-4' }] }];
  check([
    {
      says: 'permits a named class',
      consents: only({ class: [classCoding('Observation')] }),
      answer: 'permit',
    },
    { says: 'denies another class', consents: only({ class: [classCoding('Condition')] }), answer: 'deny' },
    {
      says: 'knows a class by its media type too',
      consents: only({ class: [{ system: 'urn:ietf:bcp:13', code: 'application/dicom' }] }),
      of: record({ class: 'ImagingStudy', mediaType: 'application/dicom' }),
      answer: 'permit',
    },
    { says: 'permits a named code', consents: only({ code: a1c }), answer: 'permit' },
    { says: 'withholds a named code', consents: except({ code: a1c }), answer: 'deny' },
    {
      says: 'denies a record without the code',
      consents: only({ code: a1c }),
      of: record({ codes: [] }),
      answer: 'deny',
    },
    {
      says: 'finds a code among the categories',
      consents: only({ code: a1c }),
      of: record({ codes: [], category: OBSERVATION.codes }),
      answer: 'permit',
    },
    {
      says: 'tells equal codes of different systems apart',
      consents: only({ code: a1c }),
      of: record({ codes: [{ system: 'http://snomed.info/sct', code: '4548-4' }] }),
      answer: 'deny',
    },
    {
      says: 'withholds what is labelled below a named sensitivity: SUD includes OPIOIDUD',
      consents: except({ securityLabel: [sensitivityCoding('SUD')] }),
      of: labelled('OPIOIDUD'),
      answer: 'deny',
    },
    {
      says: 'withholds what is labelled two levels below: ETH includes ETHUD',
      consents: except({ securityLabel: [sensitivityCoding('ETH')] }),
      of: labelled('ETHUD'),
      answer: 'deny',
    },
    {
      says: 'does not withhold what is labelled above a named sensitivity',
      consents: except({ securityLabel: [sensitivityCoding('ETHUD')] }),
      of: labelled('OPIOIDUD'),
      answer: 'permit',
    },
    {
      says: 'denies from a confidentiality on: deny R withholds V',
      consents: except({ securityLabel: [confidentialityCoding('R')] }),
      of: confidential('V'),
      answer: 'deny',
    },
    {
      says: 'permits up to a confidentiality: permit R releases N',
      consents: only({ securityLabel: [confidentialityCoding('R')] }),
      of: confidential('N'),
      answer: 'permit',
    },
    {
      says: 'permits up to a confidentiality: permit N does not release R',
      consents: only({ securityLabel: [confidentialityCoding('N')] }),
      of: confidential('R'),
      answer: 'deny',
    },
    {
      says: 'takes a record without confidentiality label as N',
      consents: only({ securityLabel: [confidentialityCoding('N')] }),
      answer: 'permit',
    },
    {
      says: 'takes the highest of several confidentialities',
      consents: only({ securityLabel: [confidentialityCoding('N')] }),
      of: record({ labels: [plain(confidentialityCoding('L')), plain(confidentialityCoding('V'))] }),
      answer: 'deny',
    },
    {
      says: 'permits data of a period',
      consents: only({ dataPeriod: { start: '2024', end: '2024' } }),
      answer: 'permit',
    },
    {
      says: 'denies data of another period',
      consents: only({ dataPeriod: { end: '2023' } }),
      answer: 'deny',
    },
    {
      says: 'does not permit a record without date where dates are limited',
      consents: only({ dataPeriod: { start: '2000' } }),
      of: undated,
      answer: 'deny',
    },
    {
      says: 'withholds a record without date where dates are withheld',
      consents: except({ dataPeriod: { end: '2000' } }),
      of: undated,
      answer: 'deny',
    },
    {
      says: 'does not permit a year that the period only partly covers',
      consents: only({ dataPeriod: { start: '2024-03-01' } }),
      of: record({ date: '2024' }),
      answer: 'deny',
    },
    {
      says: 'permits a named record',
      consents: only({ data: [{ meaning: 'instance', reference: recordReference(OBSERVATION.id) }] }),
      answer: 'permit',
    },
    {
      says: 'denies a record that is not named',
      consents: only({ data: [{ meaning: 'instance', reference: recordReference('f'.repeat(32)) }] }),
      answer: 'deny',
    },
  ]);
});

function plain({ system = '', code = '' }: { system?: string; code?: string }) {
  return { system, code };
}

describe('decideRecord: exceptions', () => {
  const psy = [sensitivityCoding('PSY')];
  const psychiatric = record({ labels: psy.map(plain) });
  const normalButRestrictedForOne = consent({
    type: 'permit',
    purpose: treat,
    securityLabel: [confidentialityCoding('N')],
    provision: [
      {
        type: 'permit',
        securityLabel: [confidentialityCoding('R')],
        actor: [personActor('ClinicMSP', 'dr-1')],
      },
    ],
  });
  const restricted = record({ labels: [plain(confidentialityCoding('R'))] });
  check([
    {
      says: 'cuts a nested deny out of a permit',
      consents: [consent({ type: 'permit', provision: [{ type: 'deny', securityLabel: psy }] })],
      of: psychiatric,
      answer: 'deny',
    },
    {
      says: 'cuts a nested permit out of a deny (dissent but for breaking the glass)',
      consents: [
        consent({
          type: 'deny',
          provision: [{ type: 'permit', purpose: [purposeCoding('BTG')], actor: [roleActor('emergency')] }],
        }),
      ],
      asks: request(EMERGENCY, 'BTG'),
      answer: 'permit',
    },
    {
      says: 'keeps the deny for everyone whom the nested permit does not name',
      consents: [
        consent({
          type: 'deny',
          provision: [{ type: 'permit', purpose: [purposeCoding('BTG')], actor: [roleActor('emergency')] }],
        }),
      ],
      answer: 'deny',
    },
    {
      says: 'lets the deepest exception decide: permit, but not psychiatry, but psychiatry to this doctor',
      consents: [
        consent({
          type: 'permit',
          provision: [
            {
              type: 'deny',
              securityLabel: psy,
              provision: [{ type: 'permit', actor: [personActor('ClinicMSP', 'dr-1')] }],
            },
          ],
        }),
      ],
      of: psychiatric,
      answer: 'permit',
    },
    {
      says: 'puts deny before permit among exceptions side by side',
      consents: [
        consent({
          type: 'deny',
          provision: [
            { type: 'permit', purpose: treat },
            { type: 'deny', securityLabel: psy },
          ],
        }),
      ],
      of: psychiatric,
      answer: 'deny',
    },
    {
      says: 'does not let an exception reach beyond what its parent covers',
      consents: [
        consent({
          type: 'deny',
          class: [classCoding('Condition')],
          provision: [{ type: 'permit', purpose: treat }],
        }),
      ],
      answer: 'deny',
    },
    {
      says: 'lets an exception of the same type add data: normal for all, restricted for this doctor',
      consents: [normalButRestrictedForOne],
      of: restricted,
      answer: 'permit',
    },
    {
      says: 'adds that data for no other recipient',
      consents: [normalButRestrictedForOne],
      asks: request({ ...SPECIALIST, subject: 'dr-2' }),
      of: restricted,
      answer: 'deny',
    },
    {
      says: 'adds that data for no other purpose than its parent names',
      consents: [normalButRestrictedForOne],
      asks: request(SPECIALIST, 'HPAYMT'),
      of: restricted,
      answer: 'deny',
    },
  ]);
});

describe('decideRecord: several consents', () => {
  const other = { consent: 'd'.repeat(32) };
  const denyResearch = consent({ type: 'deny', purpose: [purposeCoding('HRESCH')] }, other);
  check([
    {
      says: 'lets deny override permit among consents that apply',
      consents: [permitTreatment, consent({ type: 'deny', actor: clinic }, other)],
      answer: 'deny',
    },
    {
      says: 'leaves a consent aside that does not speak of the request',
      consents: [permitTreatment, denyResearch],
      answer: 'permit',
    },
    {
      says: 'leaves an expired deny aside',
      consents: [permitTreatment, consent({ type: 'deny', period: { end: '2020' } }, other)],
      answer: 'permit',
    },
    {
      says: 'lets a newer version of the same consent replace the older, in whichever order they come',
      consents: [consent({ type: 'permit' }, { version: 2 }), consent({ type: 'deny' })],
      answer: 'permit',
    },
    {
      says: 'does not fall back to an older version when the newer has expired',
      consents: [
        consent({ type: 'permit' }),
        consent({ type: 'permit', period: { end: '2020' } }, { version: 2 }),
      ],
      answer: 'deny',
    },
  ]);
});

describe('decide: at request time', () => {
  const instant = INSTANT;

  it('answers for each class that is asked for', () => {
    const consents = [consent({ type: 'permit', class: [classCoding('Observation')] })];
    const asks = request(SPECIALIST, 'TREAT', { classes: ['Observation', 'Condition'] });
    const decision = decide({ consents, request: asks, instant });
    assert.equal(decision.outcome, 'permit');
    assert.equal(decision.classes.Observation!.outcome, 'permit');
    assert.equal(decision.classes.Condition!.outcome, 'deny');
    assert.equal(decision.classes.Condition!.reason, 'NO_CONSENT_APPLIES');
    assert.deepEqual(Object.keys(decision.classes), ['Condition', 'Observation']);
  });

  it('answers for the classes that rules name, and for all others together, when none is asked for', () => {
    const consents = [consent({ type: 'permit', class: [classCoding('Observation')] })];
    const decision = decide({ consents, request: request(), instant });
    assert.equal(decision.classes.Observation!.outcome, 'permit');
    assert.equal(decision.classes['*']!.outcome, 'deny');
  });

  it('permits with the obligation to withhold what only the records can tell', () => {
    const psy = [sensitivityCoding('PSY')];
    const consents = [consent({ type: 'permit', provision: [{ type: 'deny', securityLabel: psy }] })];
    const { classes, rules } = decide({ consents, request: request(), instant });
    assert.equal(classes['*']!.outcome, 'permit-with-obligations');
    assert.deepEqual(classes['*']!.obligations, [
      {
        effect: 'withhold',
        consent: 'c'.repeat(32),
        version: 1,
        path: 'provision.provision[0]',
        where: [{ path: 'provision.provision[0]', securityLabel: psy }],
      },
    ]);
    assert.deepEqual(
      rules.map(({ path, type, certain }) => [path, type, certain]),
      [
        ['provision', 'permit', true],
        ['provision.provision[0]', 'deny', false],
      ],
    );
  });

  it('permits with the obligation to release only what a limited permit covers', () => {
    const dataPeriod = { start: '2024' };
    const { classes } = decide({
      consents: [consent({ type: 'permit', dataPeriod })],
      request: request(),
      instant,
    });
    assert.equal(classes['*']!.outcome, 'permit-with-obligations');
    assert.deepEqual(classes['*']!.obligations[0]!.effect, 'release-only');
    assert.deepEqual(classes['*']!.obligations[0]!.where, [{ path: 'provision', dataPeriod }]);
  });

  it('states the limits of an exception that adds data apart from those of its parent', () => {
    const n = [confidentialityCoding('N')];
    const r = [confidentialityCoding('R')];
    const provision = [{ type: 'permit' as const, securityLabel: r }];
    const consents = [consent({ type: 'permit', securityLabel: n, provision })];
    const { obligations } = decide({ consents, request: request(), instant }).classes['*']!;
    assert.deepEqual(
      obligations.map(({ effect, where }) => [effect, where]),
      [
        ['release-only', [{ path: 'provision', securityLabel: n }]],
        ['release-only', [{ path: 'provision.provision[0]', securityLabel: r }]],
      ],
    );
  });

  it('says that the patient has no consent here, and that none applies, apart', () => {
    const none = decide({ consents: [], request: request(), instant });
    assert.equal(none.outcome, 'deny');
    assert.equal(none.classes['*']!.reason, 'NO_CONSENT');
    const other = decide({ consents: [permitTreatment], request: request(RESEARCHER, 'HRESCH'), instant });
    assert.equal(other.classes['*']!.reason, 'NO_CONSENT_APPLIES');
    assert.deepEqual(other.consents, [
      { consent: 'c'.repeat(32), version: 1, applies: false, mismatch: 'purpose' },
    ]);
  });

  it('names the deny rule that a denial rests on', () => {
    const deny = consent({ type: 'deny', actor: clinic }, { consent: 'd'.repeat(32) });
    const { rules, classes } = decide({ consents: [permitTreatment, deny], request: request(), instant });
    assert.equal(classes['*']!.reason, 'RULES');
    assert.deepEqual(rules, [
      { consent: 'd'.repeat(32), version: 1, path: 'provision', type: 'deny', certain: true },
    ]);
  });

  it('carries instant, engine version, request and default, so that it can be replayed', () => {
    const decision = decide({ consents: [permitTreatment], request: request(), instant });
    const replayed = decide({
      consents: [permitTreatment],
      request: decision.request,
      instant: decision.instant,
      defaults: decision.defaults,
    });
    assert.equal(decision.engine, 'vitaledger/decision/1');
    assert.equal(canonicalJson(replayed), canonicalJson(decision));
  });
});
