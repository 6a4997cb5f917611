import type { Study, StudyProposal, StudyState, StudyVerdict } from '@vitaledger/domain';
import { RegistryCalls } from '../session/registry-calls.js';
import type { OperationOptions, Session } from '../session/session.js';

export type { Study, StudyDecision, StudyProposal, StudyState, StudyVerdict } from '@vitaledger/domain';

/** A study, and where it stands. */
export interface ListedStudy extends Study {
  readonly state: StudyState;
}

/** Studies that want patients' data, and what ethics committees say of them. Public among the members. */
export class Studies {
  readonly #calls: RegistryCalls;

  constructor(session: Session) {
    this.#calls = new RegistryCalls(session, 'StudyContract', 'care');
  }

  /**
   * Registers a study of the own organization. For researchers, investigators and sponsors. What it says never changes.
   *
   * @returns the ledger's number, by which requests and counts name it
   * @throws VitaledgerError `PERMISSION_DENIED` with `details.reason` `OWN_COMMITTEE`; `INVALID_ARGUMENT`
   */
  async register(proposal: StudyProposal, options: OperationOptions = {}): Promise<string> {
    const registered = await this.#calls.submit('register', [JSON.stringify(proposal)], options);
    return (registered as { study: string }).study;
  }

  /** Decides on a study. For the committee that it names; a later decision takes the place of the one before. */
  async decide(study: string, verdict: StudyVerdict, options: OperationOptions = {}): Promise<void> {
    await this.#calls.submit('decide', [study, JSON.stringify(verdict)], options);
  }

  /**
   * Takes an approval back. What needs it is refused from then on, also what was asked for before.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NOT_APPROVED`
   */
  async revoke(study: string, reason: string, options: OperationOptions = {}): Promise<void> {
    await this.#calls.submit('revoke', [study, reason], options);
  }

  /** A study, with every decision on it. */
  async get(study: string, options: OperationOptions = {}): Promise<ListedStudy> {
    return (await this.#calls.evaluate('get', [study], options)) as ListedStudy;
  }

  /** All studies, by their numbers. */
  async *list(options: OperationOptions = {}): AsyncGenerator<ListedStudy> {
    let bookmark = '';
    do {
      const query = JSON.stringify(bookmark === '' ? {} : { bookmark });
      const page = (await this.#calls.evaluate('list', [query], options)) as {
        studies: readonly ListedStudy[];
        bookmark: string;
      };
      yield* page.studies;
      bookmark = page.bookmark;
    } while (bookmark !== '');
  }
}
