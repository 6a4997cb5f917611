import type { Actor, PatientKey, PatientToken, Vitaledger } from '@vitaledger/client';
import { randomBytes } from 'node:crypto';
import type { PatientFile } from '../input/patient-file.js';
import type { Stage } from './stage.js';

/** Names of the parties in the margin. */
export const parties = {
  hospital: 'Hospital',
  clinic: 'Clinic',
  pharmacy: 'Pharmacy',
  research: 'Research',
  sponsor: 'Sponsor',
  ethics: 'Ethics board',
  device: 'Patient’s device',
  everybody: 'Every member',
} as const;

/** A patient of the story: the file, the key on the device, and the id at the hospital. */
export interface CastPatient {
  readonly file: PatientFile;
  readonly key: PatientKey;
  readonly token: PatientToken;
  /** Ids of the registered records. */
  readonly records: readonly string[];
}

/** Those who act through their organizations' services. Only their organizations know who they are. */
export interface Cast {
  /** The hospital's registration desk. */
  readonly registrar: Vitaledger;
  readonly hospital: Vitaledger;
  /** The clinic's service, for the specialist. */
  readonly specialist: Vitaledger;
  readonly specialistActor: Actor;
  /** The clinic's and the pharmacy's services, when they only pass on what a patient signed. */
  readonly clinic: Vitaledger;
  readonly pharmacy: Vitaledger;
  readonly researcher: Vitaledger;
  readonly sponsor: Vitaledger;
  readonly ethics: Vitaledger;
}

export async function castOf(stage: Stage): Promise<Cast> {
  const [hospital, clinic] = await Promise.all([
    stage.ledger('hospital', 'service'),
    stage.ledger('clinic', 'service'),
  ]);
  const specialistActor: Actor = { role: 'practitioner', subject: pseudonym() };
  return {
    registrar: await stage.ledger('hospital', 'registrar'),
    hospital: hospital.as({ role: 'practitioner', subject: pseudonym() }),
    specialist: clinic.as(specialistActor),
    specialistActor,
    clinic,
    pharmacy: await stage.ledger('pharmacy', 'service'),
    researcher: await stage.ledger('research', 'researcher'),
    sponsor: await stage.ledger('research', 'sponsor'),
    ethics: await stage.ledger('ethics', 'ethics'),
  };
}

/** What an organization calls one of its people on the ledger: random, so that it says nothing. */
function pseudonym(): string {
  return randomBytes(16).toString('hex');
}

/** All that an asynchronous iterable gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
