import {
  VitaledgerError,
  type dataRequestState,
  type DataDecision,
  type DataOffer,
  type DataQuestion,
  type DataRequest,
  type HeldDataSet,
} from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { RegistryCalls } from '../session/registry-calls.js';
import { vaultOf, type OperationOptions, type Session } from '../session/session.js';
import { TransactionError, type Call } from '../transaction/index.js';
import type { Content } from '../vault/chunks.js';
import { newObjectName, readContent, storeContent } from '../vault/objects.js';

export type { DataDecision, DataOffer, DataQuestion, DataRequest } from '@vitaledger/domain';

/** A request, and where it stands. */
export interface ListedDataRequest extends DataRequest {
  readonly state: ReturnType<typeof dataRequestState>;
}

/** A data set with everything that was asked of it. */
export interface DataAccessLog extends DataOffer {
  readonly trial: string;
  readonly document: string;
  /** The first one first. */
  readonly requests: readonly ListedDataRequest[];
}

/** Who may use the data sets of trials, and what for; and the data themselves, for who may. */
export class TrialData {
  readonly #session: Session;
  readonly #calls: RegistryCalls;
  readonly #release: RegistryCalls;

  constructor(session: Session) {
    this.#session = session;
    this.#calls = new RegistryCalls(session, 'TrialDataContract');
    this.#release = new RegistryCalls(session, 'TrialDataReleaseContract');
  }

  /** Offers a registered data set under GA4GH DUO terms. For the trial's sponsor; once. */
  async offer(
    trial: string,
    document: string,
    offer: DataOffer,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#calls.submit('offer', [trial, document, JSON.stringify(offer)], options);
  }

  /**
   * Asks for a data set. For researchers. Everything in it is public for ever, and names nobody.
   *
   * @returns the request's number, and what the terms say of the purpose: a committee decides in any case
   */
  async request(
    trial: string,
    document: string,
    question: DataQuestion,
    options: OperationOptions = {},
  ): Promise<{ readonly request: string; readonly outcome: DataRequest['match']['outcome'] }> {
    const asked = await this.#calls.submit('request', [trial, document, JSON.stringify(question)], options);
    return asked as { request: string; outcome: DataRequest['match']['outcome'] };
  }

  /**
   * Decides on a request. For the committee that the offer names.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `TERMS_DENY` where an approval would go against the terms
   */
  async decide(request: string, decision: DataDecision, options: OperationOptions = {}): Promise<void> {
    await this.#calls.submit('decide', [request, JSON.stringify(decision)], options);
  }

  /** A request, with its decision. */
  async get(request: string, options: OperationOptions = {}): Promise<ListedDataRequest> {
    return (await this.#calls.evaluate('get', [request], options)) as ListedDataRequest;
  }

  /**
   * Ends an approval at once. For the committee, and for the sponsor. What was opened before is not called back.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NOT_APPROVED`
   */
  async revoke(request: string, reason: string, options: OperationOptions = {}): Promise<void> {
    await this.#calls.submit('revoke', [request, reason], options);
  }

  /** The terms of a data set, with every request for it, the first one first. */
  async log(trial: string, document: string, options: OperationOptions = {}): Promise<DataAccessLog> {
    const { bookmark, ...first } = await this.#page(trial, document, '', options);
    const requests = [...first.requests];
    for (let next = bookmark; next !== '';) {
      const page = await this.#page(trial, document, next, options);
      requests.push(...page.requests);
      next = page.bookmark;
    }
    return { ...first, requests };
  }

  async #page(
    trial: string,
    document: string,
    bookmark: string,
    options: OperationOptions,
  ): Promise<DataAccessLog & { readonly bookmark: string }> {
    const query = JSON.stringify(bookmark === '' ? {} : { bookmark });
    const page = await this.#calls.evaluate('log', [trial, document, query], options);
    return page as DataAccessLog & { bookmark: string };
  }

  /**
   * Stores an offered data set, encrypted, in the own vault, and gives the ledger its share of the key. For the sponsor. Again after a
   * revision of the document.
   *
   * @param of the trial by the registry's number, and the document
   * @throws VitaledgerError `NOT_FOUND` or `INTEGRITY` when the content is not what was registered; nothing is kept then
   */
  async hold(
    of: { readonly trial: string; readonly document: string },
    content: Content,
    options: OperationOptions = {},
  ): Promise<void> {
    const vault = vaultOf(this.#session, this.#session.mspId);
    const record = newObjectName();
    const { signal } = options;
    const stored = await storeContent(vault, content, { record, version: VERSION, object: record, signal });
    const input = { ...of, record, ...stored, salt: newSalt() };
    const call = { function: 'TrialDataReleaseContract:hold', custodian: this.#session.mspId, input };
    try {
      await this.#session.channel('registry').submit(call, { signal, needsRecentState: true });
    } catch (error) {
      if (!(error instanceof TransactionError) || error.fate !== 'unknown') await vault.erase(record);
      throw error;
    }
  }

  /**
   * The data set of an approved request. Puts on the public log that it is collected, gets the sponsor's share of the key, encrypted to a key
   * made for this, and decrypts what lies in the sponsor's vault. Only a stream that ends without an error was complete and unaltered.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NOT_APPROVED`; `PERMISSION_DENIED` with `details.reason`
   *   `SECURE_ENVIRONMENT` where the law forbids it; `NOT_FOUND` when the sponsor holds no such data set
   */
  async *content(request: string, options: OperationOptions = {}): AsyncGenerator<Uint8Array> {
    const { signal } = options;
    const key = await AnswerKey.generate();
    const args = [request, JSON.stringify(key.publicJwk)];
    const { sponsor } = (await this.#release.submit('collect', args, options)) as { sponsor: string };
    const call = {
      function: 'TrialDataReleaseContract:open',
      custodian: sponsor,
      input: { request, encryptionKey: key.publicJwk },
    };
    const { jwe } = await this.#opened(call, signal);
    const held = (await key.open(jwe)) as HeldDataSet & { readonly request: string };
    if (held.request !== request)
      throw new VitaledgerError('INTEGRITY', 'The answer belongs to another request', { request });
    yield* readContent(vaultOf(this.#session, sponsor), held, {
      record: held.record,
      version: VERSION,
      signal,
    });
  }

  async #opened(call: Call, signal: AbortSignal | undefined): Promise<{ readonly jwe: string }> {
    const found = await this.#session.channel('registry').evaluate(call, { signal, needsRecentState: true });
    return answer(found) as { jwe: string };
  }
}

/** The document's versions are contents of their own, each under a name of its own. */
const VERSION = 1;
