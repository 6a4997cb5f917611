import { PatientKey, permission, type PatientToken, type Vitaledger } from '@vitaledger/client';
import type { Condition, MedicationRequest, Observation } from 'fhir/r4';
import { as } from './suite-network.js';

/** A patient of the tests: the key on their device and where they are known. */
export interface TestPatient {
  readonly key: PatientKey;
  readonly at: Readonly<Record<string, PatientToken>>;
}

/** Enrols a new patient at custodians, given by short name and MSP id. */
export async function enrol(...custodians: (readonly [name: string, mspId: string])[]): Promise<TestPatient> {
  const key = await PatientKey.generate();
  const at: Record<string, PatientToken> = {};
  for (const [name, mspId] of custodians) {
    const registrar = await as(name, name === 'pharmacy' ? 'service' : 'registrar');
    at[mspId] = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
  }
  return { key, at };
}

const subject = { reference: 'Patient/example' };

export const condition = (text = 'Essential hypertension'): Condition => ({
  resourceType: 'Condition',
  subject,
  code: { coding: [{ system: 'http://snomed.info/sct', code: '59621000', display: text }] },
  onsetDateTime: '2024-03-01',
});

export const observation = (value = 142): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  subject,
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' }] },
  effectiveDateTime: '2024-03-02T09:30:00Z',
  valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});

export const medication = (): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  subject,
  medicationCodeableConcept: {
    coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '314076' }],
  },
  authoredOn: '2024-03-02',
});

/** Grants the clinic reading for treatment; returns the consent's id. */
export async function grantToClinic(
  relay: Vitaledger,
  patient: TestPatient,
  terms: { classes?: readonly string[]; until?: string; withhold?: readonly string[] } = {},
): Promise<string> {
  const { withhold: sensitivities, ...limits } = terms;
  const except = sensitivities === undefined ? {} : { except: { sensitivities } };
  const consent = await patient.key.consent({
    patients: Object.values(patient.at),
    provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'], ...limits, ...except }),
    text: { content: 'The clinic may read my records to treat me.', language: 'en' },
  });
  const report = await relay.consents.grant({
    consent,
    patients: Object.values(patient.at),
    key: patient.key,
  });
  if (!report.complete)
    throw report.deliveries.find(({ error }) => error)?.error ?? new Error(String(report));
  return consent.consent;
}

/** All that an asynchronous iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
