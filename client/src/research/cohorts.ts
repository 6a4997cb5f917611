import {
  VitaledgerError,
  type CohortAnswer,
  type CohortQuery,
  type CohortQuestion,
} from '@vitaledger/domain';
import { AnswerKey, type PrivateJwk } from '../disclosure/answer-key.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

export type { CohortAnswer, CohortQuestion } from '@vitaledger/domain';

/** What a study asks one custodian: how many patients, and never who. */
export interface CohortInquiry {
  /** MSP id. Counts of several custodians are not to be added up: the same patient may be at both. */
  readonly custodian: string;
  /** The ledger's number of a study of the own organization, approved by its committee. */
  readonly study: string;
  /** `consented`, or `askable`: who wants to be asked again and has not consented yet. */
  readonly question: CohortQuestion;
  /** HL7 v3 PurposeOfUse; `HRESCH` unless told. */
  readonly purpose?: string;
}

/** A question that is on the custodian's log. */
export interface CohortReceipt {
  readonly receipt: string;
  readonly custodian: string;
  /** The key that the custodian encrypts its answer to. Keep the receipt where nobody else reads it. */
  readonly key: PrivateJwk;
}

/** A question as the custodian's log has it. */
export type LoggedCohort = Omit<CohortQuery, 'salt' | 'encryptionKey'>;

/** How far a count has come. A count that was interrupted goes on from the last one reported. */
export interface CohortProgress {
  /** Patients that count, so far. */
  readonly counted: number;
  readonly looked: number;
  /** Where the next page begins; empty after the last one. */
  readonly bookmark: string;
}

export interface CountOptions extends OperationOptions {
  /** Patients per page, at most 500; the custodian's default when absent. */
  readonly pageSize?: number;
  /** What an interrupted count reported last. */
  readonly resume?: CohortProgress;
  /** Told how far the count is: what to resume it with. */
  readonly onProgress?: (progress: CohortProgress) => void;
}

/** Coarse counts of patients for studies: asked by researchers, counted by each custodian's own service. */
export class Cohorts {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Asks a custodian. The question spends the study's budget there and is logged; the answer is there once the custodian has counted.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NOT_APPROVED`, `ASKED_RECENTLY` or `BUDGET_SPENT`
   */
  async ask(inquiry: CohortInquiry, options: OperationOptions = {}): Promise<CohortReceipt> {
    const { custodian, study, question, purpose = 'HRESCH' } = inquiry;
    const key = await AnswerKey.generate();
    const input = { study, question, purpose, encryptionKey: key.publicJwk, salt: newSalt() };
    const result = await this.#submit('ask', custodian, input, options);
    const { receipt } = answer(result) as { receipt: string };
    return { receipt, custodian, key: await key.export() };
  }

  /**
   * What the custodian tells: at least so many patients, and at most 18 more.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NOT_ANSWERED_YET`
   */
  async read(
    { receipt, custodian, key }: CohortReceipt,
    options: OperationOptions = {},
  ): Promise<CohortAnswer> {
    const call = this.#call('read', custodian, { receipt });
    const jwe = await this.#session
      .channel('care')
      .evaluate(call, { signal: options.signal, needsRecentState: true });
    const opened = await (await AnswerKey.import(key)).open(new TextDecoder().decode(jwe));
    const { receipt: of, answer: told } = opened as LoggedCohort;
    if (of !== receipt || !told)
      throw new VitaledgerError('INTEGRITY', 'The answer belongs to another question', { receipt });
    return told;
  }

  /** The receipts of the questions that wait for an answer at the own organization. For its service. */
  async *pending(options: OperationOptions = {}): AsyncGenerator<string> {
    yield* this.#pages<string>('pending', 'receipts', options);
  }

  /**
   * Counts and answers a question at the own organization, page by page: what is kept meanwhile is a sum and a bookmark, however many
   * patients there are. For its service.
   *
   * @returns how many patients were looked at; the exact count goes nowhere but into the contract, which coarsens it
   * @throws VitaledgerError `ALREADY_EXISTS` when it has been answered
   */
  async answer(receipt: string, options: CountOptions = {}): Promise<number> {
    const { pageSize, resume, onProgress, signal } = options;
    let progress = resume ?? { counted: 0, looked: 0, bookmark: '' };
    let isFirst = resume === undefined;
    while (isFirst || progress.bookmark !== '') {
      const input = {
        receipt,
        ...(pageSize === undefined ? {} : { pageSize }),
        ...(progress.bookmark === '' ? {} : { bookmark: progress.bookmark }),
      };
      const call = this.#call('count', this.#session.mspId, input);
      const page = answer(
        await this.#session.channel('care').evaluate(call, { signal, needsRecentState: isFirst }),
      ) as CohortProgress;
      progress = {
        counted: progress.counted + page.counted,
        looked: progress.looked + page.looked,
        bookmark: page.bookmark,
      };
      isFirst = false;
      onProgress?.(progress);
    }
    const input = { receipt, count: progress.counted, salt: newSalt() };
    await this.#submit('answer', this.#session.mspId, input, options);
    return progress.looked;
  }

  /** Every question that the own organization was asked, with what it told. For its registrars and auditors. */
  async *log(options: OperationOptions = {}): AsyncGenerator<LoggedCohort> {
    yield* this.#pages<LoggedCohort>('log', 'queries', options);
  }

  async *#pages<T>(name: 'pending' | 'log', member: string, { signal }: OperationOptions): AsyncGenerator<T> {
    let bookmark = '';
    do {
      const call = this.#call(name, this.#session.mspId, bookmark === '' ? {} : { bookmark });
      const page = answer(await this.#session.channel('care').evaluate(call, { signal })) as Readonly<
        Record<string, unknown>
      >;
      yield* page[member] as readonly T[];
      bookmark = page.bookmark as string;
    } while (bookmark !== '');
  }

  async #submit(
    name: string,
    custodian: string,
    input: object,
    { signal }: OperationOptions,
  ): Promise<Uint8Array> {
    const call = this.#call(name, custodian, input);
    const { result } = await this.#session.channel('care').submit(call, { signal, needsRecentState: true });
    return result;
  }

  #call(name: string, custodian: string, input: object) {
    return {
      function: `CohortContract:${name}`,
      custodian,
      input: { ...input, ...actorOf(this.#session) },
    };
  }
}
