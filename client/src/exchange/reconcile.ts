import { createHash } from 'node:crypto';
import { digestOf, invalid, isId, parseJson } from '@vitaledger/domain';
import type { ListedRecord } from '../records/inspection.js';
import { bundleParts } from './bundle-parts.js';
import { DIGEST_EXTENSION } from './export.js';
import type { ImportSource } from './import-source.js';

/** A key of the ledger, and what does not fit. */
export interface Unreconciled {
  readonly record: string;
  /** FHIR resource type. */
  readonly class: string;
  readonly version?: number;
}

/** What is in a Bundle, held against what is on the ledger, key by key. */
export interface Reconciliation {
  /** Current records of the patient on the ledger. */
  readonly onLedger: number;
  /** Those that the Bundle holds once, byte by byte as they were registered. */
  readonly matched: number;
  /** Of these, documents that are beside the Bundle: their digest is in it, their bytes are not. */
  readonly apart: number;
  /** On the ledger, and not in the Bundle: withheld, lost, or registered since. */
  readonly missing: readonly Unreconciled[];
  /** In the Bundle with another content: amended since, or altered. */
  readonly different: readonly Unreconciled[];
  /** In the Bundle and no current record of the patient: retracted or erased since, somebody else's, or there twice. */
  readonly extra: readonly Unreconciled[];
}

interface FoundEntry {
  readonly record: string;
  readonly class: string;
  /** Of the entry as a resource. */
  readonly resource: string;
  /** Of what a Binary holds. */
  readonly data?: string | undefined;
  readonly isApart: boolean;
}

/** An entry of an export may hold a document of {@link BundleExport}'s limit, in base64, and more. */
const MOST_ENTRY_BYTES = 256 * 1024 * 1024;
const FHIR_JSON = 'application/fhir+json';

/** Compares a Bundle, which is read once, with the ledger's list of the patient's current records. */
export async function reconcile(
  bundle: Pick<ImportSource, 'open'>,
  listed: AsyncIterable<ListedRecord>,
): Promise<Reconciliation> {
  const onLedger = new Map<string, ListedRecord>();
  for await (const record of listed) if (record.status === 'current') onLedger.set(record.id, record);
  const left = new Map(onLedger);
  const [different, extra]: [Unreconciled[], Unreconciled[]] = [[], []];
  let [matched, apart] = [0, 0];
  for await (const found of entriesOf(bundle)) {
    const { record, class: type, isApart } = found;
    const own = left.get(record);
    left.delete(record);
    if (!own) extra.push({ record, class: type });
    else if (!isSame(found, own)) different.push({ record, class: type, version: own.version });
    else {
      matched++;
      apart += Number(isApart);
    }
  }
  const missing = [...left.values()].map(({ id, class: type, version }) => ({
    record: id,
    class: type,
    version,
  }));
  return { onLedger: onLedger.size, matched, apart, missing, different, extra };
}

function isSame(found: FoundEntry, { manifest, mediaType }: ListedRecord): boolean {
  const isResource = mediaType === FHIR_JSON && found.resource === manifest.digest;
  return isResource || found.data === manifest.digest;
}

/** The entries that are records; a Provenance of the export's own is what the ledger says of one. */
async function* entriesOf(bundle: Pick<ImportSource, 'open'>): AsyncGenerator<FoundEntry> {
  for await (const part of bundleParts(bundle.open(), MOST_ENTRY_BYTES)) {
    if (part.kind !== 'entry') continue;
    const found = await entryOf(part.text, `Bundle.entry[${part.index}]`);
    if (found.class !== 'Provenance' || isId(found.record)) yield found;
  }
}

async function entryOf(entry: string | undefined, place: string): Promise<FoundEntry> {
  if (entry === undefined) throw invalid(place, 'is too long to be read');
  const text = (await memberOf(entry, 'resource')) ?? 'null';
  const resource = (parseJson(text, place) ?? {}) as Partial<ExportedResource>;
  const { resourceType, id } = resource;
  if (typeof resourceType !== 'string' || typeof id !== 'string')
    throw invalid(place, 'has no resource with type and id');
  return { record: id, class: resourceType, resource: digestOf(text), ...dataOf(resource) };
}

interface ExportedResource {
  readonly resourceType: string;
  readonly id: string;
  readonly data: string;
  readonly _data: {
    readonly extension?: readonly { readonly url?: string; readonly valueString?: string }[];
  };
}

function dataOf({
  resourceType,
  data,
  _data,
}: Partial<ExportedResource>): Pick<FoundEntry, 'data' | 'isApart'> {
  if (resourceType !== 'Binary') return { isApart: false };
  const told = _data?.extension?.find(({ url }) => url === DIGEST_EXTENSION)?.valueString;
  if (told !== undefined) return { data: told, isApart: true };
  const bytes = Buffer.from(typeof data === 'string' ? data : '', 'base64');
  return { data: createHash('sha256').update(bytes).digest('hex'), isApart: false };
}

/** The JSON of a member exactly as it is written. */
async function memberOf(text: string, name: string): Promise<string | undefined> {
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
  }
  const start = new RegExp(`^\\s*"${name}"\\s*:\\s*`);
  for await (const part of bundleParts(whole(), MOST_ENTRY_BYTES)) {
    if (part.text !== undefined && start.test(part.text)) return part.text.replace(start, '').trimEnd();
  }
  return undefined;
}
