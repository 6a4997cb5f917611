import { createHash } from 'node:crypto';
import {
  validateTrialDocument,
  VitaledgerError,
  type TrialDocumentDescription,
  type TrialDocumentVersion,
} from '@vitaledger/domain';
import { RegistryCalls } from '../session/registry-calls.js';
import { vaultOf, type OperationOptions, type Session } from '../session/session.js';
import { pagesOf } from '../trials/pages.js';
import { TransactionError } from '../transaction/index.js';
import type { Content } from '../vault/chunks.js';
import { forgetDocument, keepDocument, readKept } from './kept-document.js';

export type { TrialDocumentDescription, TrialDocumentKind, TrialDocumentVersion } from '@vitaledger/domain';

/** A document to be registered: what is public of it, and its content. */
export interface TrialDocumentDraft extends Omit<TrialDocumentDescription, 'digest' | 'size'> {
  /** Read once. It does not leave this machine unless {@link TrialDocumentOptions.keep} says so, and then only into the own vault. */
  readonly content: Content;
}

export interface TrialDocumentOptions extends OperationOptions {
  /** Also stores the content, encrypted, in the own organization's vault, from where {@link TrialDocuments.content} reads it. */
  readonly keep?: boolean;
}

/** Which version was registered. */
export interface RegisteredDocument {
  /** The registry's number of the trial. */
  readonly trial: string;
  readonly document: string;
  readonly version: number;
  readonly digest: string;
}

/** What a file is expected to be. */
export interface ExpectedDocument {
  readonly document: string;
  /** The latest when absent. */
  readonly version?: number;
}

/**
 * The documents of trials. The registry has their digests, which show later whether a file is the one that was registered;
 * the content stays with its holder.
 */
export class TrialDocuments {
  readonly #session: Session;
  readonly #calls: RegistryCalls;

  constructor(session: Session) {
    this.#session = session;
    this.#calls = new RegistryCalls(session, 'TrialDocumentContract');
  }

  /**
   * Registers a document of a trial. For the trial's sponsor, and for ethics boards with their letters.
   *
   * @throws VitaledgerError `INVALID_ARGUMENT` with `details.path`, `ALREADY_EXISTS` when this content is registered for the trial
   */
  async register(
    trial: string,
    draft: TrialDocumentDraft,
    options: TrialDocumentOptions = {},
  ): Promise<RegisteredDocument> {
    return this.#add(draft, options, (description) => ['register', [trial, description]]);
  }

  /**
   * Adds a version of a document. What was registered before stays.
   *
   * @param revised which document, the version of it that is revised, and why
   * @throws VitaledgerError `CONFLICT` when there is a newer one
   */
  async revise(
    trial: string,
    revised: { readonly document: string; readonly version: number; readonly reason: string },
    draft: TrialDocumentDraft,
    options: TrialDocumentOptions = {},
  ): Promise<RegisteredDocument> {
    const { document, version, reason } = revised;
    return this.#add(draft, options, (description) => [
      'revise',
      [trial, document, String(version), description, reason],
    ]);
  }

  /** The latest version of each of a trial's documents. */
  async list(trial: string, options: OperationOptions = {}): Promise<readonly TrialDocumentVersion[]> {
    const documents: TrialDocumentVersion[] = [];
    const pages = pagesOf<TrialDocumentVersion>('documents', { pageSize: 200 }, (asked) =>
      this.#calls.evaluate('list', [trial, asked], options),
    );
    for await (const document of pages) documents.push(document);
    return documents;
  }

  /** All versions of a document, the first one first. */
  async history(
    trial: string,
    document: string,
    options: OperationOptions = {},
  ): Promise<readonly TrialDocumentVersion[]> {
    return (await this.#calls.evaluate(
      'history',
      [trial, document],
      options,
    )) as readonly TrialDocumentVersion[];
  }

  /** The version with this digest. Throws NOT_FOUND when it is no document of the trial. */
  async find(trial: string, digest: string, options: OperationOptions = {}): Promise<TrialDocumentVersion> {
    return (await this.#calls.evaluate('find', [trial, digest], options)) as TrialDocumentVersion;
  }

  /**
   * Holds a file against the registry: which registered version it is.
   *
   * @param expected what the file is said to be; without it, any document of the trial will do
   * @throws VitaledgerError `INTEGRITY`: the content is not the one that was registered. `details.digest` is the file's,
   *   `details.registered` that of the expected version, if one was named
   */
  async verify(
    trial: string,
    content: Content,
    expected?: ExpectedDocument,
    options: OperationOptions = {},
  ): Promise<TrialDocumentVersion> {
    const { digest } = await measure(content, options.signal);
    if (expected === undefined) return this.#identify(trial, digest, options);
    const versions = await this.history(trial, expected.document, options);
    const version = versions[(expected.version ?? versions.length) - 1];
    if (!version) {
      throw new VitaledgerError(
        'NOT_FOUND',
        `The document has no version ${String(expected.version)}; its latest is ${versions.length}`,
        { what: 'version', document: expected.document, latest: versions.length },
      );
    }
    if (version.digest !== digest) {
      throw new VitaledgerError(
        'INTEGRITY',
        `The content is not version ${version.version} of ${version.document} as it was registered: its digest differs`,
        { document: version.document, version: version.version, digest, registered: version.digest },
      );
    }
    return version;
  }

  /**
   * The content of a version that was registered with `keep`, from the own organization's vault.
   *
   * @throws VitaledgerError `NOT_FOUND` when this vault does not keep it, `INTEGRITY` when it was altered there
   */
  async *content(digest: string, options: OperationOptions = {}): AsyncGenerator<Uint8Array> {
    yield* readKept(vaultOf(this.#session, this.#session.mspId), digest, options.signal);
  }

  async #identify(trial: string, digest: string, options: OperationOptions): Promise<TrialDocumentVersion> {
    try {
      return await this.find(trial, digest, options);
    } catch (error) {
      if (!(error instanceof VitaledgerError && error.code === 'NOT_FOUND')) throw error;
      if (error.details.what !== 'document') throw error;
      throw new VitaledgerError(
        'INTEGRITY',
        'The content is not a document of this trial: no document with its digest is registered',
        { trial, digest },
        { cause: error },
      );
    }
  }

  /** When the registry certainly did not take the document, what was kept of it is erased again. */
  async #add(
    draft: TrialDocumentDraft,
    options: TrialDocumentOptions,
    call: (description: string) => readonly [name: string, args: readonly string[]],
  ): Promise<RegisteredDocument> {
    const { content, ...described } = draft;
    const stored = options.keep === true ? await this.#keep(content, options.signal) : undefined;
    try {
      const { digest, size } = stored?.kept.manifest ?? (await measure(content, options.signal));
      const description = validateTrialDocument({ ...described, digest, size });
      const [name, args] = call(JSON.stringify(description));
      const added = (await this.#calls.submit(name, args, options)) as Omit<RegisteredDocument, 'digest'>;
      return { ...added, digest };
    } catch (error) {
      if (stored?.isNew && !(error instanceof TransactionError && error.fate === 'unknown')) {
        await forgetDocument(vaultOf(this.#session, this.#session.mspId), stored.kept);
      }
      throw error;
    }
  }

  #keep(content: Content, signal: AbortSignal | undefined): ReturnType<typeof keepDocument> {
    return keepDocument(vaultOf(this.#session, this.#session.mspId), content, signal);
  }
}

/** Digest and size of a stream, in bounded memory. */
async function measure(
  content: Content,
  signal: AbortSignal | undefined,
): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of content instanceof Uint8Array ? [content] : content) {
    signal?.throwIfAborted();
    hash.update(bytes);
    size += bytes.length;
  }
  return { digest: hash.digest('hex'), size };
}
