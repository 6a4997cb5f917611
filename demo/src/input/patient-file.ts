import { VitaledgerError } from '@vitaledger/client';
import { bundleSubject, MAX_RECORDS_AT_ONCE, readBundle } from '@vitaledger/domain';
import type { Patient } from 'fhir/r4';
import { basename, join } from 'node:path';
import { naming, readJsonFile } from './read-json-file.js';
import { sensitiveTopic, type SensitiveTopic } from './sensitive-topic.js';

/** A patient of the story: a FHIR bundle, and what only the patient and the hospital's own files know. */
export interface PatientFile {
  /** File name, for people. */
  readonly file: string;
  /** The bundle as it is, JSON. */
  readonly content: Buffer;
  readonly entries: number;
  /** Shown on the patient's own device only; absent when the bundle has none. */
  readonly name: string | undefined;
  /** Whatever names the person, as the bundle has it: searched in blocks, where it must not be. */
  readonly identifying: readonly IdentifyingValue[];
  /** What the patient will keep closed, if anything. */
  readonly topic: SensitiveTopic | undefined;
  /** FHIR resource types that the patient will share. */
  readonly shared: readonly string[];
}

export interface IdentifyingValue {
  readonly what: string;
  readonly value: string;
}

export const demoData = join(__dirname, '../../data');

/** The three patients that come with the demonstration. */
export const ownPatients: readonly string[] = [
  join(demoData, 'chronic-disease.json.gz'),
  join(demoData, 'substance-use.json.gz'),
  join(demoData, 'child-asthma.json.gz'),
];

/** What a specialist needs for treatment, of what FHIR has. */
const forTreatment = [
  'AllergyIntolerance',
  'Condition',
  'DiagnosticReport',
  'MedicationRequest',
  'Observation',
];

/**
 * Reads a bundle and checks it before anything is started.
 *
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT` with the file and the JSON path of what is wrong
 */
export async function readPatientFile(file: string): Promise<PatientFile> {
  const content = await readJsonFile(file);
  const { entries, patient } = naming(file, () => {
    const bundle = readBundle(content);
    return {
      entries: bundle.entries,
      patient: bundleSubject(bundle).patient?.resource as Patient | undefined,
    };
  });
  if (entries.length > MAX_RECORDS_AT_ONCE) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `${file}: Bundle.entry has ${entries.length} entries, and one transaction takes ${MAX_RECORDS_AT_ONCE}; split the bundle`,
      { path: 'Bundle.entry' },
    );
  }
  const resources = entries.map(({ resource }) => resource);
  const classes = [...new Set(resources.map(({ resourceType }) => resourceType))].sort();
  const wanted = classes.filter((name) => forTreatment.includes(name));
  const shared = wanted.length > 0 ? wanted : classes;
  return {
    file: basename(file),
    content,
    entries: entries.length,
    name: nameOf(patient),
    identifying: identifyingValues(patient),
    topic: sensitiveTopic(entries, shared),
    shared,
  };
}

/** Synthea numbers its names; people do not. */
function nameOf(patient: Patient | undefined): string | undefined {
  const { given = [], family = '', text } = patient?.name?.[0] ?? {};
  const name = [...given.slice(0, 1), family].filter((part) => part !== '').join(' ');
  const shown = (name === '' ? (text ?? '') : name).replace(/(?<=\p{L})\d+/gu, '');
  return shown === '' ? undefined : shown;
}

/** Shorter values are found anywhere by chance. */
const shortest = 6;

function identifyingValues(patient: Patient | undefined): readonly IdentifyingValue[] {
  if (!patient) return [];
  const names = (patient.name ?? []).flatMap(({ family, given = [], text }) => [family, ...given, text]);
  const found: [what: string, value: string | undefined][] = [
    ...names.map((value): [string, string | undefined] => ['name', value]),
    ['id in the bundle', patient.id],
    ['birth date', patient.birthDate],
    ...(patient.identifier ?? []).map(({ value }): [string, string | undefined] => ['identifier', value]),
    ...(patient.telecom ?? []).map(({ value }): [string, string | undefined] => ['telephone', value]),
    ...(patient.address ?? []).flatMap(({ line = [], postalCode }) =>
      [...line, postalCode].map((value): [string, string | undefined] => ['address', value]),
    ),
  ];
  const usable = found.flatMap(([what, value]) =>
    value !== undefined && value.length >= shortest ? [{ what, value }] : [],
  );
  return [...new Map(usable.map((one) => [one.value, one])).values()];
}
