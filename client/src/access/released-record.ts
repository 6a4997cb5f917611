import { parseJson, provenanceOf, VitaledgerError, type Accompanying } from '@vitaledger/domain';
import type { FhirResource, Provenance } from 'fhir/r4';
import { readContent } from '../vault/objects.js';
import type { Vault } from '../vault/vault.js';
import type { DisclosedRecord } from './access.js';

/** Which part of a content is read. */
export interface ContentOptions {
  /**
   * The chunk to begin with, from 0: an interrupted reading goes on where it ended. Chunks are of `manifest.chunkSize` bytes, and
   * yielded one by one.
   */
  readonly fromChunk?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A record that a custodian has released. Its content is fetched and decrypted when it is read. */
export class ReleasedRecord {
  readonly metadata: DisclosedRecord;
  /** What the laws make travel with it and the records of its page: notices, the consent explained. Keep it with the record. */
  readonly accompanying: readonly Accompanying[];
  readonly #vault: () => Vault;

  constructor(metadata: DisclosedRecord, vault: () => Vault, accompanying: readonly Accompanying[] = []) {
    this.metadata = metadata;
    this.accompanying = accompanying;
    this.#vault = vault;
  }

  /** Who made this version, when and why, as the contract keeps it: a FHIR R4 Provenance. */
  get provenance(): Provenance {
    return provenanceOf(this.metadata);
  }

  /**
   * The content as a stream. Each chunk is verified before it is yielded; that it is all of it is certain only when the
   * stream has ended without an error.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` when only metadata was asked for, or the custodian's vault cannot be
   *   reached; `NOT_FOUND` when it was erased; `INTEGRITY` when it was altered
   */
  async *content(options: ContentOptions = {}): AsyncGenerator<Uint8Array> {
    const { id, version, manifest, keyShare } = this.metadata;
    if (!manifest || keyShare === undefined) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        'Only metadata was asked for; request with scope "content"',
      );
    }
    const context = { ...options, record: id, version };
    yield* readContent(this.#vault(), { manifest, keyShare }, context);
  }

  /** The whole content, in memory. */
  async bytes(options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.content(options)) {
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  /** The content as the FHIR resource that it is. */
  async json(options: { readonly signal?: AbortSignal } = {}): Promise<FhirResource> {
    return parseJson(Buffer.from(await this.bytes(options)).toString('utf8'), 'the content') as FhirResource;
  }
}
