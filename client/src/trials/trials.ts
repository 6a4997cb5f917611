import {
  refusePersonalData,
  validateRegistration,
  type FieldChange,
  type TrialAction,
  type TrialOutcomes,
  type TrialRecord,
  type TrialStatus,
} from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import { vaultOf, type OperationOptions, type Session } from '../session/session.js';
import { TransactionError } from '../transaction/index.js';
import type { ErasableStore } from '../vault/vault.js';
import type {
  ListedDuty,
  ListedTrial,
  OverdueQuery,
  TrialPageOptions,
  TrialClocks,
  TrialQuery,
} from './listed-trial.js';
import { pagesOf } from './pages.js';
import { forgetContacts, keepContacts, withContacts, type PublicRecord } from './contacts.js';

/** A trial as the registry holds it. */
export interface Trial {
  readonly id: string;
  readonly status: TrialStatus;
  /** From 1; each amendment is one more. */
  readonly version: number;
  /** MSP id of the sponsor's organization. */
  readonly sponsor: string;
  /** SHA-256 of the current version's record: what an ethics board approves. */
  readonly digest: string;
  /** When it was registered, ISO 8601 in UTC. */
  readonly registered: string;
  readonly approvals: readonly RecordedApproval[];
  /** The record in ClinicalTrials.gov v2 form. */
  readonly record: TrialRecord;
}

/** One version of a trial's record; none is ever lost. */
export interface PublishedVersion {
  readonly record: TrialRecord;
  /** Why it was amended; absent for the first. */
  readonly reason?: string;
  /** What differs from the version before. */
  readonly changes: readonly FieldChange[];
  readonly instant: string;
  /** Number of the channel's last clock beat then; absent in versions from before beats were kept. */
  readonly beat?: number;
  /** MSP id. */
  readonly organization: string;
  readonly digest: string;
}

/** A trial as it stood at an instant. */
export interface PastTrial extends Trial {
  readonly at: string;
  /** When it came to stand so. */
  readonly since: string;
}

/** Steps that the sponsor takes by themselves. */
export type TrialStepName = Extract<
  TrialAction,
  'recruit' | 'close-recruitment' | 'complete' | 'terminate' | 'withdraw' | 'post-results'
>;

/** One thing that was done with a trial. */
export interface TrialStep {
  readonly action: TrialAction;
  /** After it. */
  readonly status: TrialStatus;
  /** The latest version after it. */
  readonly version: number;
  readonly instant: string;
  /** MSP id. */
  readonly organization: string;
  readonly reason?: string;
}

export interface Amendment {
  /** The version that is amended; `CONFLICT` when there is a newer one. */
  readonly version: number;
  /** The whole record as it shall be. */
  readonly record: unknown;
  readonly reason: string;
}

export interface Approval {
  readonly approved: boolean;
  /** Of the version that was reviewed ({@link Trial.digest}). */
  readonly digest: string;
  readonly comment?: string;
}

/** An ethics board's decision as the registry keeps it. */
export interface RecordedApproval extends Approval {
  /** MSP id. */
  readonly organization: string;
  readonly instant: string;
}

/** What became of the outcomes that were announced last before the trial began. */
export interface OutcomesReport extends TrialOutcomes {
  readonly trial: string;
  readonly status: TrialStatus;
  /** MSP id. */
  readonly sponsor: string;
}

export type * from './listed-trial.js';

/**
 * The public registry of trials. Contacts (names, mails, phones) never get there: they stay in the organization's erasable
 * store, and a digest stands in their place.
 */
export class Trials {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Registers a trial, which then awaits its approval by an ethics board. For sponsors and investigators.
   *
   * @param record a ClinicalTrials.gov v2 record with the WHO Trial Registration Data Set
   * @throws VitaledgerError `INVALID_ARGUMENT` with `details.path` of what is missing, or names a person in running text
   */
  async register(
    record: unknown,
    options: OperationOptions = {},
  ): Promise<{ readonly trial: string; readonly version: number }> {
    const published = await keepContacts(this.#contacts(), validateRegistration(record));
    const registered = await this.#publish('register', published, (text) => [text], options);
    return registered as { trial: string; version: number };
  }

  /** Approves or refuses the version that was reviewed. For ethics boards of another organization than the sponsor's. */
  async approve(
    trial: string,
    decision: Approval,
    options: OperationOptions = {},
  ): Promise<{ readonly trial: string; readonly status: TrialStatus }> {
    const approved = await this.#submit('approve', [trial, JSON.stringify(decision)], options);
    return approved as { trial: string; status: TrialStatus };
  }

  /**
   * Publishes a new version with its reason; what changed is worked out, field by field, and stays beside it.
   * @throws VitaledgerError `CONFLICT` when the version is not the current one
   */
  async amend(
    trial: string,
    amendment: Amendment,
    options: OperationOptions = {},
  ): Promise<{ readonly trial: string; readonly version: number; readonly changes: readonly FieldChange[] }> {
    const { version, record, reason } = amendment;
    const before = await this.#get(trial, options);
    const published = await keepContacts(this.#contacts(), validateRegistration(record), before.record);
    const amended = await this.#publish(
      'amend',
      published,
      (text) => [trial, String(version), text, reason],
      options,
    );
    return amended as { trial: string; version: number; changes: readonly FieldChange[] };
  }

  /**
   * Takes a step in the trial's life. For sponsors and investigators of the organization that registered it.
   * @param reason why, public for ever
   * @throws VitaledgerError `PRECONDITION_FAILED` when the step is not legal from the trial's status: the message says what must come first
   */
  async advance(
    trial: string,
    action: TrialStepName,
    reason: string,
    options: OperationOptions = {},
  ): Promise<{ readonly trial: string; readonly status: TrialStatus }> {
    const advanced = await this.#submit('advance', [trial, action, reason], options);
    return advanced as { trial: string; status: TrialStatus };
  }

  /**
   * The trial as it stood at an instant: its status then, and the version that was the latest.
   * @param at ISO 8601 in UTC with milliseconds
   * @throws VitaledgerError `NOT_FOUND` when it was not registered yet
   */
  async asOf(trial: string, at: string, options: OperationOptions = {}): Promise<PastTrial> {
    return (await this.#evaluate('asOf', [trial, at], options)) as PastTrial;
  }

  /** Every step of a trial's life, the first one first. */
  async steps(trial: string, options: OperationOptions = {}): Promise<readonly TrialStep[]> {
    return (await this.#evaluate('steps', [trial], options)) as readonly TrialStep[];
  }

  /**
   * The trial with its current record; with those contacts that one's own store has.
   * @param trial the registry's number, another registry's (such as its NCT number), or the sponsor's with its MSP id: `ResearchMSP/CP-101`
   */
  async get(trial: string, options: OperationOptions = {}): Promise<Trial> {
    const found = await this.#get(trial, options);
    const own = this.#session.findVault(this.#session.mspId);
    return own ? { ...found, record: await withContacts(own.store('contacts'), found.record) } : found;
  }

  /** All versions, the first one first, each with what it changed. */
  async history(trial: string, options: OperationOptions = {}): Promise<readonly PublishedVersion[]> {
    return (await this.#evaluate('history', [trial], options)) as readonly PublishedVersion[];
  }

  /** What became of the outcomes that were announced before the trial began. */
  async outcomes(trial: string, options: OperationOptions = {}): Promise<OutcomesReport> {
    return (await this.#evaluate('outcomes', [trial], options)) as OutcomesReport;
  }

  /**
   * The trials that satisfy every filter, in the order of their numbers, read page by page as they are asked for.
   * @example
   * ```typescript
   * for await (const trial of ledger.trials.search({ condition: 'hypertension', phase: 'PHASE3' })) console.log(trial.id);
   * ```
   */
  search(query: TrialQuery, options: TrialPageOptions = {}): AsyncGenerator<ListedTrial> {
    const { signal, ...page } = options;
    return pagesOf('trials', { ...query, ...page }, (asked) => this.#evaluate('search', [asked], { signal }));
  }

  /** The duties whose limit has come, or comes soon, the earliest first: those that are open now. */
  overdue(query: OverdueQuery = {}, options: TrialPageOptions = {}): AsyncGenerator<ListedDuty> {
    const { signal, ...page } = options;
    // All pages are of one instant, the caller's unless told.
    const at = query.at ?? new Date().toISOString();
    return pagesOf('duties', { ...query, at, ...page }, (asked) =>
      this.#evaluate('overdue', [asked], { signal }),
    );
  }

  /**
   * Where a trial stands under each regulation.
   * @param at an instant, ISO 8601 in UTC; now unless told
   */
  async clocks(trial: string, at = '', options: OperationOptions = {}): Promise<TrialClocks> {
    return (await this.#evaluate('clocks', [trial, at], options)) as TrialClocks;
  }

  async #get(trial: string, options: OperationOptions): Promise<Trial> {
    return (await this.#evaluate('get', [trial], options)) as Trial;
  }

  /** When the registry certainly did not take the record, the contacts kept for it are forgotten again. */
  async #publish(
    name: string,
    published: PublicRecord,
    args: (record: string) => readonly string[],
    options: OperationOptions,
  ): Promise<unknown> {
    try {
      refusePersonalData(published.record);
      return await this.#submit(name, args(JSON.stringify(published.record)), options);
    } catch (error) {
      if (!(error instanceof TransactionError && error.fate === 'unknown')) {
        await forgetContacts(this.#contacts(), published.kept);
      }
      throw error;
    }
  }

  /** What is approved or amended may have been committed a moment ago through another member's peer. */
  async #submit(name: string, args: readonly string[], options: OperationOptions): Promise<unknown> {
    const call = { function: `TrialRegistryContract:${name}`, arguments: args };
    const needsRecentState = name !== 'register';
    const { result } = await this.#session.channel('registry').submit(call, { ...options, needsRecentState });
    return answer(result);
  }

  async #evaluate(name: string, args: readonly string[], options: OperationOptions): Promise<unknown> {
    const call = { function: `TrialRegistryContract:${name}`, arguments: args };
    return answer(await this.#session.channel('registry').evaluate(call, options));
  }

  #contacts(): ErasableStore {
    return vaultOf(this.#session, this.#session.mspId).store('contacts');
  }
}
