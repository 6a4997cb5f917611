import { VitaledgerError } from '@vitaledger/domain';
import type { ReleasedRecord } from '../access/released-record.js';

/** What is exported, and how it is watched. */
export interface FhirExportOptions {
  /** Under which the entries' `fullUrl`s lie, so that references between them are found; a name that leads nowhere unless told. */
  readonly base?: string;
  /** Documents of more bytes than these are not put into the Bundle; 8 MiB unless told. */
  readonly mostInline?: number;
  /** Takes the documents that are too large for the Bundle; without it they are listed as missing. */
  readonly onDocument?: (record: ReleasedRecord) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** The ledger's key of what was exported. */
export interface ExportedKey {
  readonly record: string;
  readonly version: number;
  /** FHIR resource type. */
  readonly class: string;
  /** `resource`: an entry, as it was registered byte by byte; `inline`: a Binary; `apart`: a Binary without data, and a document. */
  readonly as: 'resource' | 'inline' | 'apart';
}

/** What was released and could not be exported. */
export interface MissingKey extends Omit<ExportedKey, 'as'> {
  readonly code: string;
  readonly message: string;
}

/** What an export holds, key by key. */
export interface FhirExportReport {
  readonly exported: readonly ExportedKey[];
  readonly missing: readonly MissingKey[];
}

const DEFAULT_BASE = 'https://vitaledger.invalid/fhir';
const DEFAULT_MOST_INLINE = 8 * 1024 * 1024;
const FHIR_JSON = 'application/fhir+json';
/** SHA-256 of a document that is beside the Bundle, hexadecimal. */
export const DIGEST_EXTENSION = 'urn:vitaledger:extension:sha-256';

/** Faults of a single record; whatever else goes wrong ends the export. */
const OF_ONE: ReadonlySet<string> = new Set(['NOT_FOUND', 'INTEGRITY']);

/**
 * A FHIR R4 Bundle of type `collection` that is written while it is read: the bytes of its JSON, no more than one record in memory.
 * Each record is an entry, its content as it was registered, with its Provenance behind it; documents are Binary.
 */
export class BundleExport implements AsyncIterable<Uint8Array> {
  readonly #records: AsyncIterable<ReleasedRecord>;
  readonly #options: FhirExportOptions;
  readonly #exported: ExportedKey[] = [];
  readonly #missing: MissingKey[] = [];
  #state: 'new' | 'open' | 'complete' = 'new';

  constructor(records: AsyncIterable<ReleasedRecord>, options: FhirExportOptions = {}) {
    this.#records = records;
    this.#options = options;
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` before it was read to its end */
  get report(): FhirExportReport {
    if (this.#state === 'complete') return { exported: this.#exported, missing: this.#missing };
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'The export tells what it holds once it was read to its end',
    );
  }

  /** The Bundle as JSON, in UTF-8, piece by piece. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#state !== 'new') throw new VitaledgerError('PRECONDITION_FAILED', 'An export is read once');
    this.#state = 'open';
    yield Buffer.from(
      `{"resourceType":"Bundle","type":"collection","timestamp":"${new Date().toISOString()}"`,
    );
    // FHIR has no empty arrays.
    let separator = ',"entry":[\n';
    for await (const record of this.#records) {
      this.#options.signal?.throwIfAborted();
      for (const entry of await this.#entriesOf(record)) {
        yield Buffer.from(separator + entry);
        separator = ',\n';
      }
    }
    yield Buffer.from(separator === ',\n' ? '\n]}\n' : '}\n');
    this.#state = 'complete';
  }

  /** None where the record cannot be exported. */
  async #entriesOf(record: ReleasedRecord): Promise<readonly string[]> {
    const { id, version, class: type } = record.metadata;
    const key = { record: id, version, class: type };
    try {
      const { as, entry } = await this.#entryOf(record);
      this.#exported.push({ ...key, as });
      const provenance = { ...record.provenance, id: `${id}-${version}` };
      return [entry, this.#entry('Provenance', provenance.id, JSON.stringify(provenance))];
    } catch (error) {
      if (!(error instanceof VitaledgerError && OF_ONE.has(error.code))) throw error;
      this.#missing.push({ ...key, code: error.code, message: error.message });
      return [];
    }
  }

  async #entryOf(record: ReleasedRecord): Promise<Pick<ExportedKey, 'as'> & { readonly entry: string }> {
    const { id, class: type, mediaType, manifest } = record.metadata;
    const { mostInline = DEFAULT_MOST_INLINE } = this.#options;
    const isResource = mediaType === FHIR_JSON;
    if (!isResource && (manifest?.size ?? 0) > mostInline) return this.#apart(record);
    const content = await record.bytes(this.#reading());
    if (isResource && isResourceOf(content, type))
      return { as: 'resource', entry: this.#entry(type, id, Buffer.from(content).toString('utf8')) };
    const data = Buffer.from(content).toString('base64');
    const binary = { resourceType: 'Binary', id, contentType: mediaType, ...(data === '' ? {} : { data }) };
    return { as: 'inline', entry: this.#entry('Binary', id, JSON.stringify(binary)) };
  }

  async #apart(record: ReleasedRecord): Promise<{ readonly as: 'apart'; readonly entry: string }> {
    const { id, mediaType, manifest } = record.metadata;
    const { onDocument } = this.#options;
    if (!onDocument)
      throw new VitaledgerError('NOT_FOUND', 'The document is too large for a Bundle, and nobody took it');
    await onDocument(record);
    const extension = [{ url: DIGEST_EXTENSION, valueString: manifest?.digest }];
    const binary = { resourceType: 'Binary', id, contentType: mediaType, _data: { extension } };
    return { as: 'apart', entry: this.#entry('Binary', id, JSON.stringify(binary)) };
  }

  #entry(type: string, id: string, resource: string): string {
    const { base = DEFAULT_BASE } = this.#options;
    return `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},"resource":${resource}}`;
  }

  #reading(): { readonly signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal ? { signal } : {};
  }
}

/** Whatever else calls itself FHIR goes out as the bytes that it is. */
function isResourceOf(content: Uint8Array, type: string): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return (JSON.parse(text) as { resourceType?: unknown } | null)?.resourceType === type;
  } catch {
    return false;
  }
}
