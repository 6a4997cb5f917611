import assert from 'node:assert/strict';
import type { FhirResource } from 'fhir/r4';
import { type Classification, classify } from './classify.js';
import { readBundle } from './read-bundle.js';
import { referenceResolver } from './references.js';

const LOINC = 'http://loinc.org';
const SNOMED = 'http://snomed.info/sct';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10';
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const subject = { reference: 'Patient/1' };

const concept = (system: string, code: string): object => ({ coding: [{ system, code }] });

function classified(resource: object): Classification {
  return classify(resource as FhirResource);
}

describe('classify', () => {
  it('tells class, category, codes, date, labels and subject of a laboratory result', () => {
    const category = concept('http://terminology.hl7.org/CodeSystem/observation-category', 'laboratory');
    assert.deepEqual(
      classified({
        resourceType: 'Observation',
        meta: { security: [{ system: ACT_CODE, code: 'HIV', display: 'HIV' }] },
        status: 'final',
        category: [category],
        code: concept(LOINC, '25836-8'),
        subject,
        effectiveDateTime: '2024-05-17',
        issued: '2024-05-18T10:00:00Z',
        valueQuantity: {
          value: 40,
          unit: 'copies/mL',
          system: 'http://unitsofmeasure.org',
          code: '{copies}/mL',
        },
      }),
      {
        class: 'Observation',
        category: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
        codes: [{ system: LOINC, code: '25836-8' }],
        date: '2024-05-17',
        labels: [{ system: ACT_CODE, code: 'HIV' }],
        subject: 'Patient/1',
      },
    );
  });

  it('finds codes wherever they stand in the instance, those that say what it is first', () => {
    const { codes } = classified({
      resourceType: 'Procedure',
      status: 'completed',
      reasonCode: [concept(ICD10, 'F11.2')],
      contained: [{ resourceType: 'Device', type: concept(SNOMED, '706172005') }],
      code: concept(SNOMED, '310653000'),
      subject,
    });
    assert.deepEqual(codes, [
      { system: SNOMED, code: '310653000' },
      { system: ICD10, code: 'F11.2' },
      { system: SNOMED, code: '706172005' },
    ]);
  });

  it('sees the plan that only a care plan category names, and what a claim was for', () => {
    const plan = classified({ resourceType: 'CarePlan', category: [concept(SNOMED, '718361005')], subject });
    assert.deepEqual(plan.codes, [{ system: SNOMED, code: '718361005' }]);
    const claim = classified({
      resourceType: 'Claim',
      type: concept('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'),
      priority: concept('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
      patient: subject,
      item: [{ productOrService: concept(SNOMED, '6525002') }],
    });
    assert.deepEqual(claim.codes.at(-1), { system: SNOMED, code: '6525002' });
    assert.ok(!claim.codes.some(({ code }) => code === 'normal'));
    assert.equal(claim.subject, 'Patient/1');
  });

  it('follows a prescription to its drug and its reason within the bundle', () => {
    const drug = 'urn:uuid:aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa';
    const reason = 'urn:uuid:bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb';
    const { entries } = readBundle({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { fullUrl: drug, resource: { resourceType: 'Medication', code: concept(RXNORM, '1010600') } },
        {
          fullUrl: reason,
          resource: { resourceType: 'Condition', code: concept(SNOMED, '75544000'), subject },
        },
        {
          resource: {
            resourceType: 'MedicationRequest',
            status: 'active',
            intent: 'order',
            medicationReference: { reference: drug },
            reasonReference: [{ reference: reason, display: 'Opioid dependence' }],
            subject,
          },
        },
      ],
    });
    const prescription = entries[2]!.resource;
    assert.deepEqual(classify(prescription, referenceResolver(entries)).codes, [
      { system: RXNORM, code: '1010600' },
      { system: SNOMED, code: '75544000' },
    ]);
    assert.deepEqual(classify(prescription).codes, []);
  });

  it('leaves out codes that no rule could know, for want of a code system', () => {
    const code = {
      coding: [{ code: 'HB' }, { system: 'our lab', code: 'HB' }, { system: LOINC, code: '718-7' }],
    };
    assert.deepEqual(classified({ resourceType: 'Observation', code }).codes, [
      { system: LOINC, code: '718-7' },
    ]);
  });

  it('takes labels of contained resources and of documents', () => {
    const { labels } = classified({
      resourceType: 'DocumentReference',
      securityLabel: [concept(ACT_CODE, 'PSY')],
      contained: [{ resourceType: 'Organization', meta: { security: [{ system: ACT_CODE, code: 'ETH' }] } }],
    });
    assert.deepEqual(
      labels.map(({ code }) => code),
      ['ETH', 'PSY'],
    );
    assert.deepEqual(
      classified({ resourceType: 'Composition', confidentiality: 'R' }).labels.map(({ code }) => code),
      ['R'],
    );
  });

  it('reads the categories of allergies and encounters, which are no CodeableConcepts', () => {
    assert.deepEqual(
      classified({ resourceType: 'AllergyIntolerance', category: ['food'] }).category.map(({ code }) => code),
      ['food'],
    );
    assert.deepEqual(
      classified({ resourceType: 'Encounter', class: { system: ACT_CODE, code: 'EMER' } }).category,
      [{ system: ACT_CODE, code: 'EMER' }],
    );
  });

  const dated: [resource: object, date: string | undefined][] = [
    [{ resourceType: 'Condition', onsetDateTime: '2019-02', recordedDate: '2020-01-01' }, '2019-02'],
    [{ resourceType: 'Condition', recordedDate: '2020-01-01' }, '2020-01-01'],
    [
      { resourceType: 'Procedure', performedPeriod: { start: '2020-01-02T03:04:05Z' } },
      '2020-01-02T03:04:05Z',
    ],
    [{ resourceType: 'Immunization', occurrenceDateTime: '2021' }, '2021'],
    [{ resourceType: 'MedicationRequest', authoredOn: '2021-03-04' }, '2021-03-04'],
    [
      { resourceType: 'MedicationDispense', whenHandedOver: '2021-03-05', whenPrepared: '2021-03-04' },
      '2021-03-05',
    ],
    [{ resourceType: 'Encounter', period: { start: '2021-03-04', end: '2021-03-09' } }, '2021-03-04'],
    [{ resourceType: 'ImagingStudy', started: '2022-01-01' }, '2022-01-01'],
    [{ resourceType: 'Claim', billablePeriod: { start: '2022-01-01' }, created: '2022-02-02' }, '2022-01-01'],
    [
      {
        resourceType: 'Specimen',
        collection: { collectedDateTime: '2022-01-01' },
        receivedTime: '2022-01-02',
      },
      '2022-01-01',
    ],
    [
      { resourceType: 'DocumentReference', date: '2022-05-05', context: { period: { start: '2022-01-01' } } },
      '2022-01-01',
    ],
    [{ resourceType: 'Patient', birthDate: '1970-01-01' }, undefined],
    [{ resourceType: 'Device', manufactureDate: '2001-01-01' }, undefined],
  ];
  for (const [resource, date] of dated) {
    it(`dates ${JSON.stringify(resource)} ${date ?? 'not at all'}`, () => {
      assert.equal(classified(resource).date, date);
    });
  }

  const owned: [resource: object, reference: string | undefined][] = [
    [{ resourceType: 'Immunization', patient: subject }, 'Patient/1'],
    [{ resourceType: 'Coverage', beneficiary: subject }, 'Patient/1'],
    [{ resourceType: 'ResearchSubject', individual: subject }, 'Patient/1'],
    [{ resourceType: 'Task', for: subject }, 'Patient/1'],
    [{ resourceType: 'Device', patient: subject }, 'Patient/1'],
    [{ resourceType: 'Provenance', target: [subject] }, undefined],
    [{ resourceType: 'Patient' }, undefined],
  ];
  for (const [resource, reference] of owned) {
    it(`says that ${JSON.stringify(resource)} is about ${reference ?? 'nobody else'}`, () => {
      assert.equal(classified(resource).subject, reference);
    });
  }
});
