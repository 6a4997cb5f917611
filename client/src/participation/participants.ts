import {
  publishable,
  VitaledgerError,
  type EmergencyCause,
  type EmergencyUnblinding,
  type ParticipantCounts,
  type ParticipationState,
  type TrialStatus,
} from '@vitaledger/domain';
import { answer } from '../session/answer.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';

export type { EmergencyCause, ParticipantCounts, ParticipationState } from '@vitaledger/domain';

/** A participant as lists show one. */
export interface ListedParticipant {
  /** Random; the trial's own code for the participant stands nowhere on the ledger. */
  readonly participation: string;
  /** When the participant was enrolled. */
  readonly instant: string;
  readonly state: ParticipationState;
}

/** An entry of the log of emergencies. */
export type LoggedEmergency = Omit<EmergencyUnblinding, 'trial' | 'salt'>;

/** What the registry shows of a trial's participants. */
export interface PublishedEnrolment extends ParticipantCounts {
  readonly trial: string;
  /** Every report, by the MSP id of its site, the first one first. */
  readonly sites: Readonly<
    Record<string, readonly (ParticipantCounts & { readonly instant: string; readonly beat: number })[]>
  >;
}

/** The participants of trials at the own organization, which is the site; and the totals that it publishes. */
export class Participants {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Enrols a patient, who has signed a consent that names the trial and permits CLINTRCH only. For investigators.
   *
   * @param enrolment `trial` is the registry's number; `consent` the id of the consent, granted at this custodian
   * @returns the random id that stands for the participant from now on
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NO_TRIAL_CONSENT`, or `TRIAL_NOT_RECRUITING`
   */
  async enrol(
    enrolment: { readonly patient: string; readonly trial: string; readonly consent: string },
    options: OperationOptions = {},
  ): Promise<string> {
    const { id, status } = await this.#trial(enrolment.trial, options);
    if (status !== 'recruiting') {
      throw new VitaledgerError('PRECONDITION_FAILED', `The trial is ${status}; it must be recruiting`, {
        reason: 'TRIAL_NOT_RECRUITING',
        status,
      });
    }
    const participation = newId();
    await this.#submit('enrol', { ...enrolment, trial: id, participation }, options);
    return participation;
  }

  /** Logs that a participant was unblinded in an emergency. */
  async emergency(
    unblinding: { readonly trial: string; readonly participation: string; readonly cause: EmergencyCause },
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#submit('emergency', unblinding, options);
  }

  /** The trial's participants here, each with where they stand now. */
  list(trial: string, options: OperationOptions = {}): AsyncGenerator<ListedParticipant> {
    return this.#pages('list', 'participants', trial, options);
  }

  /** The log of emergencies, in no order of time. */
  emergencies(trial: string, options: OperationOptions = {}): AsyncGenerator<LoggedEmergency> {
    return this.#pages('emergencies', 'emergencies', trial, options);
  }

  /** The own organization's exact totals. */
  async counts(trial: string, options: OperationOptions = {}): Promise<ParticipantCounts> {
    return (await this.#evaluate('counts', { trial }, options)) as ParticipantCounts;
  }

  /**
   * Publishes the own totals: by batches while the trial recruits, what is left once it no longer does.
   *
   * @returns what stands in the registry of this site now
   */
  async publish(trial: string, options: OperationOptions = {}): Promise<ParticipantCounts> {
    const [{ id, status }, { sites }] = await Promise.all([
      this.#trial(trial, options),
      this.published(trial, options),
    ]);
    const own = await this.counts(id, options);
    const before = sites[this.#session.mspId]?.at(-1);
    const next = publishable(own, before, status === 'recruiting');
    const isNew = (['enrolled', 'withdrawn', 'emergencies'] as const).some(
      (name) => next[name] !== (before?.[name] ?? 0),
    );
    if (!isNew) return next;
    const call = { function: 'TrialEnrolmentContract:report', arguments: [id, JSON.stringify(next)] };
    const { signal } = options;
    await this.#session.channel('registry').submit(call, { signal, needsRecentState: true });
    return next;
  }

  /** What the registry shows of a trial's participants. */
  async published(trial: string, options: OperationOptions = {}): Promise<PublishedEnrolment> {
    const call = { function: 'TrialEnrolmentContract:get', arguments: [trial] };
    return answer(await this.#session.channel('registry').evaluate(call, options)) as PublishedEnrolment;
  }

  async #trial(
    trial: string,
    options: OperationOptions,
  ): Promise<{ readonly id: string; readonly status: TrialStatus }> {
    const call = { function: 'TrialRegistryContract:get', arguments: [trial] };
    const found = answer(await this.#session.channel('registry').evaluate(call, options));
    return found as { id: string; status: TrialStatus };
  }

  async *#pages<T>(
    name: 'list' | 'emergencies',
    member: string,
    trial: string,
    options: OperationOptions,
  ): AsyncGenerator<T> {
    let bookmark = '';
    do {
      const asked = bookmark === '' ? { trial } : { trial, bookmark };
      const page = (await this.#evaluate(name, asked, options)) as Readonly<Record<string, unknown>>;
      yield* page[member] as readonly T[];
      bookmark = page.bookmark as string;
    } while (bookmark !== '');
  }

  async #submit(name: 'enrol' | 'emergency', input: object, options: OperationOptions): Promise<void> {
    const { signal } = options;
    const call = this.#call(name, { ...input, salt: newSalt() });
    await this.#session.channel('care').submit(call, { signal, needsRecentState: true });
  }

  async #evaluate(name: string, input: object, options: OperationOptions): Promise<unknown> {
    return answer(await this.#session.channel('care').evaluate(this.#call(name, input), options));
  }

  #call(name: string, input: object) {
    return {
      function: `ParticipationContract:${name}`,
      custodian: this.#session.mspId,
      input: { ...input, ...actorOf(this.#session) },
    };
  }
}
