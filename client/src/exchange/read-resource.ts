import {
  bundleFaults,
  digestOf,
  isId,
  isResourceType,
  parseJson,
  referToRecords,
  resourceName,
  subjectReference,
  VitaledgerError,
  type ResourceName,
} from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import type { BulkDraft } from '../records/bulk-load.js';
import { draftOfResource } from '../records/draft.js';
import { recordIdOf } from '../records/record-id.js';
import { MOST_RESOURCE_BYTES, type FoundResource } from './import-source.js';
import type { PatientServer } from './patient-server.js';

/**
 * Finds the patient at one's own organization: the id, by what a resource calls its subject (`Patient/17`, or as it is written), or by
 * what stands in `patient` beside it.
 */
export type FindPatient = (subject: string) => string | undefined | Promise<string | undefined>;

/** How the resources of a source are read. */
export interface ReadingRules {
  /** An id: all are this patient's. */
  readonly patients: string | FindPatient;
  readonly isBundle: boolean;
  /** Entries say what is to be done with them, which must be to write. */
  readonly isBatch: boolean;
  readonly fullUrls: ReadonlyMap<string, ResourceName>;
  /** Whose patients are named so far, where they are found by what a resource calls them. */
  readonly server: PatientServer;
  /** Whose ids they are, where several systems give them. */
  readonly system?: string | undefined;
}

/** A resource that can be registered. */
export interface ReadResource extends Pick<FoundResource, 'place' | 'index'> {
  readonly draft: BulkDraft;
}

/** A resource that is about nobody: a hospital, a drug, a practitioner. */
export class NobodysResource extends VitaledgerError {
  constructor(place: string) {
    super('INVALID_ARGUMENT', `${place} says not which patient it is about, so it is no patient's record`, {
      place,
    });
  }
}

interface Parts {
  /** The patient that is named beside the resource. */
  readonly patient?: unknown;
  readonly id?: unknown;
  readonly fullUrl?: unknown;
  readonly request?: unknown;
  readonly resource: unknown;
}

/**
 * Reads a resource, finds whose it is, and names its record: the same each time.
 *
 * @throws VitaledgerError what keeps it from being registered, with its place; {@link NobodysResource}
 */
export async function readResource(found: FoundResource, rules: ReadingRules): Promise<ReadResource> {
  const { place, index } = found;
  const parts = partsOf(found, rules);
  const { resource } = parts;
  if (!isTyped(resource)) throw refused(parts, found, rules) ?? noResource(place);
  const resolve = (reference: string): ResourceName | undefined => rules.fullUrls.get(reference);
  const patient = await patientOf({ place, parts, resource }, rules, resolve);
  const recordOf = (named: ResourceName): string => recordIdOf(patient, recordKey(named, rules));
  const own = referToRecords(resource, recordOf, resolve);
  const fault = refused({ ...parts, resource: own }, found, rules);
  if (fault) throw fault;
  const id = isId(parts.id) ? parts.id : recordOf(entryName(resource, parts.fullUrl));
  return { place, index, draft: { ...draftOfResource(own, place, id), patient } };
}

function partsOf({ text, place }: FoundResource, { isBundle }: ReadingRules): Parts {
  if (text === undefined) {
    const rule = `is longer than ${MOST_RESOURCE_BYTES / 1024 / 1024} MiB; register what it holds as a document`;
    throw new VitaledgerError('INVALID_ARGUMENT', `${place} ${rule}`, { place });
  }
  const value = parseJson(text, place) as Partial<Parts> | null;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new VitaledgerError('INVALID_ARGUMENT', `${place} must be a JSON object`, { place });
  if (isBundle) return { ...pick(value, ['fullUrl', 'request']), resource: value.resource };
  if ('resourceType' in value || !('resource' in value)) return { resource: value };
  if (value.id !== undefined && !isId(value.id))
    throw new VitaledgerError('INVALID_ARGUMENT', `${place}: id must be 32 hexadecimal digits`, { place });
  return { ...pick(value, ['patient', 'id']), resource: value.resource };
}

function pick(value: Partial<Parts>, names: readonly (keyof Parts)[]): Partial<Parts> {
  return Object.fromEntries(
    names.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]])),
  );
}

function noResource(place: string): VitaledgerError {
  return new VitaledgerError('INVALID_ARGUMENT', `${place} holds no FHIR R4 resource`, { place });
}

function isTyped(resource: unknown): resource is FhirResource {
  return isResourceType((resource as Partial<FhirResource> | null | undefined)?.resourceType);
}

interface Whose {
  readonly place: string;
  readonly parts: Parts;
  readonly resource: FhirResource;
}

async function patientOf(
  { place, parts, resource }: Whose,
  { patients, server }: ReadingRules,
  resolve: (reference: string) => ResourceName | undefined,
): Promise<string> {
  const given = typeof parts.patient === 'string' ? parts.patient : undefined;
  if (typeof patients === 'string' && (given === undefined || given === patients)) return patients;
  const subject = given ?? subjectOf(resource, resolve);
  if (subject === undefined) throw new NobodysResource(place);
  if (given === undefined) refuseAnotherServer(absoluteOf(resource, parts.fullUrl), server, place);
  const patient = typeof patients === 'string' ? undefined : await patients(subject);
  if (patient !== undefined) return patient;
  // What the patient is called elsewhere may identify them.
  const message = `${place} is about a patient whom the import was not told of, or who is not your organization's`;
  throw new VitaledgerError('NOT_FOUND', message, { place, what: 'patient' });
}

function refuseAnotherServer(reference: string, server: PatientServer, place: string): void {
  if (!server.isAnother(reference)) return;
  const rule = 'is about a patient of another server than the resources before it';
  const message = `${place} ${rule}; import those of each server by themselves`;
  throw new VitaledgerError('CONFLICT', message, { place });
}

/** What a resource calls its patient, with the server where that is said. */
function absoluteOf(resource: FhirResource, fullUrl: unknown): string {
  if (resource.resourceType !== 'Patient') return subjectReference(resource) ?? '';
  return typeof fullUrl === 'string' ? fullUrl : '';
}

/** What a resource calls its patient, as `Patient/17` where it can be said so. */
function subjectOf(
  resource: FhirResource,
  resolve: (reference: string) => ResourceName | undefined,
): string | undefined {
  const written =
    resource.resourceType === 'Patient' && resource.id !== undefined
      ? `Patient/${resource.id}`
      : subjectReference(resource);
  if (written === undefined) return undefined;
  const named =
    resolve(written) ?? resourceName(/Patient\/[^/]+(?:\/_history\/[^/]+)?$/.exec(written)?.[0] ?? '');
  return named?.type === 'Patient' ? `Patient/${named.id}` : written;
}

/** A record's own key. No type has a bar in it, so no two systems can mean the same. */
export function recordKey({ type, id }: ResourceName, { system }: Pick<ReadingRules, 'system'>): string {
  return system === undefined ? `${type}/${id}` : `${system}|${type}/${id}`;
}

/** What the application that exported it knows it by; one that nobody named is known by its content. */
export function entryName(resource: FhirResource, fullUrl: unknown): ResourceName {
  const { resourceType: type, id } = resource;
  return {
    type,
    id: id ?? (typeof fullUrl === 'string' ? fullUrl : `sha-256:${digestOf(JSON.stringify(resource))}`),
  };
}

function refused(
  { resource, fullUrl, request }: Parts,
  { place }: FoundResource,
  { isBundle, isBatch }: ReadingRules,
): VitaledgerError | undefined {
  const entry = { ...(fullUrl === undefined ? {} : { fullUrl }), request, resource };
  const bundle = { resourceType: 'Bundle', type: isBatch ? 'transaction' : 'collection', entry: [entry] };
  const [first, ...others] = bundleFaults(bundle);
  if (!first) return undefined;
  const path = first.path.replace('Bundle.entry[0]', isBundle ? place : '').replace(/^\./, '');
  const where = isBundle ? path : `${place}: ${path}`;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return new VitaledgerError('INVALID_ARGUMENT', `${where} ${first.rule}${more}`, { place, path });
}
