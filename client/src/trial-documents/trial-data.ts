import type {
  dataRequestState,
  DataDecision,
  DataOffer,
  DataQuestion,
  DataRequest,
} from '@vitaledger/domain';
import { RegistryCalls } from '../session/registry-calls.js';
import type { OperationOptions, Session } from '../session/session.js';

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

/** Who may use the data sets of trials, and what for. */
export class TrialData {
  readonly #calls: RegistryCalls;

  constructor(session: Session) {
    this.#calls = new RegistryCalls(session, 'TrialDataContract');
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

  /** The terms of a data set, with every request for it. */
  async log(trial: string, document: string, options: OperationOptions = {}): Promise<DataAccessLog> {
    return (await this.#calls.evaluate('log', [trial, document], options)) as DataAccessLog;
  }
}
