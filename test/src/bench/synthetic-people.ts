import type { FhirResource } from 'fhir/r4';

const [snomed, loinc, rxnorm] = [
  'http://snomed.info/sct',
  'http://loinc.org',
  'http://www.nlm.nih.gov/research/umls/rxnorm',
];
const coded = (system: string, code: string, display: string) => ({
  coding: [{ system, code, display }],
  text: display,
});

const DIAGNOSES = [
  coded(snomed, '38341003', 'Hypertensive disorder'),
  coded(snomed, '44054006', 'Type 2 diabetes mellitus'),
  coded(snomed, '195967001', 'Asthma'),
  coded(snomed, '10509002', 'Acute bronchitis'),
];
const MEASURES = [
  ['8480-6', 'Systolic blood pressure', 'mm[Hg]', 124],
  ['8462-4', 'Diastolic blood pressure', 'mm[Hg]', 79],
  ['29463-7', 'Body weight', 'kg', 74],
  ['8302-2', 'Body height', 'cm', 171],
  ['4548-4', 'Haemoglobin A1c', '%', 6],
] as const;
const DRUGS = [coded(rxnorm, '314076', 'Lisinopril 10 MG'), coded(rxnorm, '860975', 'Metformin 500 MG')];

/** Visits of a person; 21 resources with the person. */
const VISITS = 2;

/** Resources of made-up people, of the kinds and the size that a hospital's bulk export has: `Patient/p0`, `Patient/p1` … */
export function* syntheticPeople(count: number): Generator<FhirResource> {
  for (let n = 0; n < count; n++) yield* person(n);
}

function* person(n: number): Generator<FhirResource> {
  const name = `p${String(n)}`;
  const subject = { reference: `Patient/${name}` };
  const year = 1930 + (n % 80);
  yield {
    resourceType: 'Patient',
    id: name,
    gender: n % 2 ? 'female' : 'male',
    birthDate: `${String(year)}-05-17`,
    name: [{ use: 'official', family: `Family${String(n)}`, given: ['Given'] }],
    address: [{ line: [`${String(n)} Main Street`], city: 'Springfield', country: 'US' }],
  };
  for (let visit = 0; visit < VISITS; visit++)
    yield* visitOf({ name: `${name}-v${String(visit)}`, n: n + visit, subject });
}

interface Visit {
  readonly name: string;
  readonly n: number;
  readonly subject: { readonly reference: string };
}

function* visitOf({ name, n, subject }: Visit): Generator<FhirResource> {
  const at = `20${String(10 + (n % 15))}-03-0${String(1 + (n % 9))}T09:30:00Z`;
  const encounter = { reference: `Encounter/${name}` };
  const about = { subject, encounter };
  const code = DIAGNOSES[n % DIAGNOSES.length];
  yield {
    resourceType: 'Encounter',
    id: name,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [coded(snomed, '185349003', 'Encounter for check up')],
    subject,
    period: { start: at, end: at },
  };
  yield {
    resourceType: 'Condition',
    id: `${name}-c`,
    ...about,
    ...(code ? { code } : {}),
    onsetDateTime: at,
  };
  for (const [measure, display, unit, value] of MEASURES) {
    yield {
      resourceType: 'Observation',
      id: `${name}-${measure}`,
      status: 'final',
      ...about,
      category: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
          ],
        },
      ],
      code: coded(loinc, measure, display),
      effectiveDateTime: at,
      issued: at,
      valueQuantity: { value: value + (n % 17), unit, system: 'http://unitsofmeasure.org', code: unit },
    };
  }
  for (const [index, medicationCodeableConcept] of DRUGS.entries())
    yield {
      resourceType: 'MedicationRequest',
      id: `${name}-m${String(index)}`,
      status: 'active',
      intent: 'order',
      ...about,
      medicationCodeableConcept,
      authoredOn: at,
      dosageInstruction: [
        { text: 'One tablet a day', timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } },
      ],
    };
  const vaccineCode = coded('http://hl7.org/fhir/sid/cvx', '140', 'Influenza, seasonal');
  yield {
    resourceType: 'Immunization',
    id: `${name}-i`,
    status: 'completed',
    patient: subject,
    encounter,
    vaccineCode,
    occurrenceDateTime: at,
  };
}
