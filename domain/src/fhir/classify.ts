import type { FhirResource } from 'fhir/r4';
import type { Coding } from '../records/coding.js';
import { isDateTime } from '../records/dates.js';
import { clinicalDateElement } from './clinical-date.js';
import { subjectElements } from './element-rules.js';
import { asArray, childrenOf, isMembers, type JsonMembers } from './json-path.js';
import type { ReferenceResolver } from './references.js';
import type { ResourceType } from './resource-types.js';

/** What consent needs to know about a record, without reading its content again. */
export interface Classification {
  /** FHIR resource type. */
  readonly class: ResourceType;
  /** `category`, and for an Encounter its class. */
  readonly category: readonly Coding[];
  /**
   * The clinical codes found in the instance (R4 Consent.provision.code: "if this code is found in an instance, then the
   * rule applies"), those that say what the record is first, each once. Codes of administration (claim types, units,
   * roles of participants) are not among them, nor codes whose author named no code system: no rule could know them.
   */
  readonly codes: readonly Coding[];
  /** When the content happened: a FHIR date, dateTime or instant as the author wrote it; absent when timeless. */
  readonly date?: string;
  /** Security labels its author gave: `meta.security`, a document's `securityLabel`, a composition's confidentiality. */
  readonly labels: readonly Coding[];
  /** Whose record it is: the literal reference as written; absent when it is not about one person. */
  readonly subject?: string;
}

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ALLERGY_CATEGORY = 'http://hl7.org/fhir/allergy-intolerance-category';

/** Elements whose codes say what the record is. */
const DEFINING = ['code', 'medicationCodeableConcept', 'vaccineCode', 'procedureCode', 'type'] as const;

/**
 * References whose display or meaning puts the target's code into this record: a prescription "because of" a condition
 * tells the condition even when the condition itself is withheld.
 */
const TELLING = new Set([
  'addresses',
  'condition',
  'diagnosisReference',
  'medicationReference',
  'problem',
  'procedureReference',
  'reasonReference',
  'result',
]);

/** Parts of a resource that hold no statement about the patient's health. */
const SKIPPED = new Set(['meta', 'text', 'identifier', 'securityLabel']);

const ABSOLUTE_URI = /^[a-z][a-z0-9+.-]*:\S{1,255}$/i;

/** Code systems of units, currencies, languages and of HL7's own structure; `http://hl7.org/fhir/sid/…` are clinical. */
const ADMINISTRATIVE =
  /^(http:\/\/unitsofmeasure\.org|urn:(ietf|iso):|http:\/\/terminology\.hl7\.org\/|http:\/\/hl7\.org\/fhir\/(?!sid\/)|https:\/\/bluebutton\.cms\.gov\/)/;

/**
 * Classifies a FHIR R4 resource of any type for consent.
 *
 * @param resource a resource that {@link readBundle} accepted.
 * @param resolve resolves references within its bundle, so that a prescription whose drug is an entry of its own has the
 * drug's codes; without it only contained resources are looked into.
 */
export function classify(
  resource: FhirResource,
  resolve: ReferenceResolver = () => undefined,
): Classification {
  const members = resource as unknown as JsonMembers;
  const subject = subjectReference(resource);
  const date = clinicalDateElement(members)?.value;
  return {
    class: resource.resourceType,
    category: categoryOf(members),
    codes: codesOf(members, resolve),
    ...(isDateTime(date) ? { date } : {}),
    labels: labelsOf(members),
    ...(subject === undefined ? {} : { subject }),
  };
}

/** The literal reference to the person a resource is about; undefined for a Patient, and when there is none. */
export function subjectReference(resource: FhirResource): string | undefined {
  const members = resource as unknown as JsonMembers;
  for (const element of subjectElements(resource.resourceType)) {
    const subject = members[element];
    const reference = isMembers(subject) ? subject.reference : undefined;
    if (typeof reference === 'string') return reference;
  }
  return undefined;
}

function categoryOf(resource: JsonMembers): Coding[] {
  const category = asArray(resource.category).flatMap((value) =>
    typeof value === 'string' ? [{ system: ALLERGY_CATEGORY, code: value }] : codings(value),
  );
  const encounterClass = resource.resourceType === 'Encounter' ? codings(resource.class) : [];
  return unique([...category, ...encounterClass]);
}

function labelsOf(resource: JsonMembers): Coding[] {
  const parts = [resource, ...asArray(resource.contained).filter(isMembers)];
  const security = parts.flatMap((part) => {
    const meta = part.meta;
    return isMembers(meta) ? asArray(meta.security).flatMap(codings) : [];
  });
  const document =
    resource.resourceType === 'DocumentReference' || resource.resourceType === 'DocumentManifest'
      ? asArray(resource.securityLabel).flatMap(codings)
      : [];
  const confidentiality = resource.confidentiality;
  const composition =
    typeof confidentiality === 'string' ? [{ system: CONFIDENTIALITY, code: confidentiality }] : [];
  return unique([...security, ...document, ...composition]);
}

function codesOf(resource: JsonMembers, resolve: ReferenceResolver): Coding[] {
  const found = definingCodes(resource);
  collectCodes(resource, resolve, found);
  return unique(found);
}

function definingCodes(resource: JsonMembers): Coding[] {
  return DEFINING.flatMap((element) => asArray(resource[element]).flatMap(codings));
}

function collectCodes(value: unknown, resolve: ReferenceResolver, found: Coding[]): void {
  found.push(...codings(value).filter(({ system }) => !ADMINISTRATIVE.test(system)));
  for (const child of childrenOf(value, '')) {
    if (SKIPPED.has(child.name)) continue;
    if (TELLING.has(child.name)) collectTold(child.value, resolve, found);
    collectCodes(child.value, resolve, found);
  }
}

function collectTold(value: unknown, resolve: ReferenceResolver, found: Coding[]): void {
  for (const reference of asArray(value)) {
    if (!isMembers(reference) || typeof reference.reference !== 'string') continue;
    const target = resolve(reference.reference)?.resource;
    if (target !== undefined) found.push(...definingCodes(target as unknown as JsonMembers));
  }
}

/** The codings of a CodeableConcept, or the value itself when it is a Coding; those without a code system are left out. */
function codings(value: unknown): Coding[] {
  if (!isMembers(value)) return [];
  if (Array.isArray(value.coding)) return value.coding.flatMap(codings);
  const { system, code } = value;
  if (typeof code !== 'string' || code === '') return [];
  return typeof system === 'string' && ABSOLUTE_URI.test(system) ? [{ system, code }] : [];
}

function unique(codes: readonly Coding[]): Coding[] {
  const byKey = new Map(codes.map((code) => [`${code.system}|${code.code}`, code] as const));
  return [...byKey.values()].map(({ system, code }) => ({ system, code }));
}
