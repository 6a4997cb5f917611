import {
  type DelayEnd,
  refusePersonalData,
  validateRegistration,
  type FieldChange,
  type TrialAction,
  type TrialDelay,
  type TrialOutcomes,
  type TrialRecord,
  type TrialStatus,
} from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import { vaultOf, type OperationOptions, type Session } from '../session/session.js';
import { TransactionError } from '../transaction/index.js';
import type { ErasableStore } from '../vault/vault.js';
import type {
  DueQuery,
  DutiesPage,
  DutiesQuery,
  ListedDuty,
  ListedTrial,
  OverdueQuery,
  TrialBookmarkOptions,
  TrialPageOptions,
  TrialClocks,
  TrialQuery,
  TrialsPage,
} from './listed-trial.js';
import { importTrials, type ImportedTrial, type ImportOptions } from './import-trials.js';
import { pagesOf } from './pages.js';
import { sponsorOutcomes, type SponsorOutcomes } from './sponsor-outcomes.js';
import { forgetContacts, keepContacts, keptContacts, withContacts, type PublicRecord } from './contacts.js';

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
  /** When the ledger was told. */
  readonly instant: string;
  /** Number of the channel's last clock beat then; absent in versions from before beats were kept. */
  readonly beat?: number;
  /** Since when it is in force; absent when that is `instant`. */
  readonly effective?: string;
  /** MSP id. */
  readonly organization: string;
  readonly digest: string;
}

/** A trial as it stood at an instant. */
export interface PastTrial extends Trial {
  readonly at: string;
  /** When it came to stand so. */
  readonly since: string;
  /** Since when the version is in force. */
  readonly effective: string;
}

export interface AsOfOptions extends OperationOptions {
  /** The version in force at this instant, of those that the ledger knew then; absent: the latest one. */
  readonly effective?: string;
}

export interface ChangeOptions extends OperationOptions {
  /** Only asks whether the registry would take it: everything is checked, nothing is written. */
  readonly dryRun?: boolean;
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

/** How a trial's record is changed, and why. */
export interface Amendment {
  /** The version that is amended; `CONFLICT` when there is a newer one. */
  readonly version: number;
  /** The whole record as it shall be. */
  readonly record: unknown;
  readonly reason: string;
  /**
   * Since when it is in force, or from when on (at most a year ahead), ISO 8601 in UTC; never before the version before. Absent: from the
   * transaction on.
   */
  readonly effective?: string;
}

/** An ethics committee's decision on a trial. */
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
  /** The brief title of the latest version. */
  readonly title: string;
  readonly status: TrialStatus;
  /** MSP id. */
  readonly sponsor: string;
}

/** A certificate (`initial-approval`, `new-use`), or a request for an extension (`good-cause`, which names the day it asks for) or a `waiver`. */
export type DelayRequest = Pick<TrialDelay, 'kind' | 'reason' | 'until'>;

export type { DelayEnd, TrialDelay } from '@vitaledger/domain';
export type { ImportedTrial, ImportOptions } from './import-trials.js';
export type * from './listed-trial.js';
export type { SponsorOutcomes, SponsorTrial } from './sponsor-outcomes.js';

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
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly version: number }> {
    const published = await keepContacts(this.#contactsFor(options), validateRegistration(record));
    const registered = await this.#publish(
      'TrialRegistryContract:register',
      published,
      (text) => [text],
      options,
    );
    return registered as { trial: string; version: number };
  }

  /**
   * Registers what a stream yields, many trials a transaction, and tells what became of each. A record that cannot be registered keeps no other
   * from it; an import that was interrupted is repeated, and finds what is there already.
   * @throws VitaledgerError for what concerns all: there is no ledger, or no permission
   * @example
   * ```typescript
   * for await (const { index, result, trial, error } of ledger.trials.import(records)) console.log(index, result, trial ?? error?.message);
   * ```
   */
  import(
    records: Iterable<unknown> | AsyncIterable<unknown>,
    options: ImportOptions = {},
  ): AsyncGenerator<ImportedTrial> {
    const { signal, dryRun = false } = options;
    const register = async (batch: readonly TrialRecord[]): Promise<readonly string[]> => {
      const name = 'TrialImportContract:register';
      const answered = await this.#submit(name, [JSON.stringify(batch)], { signal, dryRun });
      return dryRun ? [] : (answered as { trials: readonly string[] }).trials;
    };
    const find = (numbers: readonly string[]) => this.find(numbers, { signal });
    const contacts = this.#contactsFor({ dryRun });
    return importTrials({ sponsor: this.#session.mspId, contacts, register, find }, records, options);
  }

  /**
   * Which trials have these numbers, in their order; undefined where there is none.
   * @param numbers another registry's (such as NCT numbers), or sponsors' own with their MSP id: `ResearchMSP/CP-101`
   */
  async find(
    numbers: readonly string[],
    options: OperationOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    const found: (string | undefined)[] = [];
    for (let start = 0; start < numbers.length; start += NUMBERS_AT_ONCE) {
      const asked = JSON.stringify(numbers.slice(start, start + NUMBERS_AT_ONCE));
      const { trials } = (await this.#evaluate('TrialImportContract:find', [asked], options)) as {
        trials: readonly string[];
      };
      found.push(...trials.map((trial) => (trial === '' ? undefined : trial)));
    }
    return found;
  }

  /** Approves or refuses the version that was reviewed. For ethics boards of another organization than the sponsor's. */
  async approve(
    trial: string,
    decision: Approval,
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly status: TrialStatus }> {
    const approved = await this.#submit(
      'TrialRegistryContract:approve',
      [trial, JSON.stringify(decision)],
      options,
    );
    return approved as { trial: string; status: TrialStatus };
  }

  /**
   * Publishes a new version with its reason; what changed is worked out, field by field, and stays beside it.
   * @throws VitaledgerError `CONFLICT` when the version is not the current one
   */
  async amend(
    trial: string,
    amendment: Amendment,
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly version: number; readonly changes: readonly FieldChange[] }> {
    const { version, record, reason, effective = '' } = amendment;
    const before = await this.#get(trial, options);
    const published = await keepContacts(
      this.#contactsFor(options),
      validateRegistration(record),
      before.record,
    );
    const amended = await this.#publish(
      'TrialRegistryContract:amend',
      published,
      (text) => [trial, String(version), text, reason, effective],
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
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly status: TrialStatus }> {
    const advanced = await this.#submit('TrialRegistryContract:advance', [trial, action, reason], options);
    return advanced as { trial: string; status: TrialStatus };
  }

  /**
   * The trial as it stood at an instant, as far as the ledger knew by then: its status, and the version that was the latest; or, with
   * `options.effective`, the version in force at that other instant.
   * @param at ISO 8601 in UTC with milliseconds
   * @throws VitaledgerError `NOT_FOUND` when it was not registered yet
   */
  async asOf(trial: string, at: string, options: AsOfOptions = {}): Promise<PastTrial> {
    const { effective = '', ...others } = options;
    return (await this.#evaluate('TrialRegistryContract:asOf', [trial, at, effective], others)) as PastTrial;
  }

  /** Every step of a trial's life, the first one first. */
  async steps(trial: string, options: OperationOptions = {}): Promise<readonly TrialStep[]> {
    return (await this.#evaluate('TrialRegistryContract:steps', [trial], options)) as readonly TrialStep[];
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
    return (await this.#evaluate(
      'TrialRegistryContract:history',
      [trial],
      options,
    )) as readonly PublishedVersion[];
  }

  /** What became of the outcomes that were announced before the trial began. */
  async outcomes(trial: string, options: OperationOptions = {}): Promise<OutcomesReport> {
    return (await this.#evaluate('TrialRegistryContract:outcomes', [trial], options)) as OutcomesReport;
  }

  /** What became of the outcomes of every trial that an organization registered. */
  async sponsorOutcomes(sponsor: string, options: OperationOptions = {}): Promise<SponsorOutcomes> {
    const trials = this.search({ sponsor }, { ...options, pageSize: 200 });
    return sponsorOutcomes(sponsor, trials, (trial) => this.outcomes(trial, options));
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
    return pagesOf('trials', { ...query, ...page }, (asked) =>
      this.#evaluate('TrialRegistryContract:search', [asked], { signal }),
    );
  }

  /** One page of what {@link Trials.search} yields, for who shows pages: its bookmark leads to the next one, also from another process. */
  async searchPage(query: TrialQuery, options: TrialBookmarkOptions = {}): Promise<TrialsPage> {
    const { signal, ...page } = options;
    const asked = JSON.stringify({ ...query, ...page });
    return (await this.#evaluate('TrialRegistryContract:search', [asked], { signal })) as TrialsPage;
  }

  /** One page of what {@link Trials.overdue} and {@link Trials.due} yield. */
  async dutiesPage(query: DutiesQuery = {}, options: TrialBookmarkOptions = {}): Promise<DutiesPage> {
    const { signal, ...page } = options;
    const asked = JSON.stringify({ at: new Date().toISOString(), ...query, ...page });
    return (await this.#evaluate('TrialRegistryContract:overdue', [asked], { signal })) as DutiesPage;
  }

  /** The duties whose limit has come, or comes soon, the earliest first: those that are open now. */
  overdue(query: OverdueQuery = {}, options: TrialPageOptions = {}): AsyncGenerator<ListedDuty> {
    return this.#duties(query, options);
  }

  /** The duties whose limit has not come, and comes within so many days (0 to 3,660), the earliest first. */
  due(within: number, query: DueQuery = {}, options: TrialPageOptions = {}): AsyncGenerator<ListedDuty> {
    return this.#duties({ ...query, within, coming: true }, options);
  }

  #duties(query: DutiesQuery, { signal, ...page }: TrialPageOptions): AsyncGenerator<ListedDuty> {
    // All pages are of one instant, the caller's unless told.
    const at = query.at ?? new Date().toISOString();
    return pagesOf('duties', { ...query, at, ...page }, (asked) =>
      this.#evaluate('TrialRegistryContract:overdue', [asked], { signal }),
    );
  }

  /**
   * Where a trial stands under each regulation.
   * @param at an instant, ISO 8601 in UTC; now unless told
   */
  async clocks(trial: string, at = '', options: OperationOptions = {}): Promise<TrialClocks> {
    return (await this.#evaluate('TrialRegistryContract:clocks', [trial, at], options)) as TrialClocks;
  }

  /**
   * Submits a certificate that delays the results, or asks for an extension or a waiver (42 CFR 11.44, 11.54). For the sponsor's organization.
   * @throws VitaledgerError `PRECONDITION_FAILED` with the rule: it is late, the regulation does not apply, or results are there
   */
  async delay(
    trial: string,
    delay: DelayRequest,
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly delay: number }> {
    const submitted = await this.#submit(
      'TrialDelayContract:submit',
      [trial, JSON.stringify(delay)],
      options,
    );
    return submitted as { trial: string; delay: number };
  }

  /** Says how a delay ended, once. For the sponsor's organization and regulators; an extension and a waiver are decided by a regulator. */
  async endDelay(
    trial: string,
    delay: number,
    end: DelayEnd,
    options: ChangeOptions = {},
  ): Promise<{ readonly trial: string; readonly delay: number }> {
    const args = [trial, String(delay), JSON.stringify(end)];
    return (await this.#submit('TrialDelayContract:end', args, options)) as { trial: string; delay: number };
  }

  /** The delays of a trial's results, the first one first. */
  async delays(trial: string, options: OperationOptions = {}): Promise<readonly TrialDelay[]> {
    return (await this.#evaluate('TrialDelayContract:list', [trial], options)) as readonly TrialDelay[];
  }

  /**
   * Erases contacts from the own organization's store, of every version of a trial. On the registry stay digests that nobody can resolve any more, and
   * exports leave them as they are.
   *
   * @param which those that are to go; all when absent
   * @returns how many were there
   */
  async eraseContacts(
    trial: string,
    which: (contact: Readonly<Record<string, unknown>>) => boolean = () => true,
    options: OperationOptions = {},
  ): Promise<number> {
    const store = this.#contacts();
    const versions = await this.history(trial, options);
    const records = versions.map(({ record }) => record);
    return forgetContacts(store, await keptContacts(store, records, which));
  }

  async #get(trial: string, options: OperationOptions): Promise<Trial> {
    return (await this.#evaluate('TrialRegistryContract:get', [trial], options)) as Trial;
  }

  /** When the registry certainly did not take the record, the contacts kept for it are forgotten again. */
  async #publish(
    name: string,
    published: PublicRecord,
    args: (record: string) => readonly string[],
    options: ChangeOptions,
  ): Promise<unknown> {
    try {
      refusePersonalData(published.record);
      return await this.#submit(name, args(JSON.stringify(published.record)), options);
    } catch (error) {
      if (!(error instanceof TransactionError && error.fate === 'unknown')) {
        await forgetContacts(this.#contactsFor(options), published.kept);
      }
      throw error;
    }
  }

  /** What is approved or amended may have been committed a moment ago through another member's peer. */
  async #submit(name: string, args: readonly string[], options: ChangeOptions): Promise<unknown> {
    const { dryRun = false, ...others } = options;
    if (dryRun) return this.#evaluate(name, args, others);
    const needsRecentState = !NEEDS_NOTHING.includes(name);
    const call = { function: name, arguments: args };
    const { result } = await this.#session.channel('registry').submit(call, { ...others, needsRecentState });
    return answer(result);
  }

  async #evaluate(name: string, args: readonly string[], options: OperationOptions): Promise<unknown> {
    const call = { function: name, arguments: args };
    return answer(await this.#session.channel('registry').evaluate(call, options));
  }

  /** What is only tried keeps nothing. */
  #contactsFor({ dryRun = false }: ChangeOptions): ErasableStore {
    const store = this.#contacts();
    return dryRun ? { ...readOnly, names: () => store.names(), get: (name) => store.get(name) } : store;
  }

  #contacts(): ErasableStore {
    return vaultOf(this.#session, this.#session.mspId).store('contacts');
  }
}

/** What is registered for the first time refers to nothing. */
const NEEDS_NOTHING: readonly string[] = ['TrialRegistryContract:register', 'TrialImportContract:register'];
/** Numbers that one question holds at most. */
const NUMBERS_AT_ONCE = 1000;

const readOnly = { put: () => Promise.resolve(), delete: () => Promise.resolve(false) };
