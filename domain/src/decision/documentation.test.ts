import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { MedicalActor } from '../consortium/roles.js';
import { decide, decideRecord } from './decide.js';
import type { Decision, DecisionInput, RecordFacets } from './decision.js';
import { validateProvision } from './provision.js';
import { sensitivityCoding } from './terms.js';

const page = readFileSync(path.join(__dirname, '../../../docs/decision-semantics.md'), 'utf8');
const [consentExample, receiptExample] = [...page.matchAll(/```json\n(.*?)```/gs)].map(
  ([, json = '']) => json,
);

const consent = '0'.repeat(32);
const provision = validateProvision(JSON.parse(consentExample!));
const bloodPressure: RecordFacets = {
  id: '1'.repeat(32),
  class: 'Observation',
  category: [],
  codes: [{ system: 'http://loinc.org', code: '85354-9' }],
  labels: [],
  mediaType: 'application/fhir+json',
};
const { system = '', code = '' } = sensitivityCoding('OPIOIDUD');
const substanceUse: RecordFacets = { ...bloodPressure, labels: [{ system, code }] };

const nurse: MedicalActor = { mspId: 'ClinicMSP', subject: 'n-7', role: 'practitioner' };
const doctor: MedicalActor = { ...nurse, subject: 'd81f' };

function asks(actor: MedicalActor, purpose = 'TREAT', instant = '2026-03-01T12:00:00.000Z'): DecisionInput {
  return {
    consents: [{ consent, version: 1, provision }],
    request: {
      custodian: 'HospitalMSP',
      actor,
      scope: 'content',
      purpose,
      filter: { classes: ['Observation'] },
    },
    instant,
  };
}

describe('the example of docs/decision-semantics.md', () => {
  const table: readonly (readonly [string, DecisionInput, string, string])[] = [
    ['a nurse of the clinic', asks(nurse), 'permit provision', 'deny provision.provision[0]'],
    ['Dr. d81f', asks(doctor), 'permit provision', 'permit provision.provision[0].provision[0]'],
    ['Dr. d81f for research', asks(doctor, 'HRESCH'), 'deny ', 'deny '],
    ['another hospital', asks({ ...nurse, mspId: 'OtherMSP' }), 'deny ', 'deny '],
    ['a nurse in 2027', asks(nurse, 'TREAT', '2027-01-01T00:00:00.000Z'), 'deny ', 'deny '],
  ];
  for (const [who, input, first, second] of table) {
    it(`is answered as its table says for ${who}`, () => {
      const answers = [bloodPressure, substanceUse].map((record) => {
        const { outcome, rules } = decideRecord(input, record);
        return `${outcome} ${rules.map((rule) => rule.path).join(' ')}`;
      });
      assert.deepEqual(answers, [first, second]);
    });
  }

  it('gives the receipt that the page shows', () => {
    const shown = JSON.parse(receiptExample!.replaceAll('…', consent)) as Decision;
    assert.deepEqual(decide(asks(nurse)), shown);
  });
});
