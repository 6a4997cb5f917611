import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { parseJson, resourceName, VitaledgerError, type ResourceName } from '@vitaledger/domain';
import { bundleParts } from './bundle-parts.js';
import { linesOf } from './lines.js';

/** What is imported. It is read twice: first to know it again, should the import be interrupted. */
export interface ImportSource {
  /** `ndjson`: a resource a line, as FHIR's bulk export gives them; `bundle`: one Bundle. */
  readonly format: 'ndjson' | 'bundle';
  /** Opens it anew, from its first byte. */
  open(): AsyncIterable<Uint8Array>;
}

/** A resource that was found, before anything is known of it. */
export interface FoundResource {
  /** Where it stands, for people: `line 17`, `Bundle.entry[3]`. */
  readonly place: string;
  /** How many stand before it. */
  readonly index: number;
  /** Undefined where it is longer than allowed. */
  readonly text: string | undefined;
}

/** What is known of a source once it was read. */
export interface Survey {
  /** SHA-256 of its bytes. */
  readonly digest: string;
  readonly bytes: number;
  readonly resources: number;
  /** Of a Bundle. */
  readonly bundleType?: BundleType;
  /** What an entry's `fullUrl` names, where references may use it. */
  readonly fullUrls: ReadonlyMap<string, ResourceName>;
}

export type BundleType = 'transaction' | 'collection' | 'batch';

/** Of a resource; documents are registered as such. */
export const MOST_RESOURCE_BYTES = 16 * 1024 * 1024;

/**
 * A file to be imported: a Bundle where its name ends in `.json`, else NDJSON.
 *
 * @example
 * ```typescript
 * const report = await ledger.fhir.import(fileSource('Observation.ndjson'), { patients });
 * ```
 */
export function fileSource(
  path: string,
  format: ImportSource['format'] = path.endsWith('.json') ? 'bundle' : 'ndjson',
): ImportSource {
  return { format, open: () => readable(path) };
}

async function* readable(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 18 })) yield bytes as Uint8Array;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new VitaledgerError('NOT_FOUND', `The file cannot be read: ${path} (${reason})`);
  }
}

/** The resources of a source, one after the other, in bounded memory. */
export async function* resourcesOf(
  source: ImportSource,
  opened = source.open(),
): AsyncGenerator<FoundResource> {
  if (source.format === 'bundle') {
    for await (const part of bundleParts(opened, MOST_RESOURCE_BYTES)) {
      if (part.kind !== 'entry') continue;
      yield { place: `Bundle.entry[${part.index}]`, index: part.index, text: part.text };
    }
    return;
  }
  let index = 0;
  for await (const { number, text } of linesOf(opened, MOST_RESOURCE_BYTES))
    yield { place: `line ${number}`, index: index++, text };
}

/**
 * Reads a source once.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` for a Bundle of another type, or none
 */
export async function survey(source: ImportSource): Promise<Survey> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const part of source.open()) {
      hash.update(part);
      bytes += part.length;
      yield part;
    }
  }
  const found =
    source.format === 'bundle' ? await surveyBundle(hashed()) : await surveyLines(source, hashed());
  return { digest: hash.digest('hex'), bytes, ...found };
}

async function surveyLines(
  source: ImportSource,
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<Survey, 'resources' | 'fullUrls'>> {
  let resources = 0;
  for await (const { index } of resourcesOf(source, content)) resources = index + 1;
  return { resources, fullUrls: new Map() };
}

async function surveyBundle(
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<Survey, 'resources' | 'fullUrls' | 'bundleType'>> {
  const members: Record<string, unknown> = {};
  const fullUrls = new Map<string, ResourceName>();
  let resources = 0;
  for await (const part of bundleParts(content, MOST_RESOURCE_BYTES)) {
    if (part.kind === 'member') Object.assign(members, parseJson(`{${part.text}}`, 'The bundle'));
    else {
      resources = part.index + 1;
      const [fullUrl, named] = nameOf(part.text) ?? [];
      if (fullUrl !== undefined && named) fullUrls.set(fullUrl, named);
    }
  }
  return { resources, fullUrls, bundleType: typeOf(members) };
}

function typeOf({ resourceType, type, entry }: Record<string, unknown>): BundleType {
  if (resourceType !== 'Bundle') {
    throw new VitaledgerError('INVALID_ARGUMENT', 'The file must hold a FHIR Bundle, or a resource a line', {
      path: 'Bundle.resourceType',
    });
  }
  // Entries are taken apart as they come; what is left under their name is no array.
  if (entry !== undefined) {
    throw new VitaledgerError('INVALID_ARGUMENT', 'Bundle.entry must be an array', { path: 'Bundle.entry' });
  }
  if (type === 'transaction' || type === 'collection' || type === 'batch') return type;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    'Bundle.type must be "transaction", "collection" or "batch" to be imported',
    { path: 'Bundle.type' },
  );
}

/** What an entry without faults is called; with its `fullUrl` in the place of an id that it does not have. */
function nameOf(text: string | undefined): [string, ResourceName] | undefined {
  if (text === undefined) return undefined;
  let entry: { fullUrl?: unknown; resource?: { resourceType?: unknown; id?: unknown } } | null;
  try {
    entry = JSON.parse(text) as typeof entry;
  } catch {
    return undefined; // named with its place when it is imported
  }
  const { fullUrl, resource } = entry ?? {};
  const { resourceType: type, id = fullUrl } = resource ?? {};
  if (typeof fullUrl !== 'string' || typeof type !== 'string' || typeof id !== 'string') return undefined;
  // One that ends in its own name is found without being remembered.
  return resourceName(fullUrl) === undefined ? [fullUrl, { type, id }] : undefined;
}
