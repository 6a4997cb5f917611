import { newId, newSalt } from '../session/random.js';
import { actorOf, type Session } from '../session/session.js';
import { reasonOf, type ChangeOptions } from './correction.js';

export interface HoldOptions extends ChangeOptions {
  /** Record ids; all of the patient's, also those to come, when absent. */
  readonly records?: readonly string[];
}

/** Legal holds at one's own organization: what must not be erased, whoever asks. For auditors. */
export class Holds {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * @returns the hold's id
   * @throws VitaledgerError `PERMISSION_DENIED` unless called by an auditor; `NOT_FOUND`
   */
  async place(patient: string, options: HoldOptions): Promise<string> {
    const hold = newId();
    const { records } = options;
    await this.#submit('hold', { patient, hold, ...(records === undefined ? {} : { records }) }, options);
    return hold;
  }

  /** @throws VitaledgerError `NOT_FOUND`, `PRECONDITION_FAILED` (released already), `PERMISSION_DENIED` */
  async release(patient: string, hold: string, options: ChangeOptions): Promise<void> {
    await this.#submit('release', { patient, hold }, options);
  }

  async #submit(name: 'hold' | 'release', what: object, options: ChangeOptions): Promise<void> {
    const input = { ...what, ...reasonOf(options), salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: `ErasureContract:${name}`, custodian: this.#session.mspId, input };
    await this.#session.channel('care').submit(call, { signal: options.signal });
  }
}
