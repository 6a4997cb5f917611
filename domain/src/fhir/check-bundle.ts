import { checkResource } from './check-resource.js';
import { childrenOf, isMembers, type JsonMembers } from './json-path.js';
import { isBundleLocal, literalReferences } from './references.js';

/** One thing wrong with a bundle: `path` `rule` reads as a sentence, such as "Bundle.entry[2].resource is required". */
export interface BundleFault {
  readonly path: string;
  readonly rule: string;
}

export type FaultReport = (path: string, rule: string) => void;

const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/;
const OTHER_BUNDLE_TYPES = new Set([
  'document',
  'message',
  'transaction-response',
  'batch',
  'batch-response',
  'history',
  'searchset',
]);

/** Checks a bundle against R4 (bundle.html and its invariants bdl-3 and bdl-7) and the rules of its resources. */
export function checkBundle(bundle: JsonMembers): BundleFault[] {
  const faults: BundleFault[] = [];
  const report: FaultReport = (path, rule) => faults.push({ path, rule });
  if (!checkHeader(bundle, report)) return faults;
  const entries = childrenOf(bundle.entry, 'Bundle.entry');
  const fullUrls = new Map<string, string>();
  for (const { value, path } of entries) {
    checkEntry(value, path, bundle.type === 'transaction', report);
    checkFullUrl(value, path, fullUrls, report);
  }
  for (const { value, path } of entries) checkReferences(value, path, fullUrls, report);
  return faults;
}

/** @returns whether there are entries to look at. */
function checkHeader(bundle: JsonMembers, report: FaultReport): boolean {
  if (bundle.resourceType !== 'Bundle') {
    report('Bundle.resourceType', 'must be "Bundle"; wrap single resources in a Bundle of type collection');
    return false;
  }
  checkType(bundle.type, report);
  if (!Array.isArray(bundle.entry) || bundle.entry.length === 0) {
    report('Bundle.entry', 'must be an array with at least one entry');
    return false;
  }
  return true;
}

function checkType(type: unknown, report: FaultReport): void {
  if (type === 'transaction' || type === 'collection') return;
  const named = typeof type === 'string' && OTHER_BUNDLE_TYPES.has(type) ? `, not "${type}"` : '';
  report('Bundle.type', `must be "transaction" or "collection"${named}`);
}

function checkEntry(entry: unknown, path: string, isTransaction: boolean, report: FaultReport): void {
  if (!isMembers(entry)) {
    report(path, 'must be an object');
    return;
  }
  if (isTransaction) checkRequest(entry.request, `${path}.request`, report);
  if (entry.resource === undefined) {
    report(`${path}.resource`, 'is required: each entry must hold the resource that becomes a record');
    return;
  }
  checkResource(entry.resource, `${path}.resource`, report);
}

/** bdl-3. Only creation and update carry a record; a ledger neither reads nor deletes inside a transaction bundle. */
function checkRequest(request: unknown, path: string, report: FaultReport): void {
  if (!isMembers(request)) {
    report(path, 'is required in a transaction');
    return;
  }
  if (request.method !== 'POST' && request.method !== 'PUT') {
    report(`${path}.method`, 'must be "POST" or "PUT"; register the other entries by calls of their own');
  }
  if (typeof request.url !== 'string' || request.url === '') report(`${path}.url`, 'is required');
}

/** bdl-7, for entries without versions: fullUrl is unique. */
function checkFullUrl(entry: unknown, path: string, seen: Map<string, string>, report: FaultReport): void {
  if (!isMembers(entry) || entry.fullUrl === undefined) return;
  const fullUrl = entry.fullUrl;
  if (typeof fullUrl !== 'string' || !ABSOLUTE_URI.test(fullUrl)) {
    report(`${path}.fullUrl`, 'must be an absolute URI, such as urn:uuid:…');
    return;
  }
  const earlier = seen.get(fullUrl);
  if (earlier === undefined) seen.set(fullUrl, path);
  else report(`${path}.fullUrl`, `must be unique; ${earlier}.fullUrl is the same`);
}

function checkReferences(
  entry: unknown,
  path: string,
  fullUrls: ReadonlyMap<string, string>,
  report: FaultReport,
): void {
  if (!isMembers(entry)) return;
  const resource = entry.resource;
  const contained = containedIds(resource);
  for (const { reference, path: at } of literalReferences(resource, `${path}.resource`)) {
    if (isBundleLocal(reference) && !fullUrls.has(reference)) {
      report(at, 'points to an entry that is not in this bundle; add the entry or correct its fullUrl');
    }
    if (reference.startsWith('#') && reference !== '#' && !contained.has(reference.slice(1))) {
      report(at, 'points to a contained resource that is not there; add it to "contained"');
    }
  }
}

function containedIds(resource: unknown): ReadonlySet<unknown> {
  if (!isMembers(resource) || !Array.isArray(resource.contained)) return new Set();
  return new Set(resource.contained.filter(isMembers).map((contained) => contained.id));
}
