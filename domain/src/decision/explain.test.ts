import assert from 'node:assert/strict';
import { explain, type WhatIf } from './explain.js';
import type { ConsentTerms, DecisionRequest, RecordFacets } from './decision.js';
import { classCoding, organizationActor } from './terms.js';

const instant = '2026-03-01T12:00:00.000Z';
const ask = (mspId: string): DecisionRequest => ({
  custodian: 'HospitalMSP',
  actor: { mspId, subject: 's', role: 'practitioner' },
  scope: 'content',
  purpose: 'TREAT',
  filter: {},
});
const consent = (id: string, mspId: string, classes: readonly string[], version = 1): ConsentTerms => ({
  consent: id.repeat(32),
  version,
  provision: { type: 'permit', actor: [organizationActor(mspId)], class: classes.map(classCoding) },
});
const held = consent('a', 'ClinicMSP', ['Condition']);
const record = (resourceType: string): RecordFacets => ({
  id: '1'.repeat(32),
  class: resourceType,
  category: [],
  codes: [],
  labels: [],
  mediaType: 'application/fhir+json',
});
const whatIf = (change: Partial<WhatIf>) =>
  explain({ consents: [held], questions: [ask('ClinicMSP'), ask('PharmacyMSP')], instant, ...change });

describe('explain', () => {
  it('says for each question which classes would be answered otherwise, and changes nothing itself', () => {
    const planned = [consent('b', 'PharmacyMSP', ['MedicationRequest'])];
    const [clinic, pharmacy] = whatIf({ planned });
    assert.deepEqual(clinic?.changes, []);
    assert.deepEqual(pharmacy?.changes, [{ class: 'MedicationRequest', before: 'deny', after: 'permit' }]);
    assert.deepEqual([pharmacy.before.outcome, pharmacy.after.outcome], ['deny', 'permit']);
  });

  it('puts a new version in the place of the one in force, and takes out what would be revoked', () => {
    const amended = whatIf({ planned: [consent('a', 'ClinicMSP', ['Observation'], 2)] });
    assert.deepEqual(amended[0]?.changes, [
      { class: 'Condition', before: 'permit', after: 'deny' },
      { class: 'Observation', before: 'deny', after: 'permit' },
    ]);
    const revoked = whatIf({ revoked: [held.consent] });
    assert.deepEqual(revoked[0]?.changes, [{ class: 'Condition', before: 'permit', after: 'deny' }]);
    const prohibitions = [
      { prohibition: 'f'.repeat(32), kind: 'restriction' as const, provision: { type: 'deny' as const } },
    ];
    const lifted = whatIf({ prohibitions, revoked: ['f'.repeat(32)] });
    assert.deepEqual(lifted[0]?.changes, [{ class: 'Condition', before: 'deny', after: 'permit' }]);
  });

  it('says it of single records too', () => {
    const planned = [consent('b', 'ClinicMSP', ['Observation'])];
    const [clinic] = whatIf({ planned, records: [record('Observation'), record('Condition')] });
    assert.deepEqual(
      clinic?.records.map(({ before, after }) => [before.outcome, after.outcome]),
      [
        ['deny', 'permit'],
        ['permit', 'permit'],
      ],
    );
  });

  it('refuses a plan that the ledger would refuse, with its place', () => {
    const planned = [{ ...held, provision: { type: 'permit', unknown: 1 } as never }];
    assert.throws(() => whatIf({ planned }), {
      code: 'INVALID_ARGUMENT',
      details: { path: 'planned[0].provision' },
    });
  });
});
