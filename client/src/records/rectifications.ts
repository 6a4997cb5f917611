import type { Rectification } from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { answer } from '../session/answer.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';
import { reasonOf, type ChangeOptions } from './correction.js';

export interface RefusalOptions extends ChangeOptions {
  /** By which rule. */
  readonly citation?: string;
}

/**
 * Patients' requests to have records put right. Answer one by {@link Records.amend} or {@link Records.retract} with its id as
 * `rectification`, or by {@link refuse}.
 */
export class Rectifications {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Writes down what a patient asks; an answer is due in a month. For registrars and practitioners of the custodian.
   *
   * @param options `reason`: what the patient says is wrong
   * @returns the request's id
   */
  async request(patient: string, record: string, options: ChangeOptions): Promise<string> {
    const request = newId();
    await this.#submit('request', { patient, request, record }, options);
    return request;
  }

  /**
   * Answers that the record stays as it is, and why.
   * @throws VitaledgerError `NOT_FOUND`, `PRECONDITION_FAILED` (answered already), `PERMISSION_DENIED`
   */
  async refuse(
    patient: string,
    asked: Pick<Rectification, 'request' | 'record'>,
    options: RefusalOptions,
  ): Promise<void> {
    const { citation } = options;
    const { request, record } = asked;
    const because = citation === undefined ? {} : { citation };
    await this.#submit('refuse', { patient, request, record, ...because }, options);
  }

  /** A patient's requests with their answers, for the custodian's own staff. */
  async *list(patient: string, options: OperationOptions = {}): AsyncGenerator<Rectification> {
    const key = await AnswerKey.generate();
    const custodian = this.#session.mspId;
    let bookmark = '';
    do {
      const asked = { patient, encryptionKey: key.publicJwk, ...(bookmark === '' ? {} : { bookmark }) };
      const input = { ...asked, ...actorOf(this.#session) };
      const call = { function: 'RectificationContract:list', custodian, input };
      const page = answer(await this.#session.channel('care').evaluate(call, options)) as {
        readonly jwe: string;
        readonly bookmark: string;
      };
      yield* ((await key.open(page.jwe)) as Page).requests;
      ({ bookmark } = page);
    } while (bookmark !== '');
  }

  /** The same for the patient: each page is a request that the patient's key signs, and readable with that key only. */
  async *answers(
    token: PatientToken,
    key: PatientKey,
    options: OperationOptions = {},
  ): AsyncGenerator<Rectification> {
    const { custodian, patient } = token;
    let bookmark = '';
    do {
      const asked = { custodian, patient, what: 'rectifications' as const };
      const statement = await key.readStatement({ ...asked, ...(bookmark === '' ? {} : { bookmark }) });
      const call = { function: 'RectificationContract:answers', custodian, input: { patient, statement } };
      const jwe = await this.#session.channel('care').evaluate(call, options);
      const page = (await key.decrypt(new TextDecoder().decode(jwe))) as Page & { readonly bookmark: string };
      yield* page.requests;
      ({ bookmark } = page);
    } while (bookmark !== '');
  }

  async #submit(name: 'request' | 'refuse', what: object, options: ChangeOptions): Promise<void> {
    const input = { ...what, ...reasonOf(options), salt: newSalt(), ...actorOf(this.#session) };
    const call = { function: `RectificationContract:${name}`, custodian: this.#session.mspId, input };
    await this.#session.channel('care').submit(call, { signal: options.signal });
  }
}

interface Page {
  readonly requests: readonly Rectification[];
}
