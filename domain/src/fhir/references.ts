import type { FhirResource } from 'fhir/r4';
import { childrenOf, isMembers } from './json-path.js';
import type { BundleEntry, RecordBundle } from './read-bundle.js';

/** A literal reference (`Reference.reference`) and the path of its element. */
export interface LiteralReference {
  readonly reference: string;
  readonly path: string;
}

/** Elements of type uri and url that may hold a reference (FHIR R4 http.html §3.1.0.11.2), besides Reference itself. */
const REWRITTEN = new Set(['reference', 'url', 'uri', 'valueUri', 'valueUrl', 'valueUuid', 'valueOid']);
const NARRATIVE_LINK = /\b(href|src)="([^"]*)"/g;

/** Every literal reference in a resource, contained resources included, in document order. */
export function literalReferences(value: unknown, path: string): LiteralReference[] {
  const found: LiteralReference[] = [];
  collect(value, path, found);
  return found;
}

function collect(value: unknown, path: string, found: LiteralReference[]): void {
  for (const child of childrenOf(value, path)) {
    if (child.name === 'reference' && typeof child.value === 'string') {
      found.push({ reference: child.value, path: child.path });
    } else {
      collect(child.value, child.path, found);
    }
  }
}

/** A reference to an entry of the same bundle that only its fullUrl can resolve (R4 bundle.html#references). */
export function isBundleLocal(reference: string): boolean {
  return /^urn:(uuid|oid):/i.test(reference);
}

/** A search in place of an id (`Practitioner?identifier=…`), resolved by the server that holds the target. */
export function isConditional(reference: string): boolean {
  return /^[A-Za-z]+\?/.test(reference);
}

/** Finds the entry a reference points to; undefined for what is outside the bundle. */
export type ReferenceResolver = (reference: string) => BundleEntry | undefined;

/** Resolves references within a bundle, as R4 bundle.html#references says. */
export function referenceResolver(entries: readonly BundleEntry[]): ReferenceResolver {
  const byReference = new Map<string, BundleEntry>();
  for (const entry of entries) {
    for (const form of referenceForms(entry)) byReference.set(form, entry);
  }
  return (reference) => byReference.get(withoutVersion(reference));
}

/**
 * The plan by which the references of a bundle become references to records.
 *
 * @param recordIds the id chosen for each entry, in the order of the entries.
 * @returns every form in which entries refer to one another → `Type/record-id`.
 * @throws RangeError when there is not exactly one id for each entry.
 */
export function planReferences(
  bundle: RecordBundle,
  recordIds: readonly string[],
): ReadonlyMap<string, string> {
  if (recordIds.length !== bundle.entries.length)
    throw new RangeError('one record id is needed for each entry');
  const plan = new Map<string, string>();
  for (const entry of bundle.entries) {
    const target = `${entry.resource.resourceType}/${recordIds[entry.index] ?? ''}`;
    for (const form of referenceForms(entry)) plan.set(form, target);
  }
  return plan;
}

/**
 * A copy of `resource` in which each reference that `plan` knows is replaced: in Reference, uri and url elements and in links
 * of the narrative. Conditional references, contained ones (`#id`) and those to the outside stay as they are.
 */
export function rewriteReferences<T extends FhirResource>(resource: T, plan: ReadonlyMap<string, string>): T {
  return rewrite(resource, '', plan) as T;
}

function rewrite(value: unknown, name: string, plan: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return rewriteText(value, name, plan);
  if (Array.isArray(value)) return value.map((item: unknown) => rewrite(item, name, plan));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, rewrite(child, key, plan)]));
}

function rewriteText(text: string, name: string, plan: ReadonlyMap<string, string>): string {
  if (REWRITTEN.has(name)) return plan.get(withoutVersion(text)) ?? text;
  if (name !== 'div') return text;
  return text.replace(NARRATIVE_LINK, (link, attribute: string, target: string) => {
    const record = plan.get(withoutVersion(target));
    return record === undefined ? link : `${attribute}="${record}"`;
  });
}

function referenceForms(entry: BundleEntry): string[] {
  const { fullUrl, resource } = entry;
  const forms = fullUrl === undefined ? [] : [fullUrl];
  if (resource.id === undefined) return forms;
  const relative = `${resource.resourceType}/${resource.id}`;
  const isRestful = fullUrl === undefined || fullUrl.endsWith(`/${relative}`);
  return isRestful ? [...forms, relative] : forms;
}

/** A reference as it is without the version that it may name. */
export function withoutVersion(reference: string): string {
  return reference.replace(/\/_history\/[A-Za-z0-9.-]{1,64}$/, '');
}

const BY_IDENTIFIER = /^([A-Za-z]+)\?identifier=([^|&]+)\|([^|&]+)$/;

/**
 * A copy of `resource` in which references by a search for an identifier (`Practitioner?identifier=system|value`), which only a server
 * that takes the transaction can resolve, are what they say: references by that identifier (R4 references.html#logical).
 */
export function logicalReferences<T extends FhirResource>(resource: T): T {
  const isSearched = literalReferences(resource, '').some(({ reference }) => BY_IDENTIFIER.test(reference));
  return isSearched ? (logical(resource) as T) : resource;
}

function logical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(logical);
  if (!isMembers(value)) return value;
  const [, type, system = '', text = ''] = BY_IDENTIFIER.exec(String(value.reference)) ?? [];
  const members = Object.entries(value).map(([name, child]) => [name, logical(child)] as const);
  if (type === undefined || value.identifier !== undefined) return Object.fromEntries(members);
  const others = members.filter(([name]) => name !== 'reference');
  const identifier = { system: decoded(system), value: decoded(text) };
  return { ...Object.fromEntries(others), type, identifier };
}

/** What was escaped for a URL; what is no escape stays. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
