import { invalid } from '../errors/index.js';
import { subjectReference } from './classify.js';
import { subjectElements } from './element-rules.js';
import type { BundleEntry, RecordBundle } from './read-bundle.js';
import { referenceResolver } from './references.js';

/** The one person whose records a bundle holds. */
export interface BundleSubject {
  /** The literal reference by which the entries name the person, or the Patient entry's fullUrl. */
  readonly reference: string | undefined;
  /** The Patient entry, when the bundle has one. */
  readonly patient: BundleEntry | undefined;
}

/**
 * Makes sure that a bundle holds the records of one person: records are registered for one patient, and consent is decided
 * by that patient.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` at the first entry that is about somebody else.
 */
export function bundleSubject(bundle: RecordBundle): BundleSubject {
  const patient = onePatient(bundle);
  const resolve = referenceResolver(bundle.entries);
  let first: string | undefined;
  for (const entry of bundle.entries) {
    const reference = subjectReference(entry.resource);
    if (reference === undefined) continue;
    first ??= reference;
    const isSame = patient === undefined ? reference === first : resolve(reference) === patient;
    if (!isSame) throw invalid(subjectPath(entry), ANOTHER_PERSON);
  }
  return { reference: first ?? patient?.fullUrl, patient };
}

const ANOTHER_PERSON =
  'names another subject than the rest of the bundle; register the records of each patient from a bundle of their own';

function onePatient(bundle: RecordBundle): BundleEntry | undefined {
  const [patient, second] = bundle.entries.filter((entry) => entry.resource.resourceType === 'Patient');
  if (second !== undefined)
    throw invalid(second.path, 'is a second Patient; give each patient a bundle of their own');
  return patient;
}

function subjectPath(entry: BundleEntry): string {
  const resource = entry.resource as unknown as Readonly<Record<string, unknown>>;
  const element = subjectElements(entry.resource.resourceType).find((name) => resource[name] !== undefined);
  return `${entry.path}.${element ?? 'subject'}.reference`;
}
