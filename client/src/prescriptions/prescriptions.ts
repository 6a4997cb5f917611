import {
  commitmentOf,
  counterOf,
  markOf,
  MAX_FILLS,
  prescriptionSecrets,
  termsOf,
  VitaledgerError,
  type Dispense,
  type DispenseState,
  type MedicineQuantity,
  type PrescriptionCounter,
} from '@vitaledger/domain';
import { AnswerKey } from '../disclosure/answer-key.js';
import { answer } from '../session/answer.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';
import { newPrescriptionToken, type FillToken, type PrescriptionToken } from './prescription-token.js';
import { RedeemedPrescription, type PrescriptionDisclosure } from './redeemed-prescription.js';

/** What is prescribed, for how many fills, until when. */
export interface Prescribing {
  readonly patient: string;
  /** The patient's registered record, a FHIR MedicationRequest. */
  readonly record: string;
  /** How many times it may be filled: 1, and the refills. At most 36. */
  readonly fills: number;
  /** From then on nobody gets the content. The public counter ends up to a week later, so as not to tell the day. */
  readonly validUntil: Date;
}

export interface IssueOptions extends OperationOptions {
  /**
   * The token to issue under, made beforehand with {@link newPrescriptionToken}. Whoever keeps it until `issue` has returned can
   * repeat an interrupted `issue` with it, which goes on where it ended.
   */
  readonly token?: PrescriptionToken;
  /** Only asks whether the contract would take it: everything is checked, nothing is written. The token works nowhere. */
  readonly dryRun?: boolean;
}

/** What is handed out of a fill. */
export interface Dispensing {
  /** What the prescription authorizes for one fill, as the pharmacist reads it. */
  readonly authorized: MedicineQuantity;
  /** What is handed out now; all of it when absent. The rest is handed out with {@link Prescriptions.dispenseMore}. */
  readonly value?: number;
  /** 128 random bits; made when absent. Whoever gives it can repeat an interrupted call with it. */
  readonly dispense?: string;
}

/** What of a {@link RedeemedPrescription} its fill is made with; all that must be kept between reading and handing out. */
export interface Redemption extends Pick<RedeemedPrescription, 'token'> {
  readonly disclosure: Pick<PrescriptionDisclosure, 'receipt'>;
}

/** A fill that this pharmacy has made. */
export interface Dispensed {
  /** Id of the pharmacy's own note. */
  readonly dispense: string;
  readonly fill: number;
}

/** A pharmacy's note of a dispense. */
export interface NotedDispense extends Dispense {
  /** Whether the fill was made by it, not yet, or by another pharmacy: then the note is void. */
  readonly state: DispenseState;
  /** What may still be handed out of this fill, in the unit of `authorized`. */
  readonly remainder: number;
}

/** Where the ledger has the cancellation. */
export interface CancelledPrescription {
  readonly transactionId: string;
  readonly block: bigint;
}

/** Prescriptions: issued by a practitioner, carried by the patient, filled by any pharmacy, each fill exactly once. */
export class Prescriptions {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Issues a prescription by one's own organization, in two transactions: what the token opens is kept there, then the
   * commitments are published. Until both are done the token works nowhere.
   *
   * @returns what the patient carries: give it as text ({@link formatPrescriptionToken}) or one fill at a time ({@link fillToken})
   * @throws VitaledgerError `NOT_FOUND` (no such patient or record), `PERMISSION_DENIED`, `INVALID_ARGUMENT`, `EXPIRED`;
   *   `ALREADY_EXISTS` when the token was used for another prescription
   * @example
   * ```typescript
   * const { records } = await doctor.records.register(patient, medicationRequest);
   * const token = await doctor.prescriptions.issue({ patient, record: records[0], fills: 3, validUntil });
   * ```
   */
  async issue(prescribing: Prescribing, options: IssueOptions = {}): Promise<PrescriptionToken> {
    const { token = newPrescriptionToken(this.#session.mspId), dryRun = false, signal } = options;
    const { patient, record, fills } = checkPrescribing(prescribing, token, this.#session.mspId);
    const validUntil = prescribing.validUntil.toISOString();
    const secrets = prescriptionSecrets(token.prescription, token.secret, fills);
    const terms = termsOf(token, fills, validUntil);
    const input = {
      prescription: token.prescription,
      patient,
      record,
      opens: commitmentOf(secrets.content),
      cancelSecret: secrets.cancel,
      terms,
      validUntil,
      salt: newSalt(),
      ...actorOf(this.#session),
    };
    const kept = { function: 'PrescriptionContract:issue', custodian: token.prescriber, input };
    if (dryRun) {
      await unlessDone(this.#session.channel('care').evaluate(kept, { signal, needsRecentState: true }));
      return token;
    }
    await unlessDone(this.#session.channel('care').submit(kept, { signal }));
    const publication = [counterOf(token.prescription), JSON.stringify(terms)];
    await unlessDone(this.#inPublic('PrescriptionContract:publish', publication, { signal }));
    return token;
  }

  /**
   * Shows a token at the prescriber's organization, which logs it for the patient and releases the content to this
   * pharmacist alone.
   *
   * @throws VitaledgerError `PERMISSION_DENIED` (`BAD_SECRET`, or no pharmacist), `EXPIRED`, `PRECONDITION_FAILED`
   *   (`ALREADY_FILLED`, `NOT_NEXT`, `CANCELLED`), `NOT_FOUND`
   */
  async redeem(token: FillToken, options: OperationOptions = {}): Promise<RedeemedPrescription> {
    const { prescriber, prescription, contentSecret, fill } = token;
    const key = await AnswerKey.generate();
    const actor = actorOf(this.#session);
    const shown = {
      prescription,
      secret: contentSecret,
      encryptionKey: key.publicJwk,
      salt: newSalt(),
      ...actor,
    };
    const { result } = await this.#atCustodian('PrescriptionContract:redeem', prescriber, shown, options);
    const { receipt } = answer(result) as { receipt: string };
    const call = {
      function: 'PrescriptionContract:open',
      custodian: prescriber,
      input: { receipt, fill, ...actor },
    };
    const care = this.#session.channel('care');
    const { jwe } = answer(await care.evaluate(call, { ...options, needsRecentState: true })) as {
      jwe: string;
    };
    const disclosure = (await key.open(jwe)) as PrescriptionDisclosure;
    if (disclosure.receipt !== receipt || disclosure.prescription !== prescription) {
      throw new VitaledgerError('INTEGRITY', 'The answer belongs to another redemption than this one', {
        receipt,
      });
    }
    return new RedeemedPrescription(token, disclosure, () => vaultOf(this.#session, prescriber));
  }

  /**
   * Makes the fill of a redeemed prescription: notes the dispense at this pharmacy, then moves the public counter. Hand the
   * medicine out when it has returned. When it was interrupted, call it again with the same `dispense`.
   *
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `ALREADY_FILLED` when another pharmacy was first
   *   (the note is void then), `NOT_NEXT`, `CANCELLED`, or `TOO_MUCH`; `EXPIRED`
   */
  async dispense(
    redeemed: Redemption,
    dispensing: Dispensing,
    options: OperationOptions = {},
  ): Promise<Dispensed> {
    const { token, disclosure } = redeemed;
    const { authorized, value = authorized.value, dispense = newId() } = dispensing;
    const input = {
      dispense,
      prescription: token.prescription,
      prescriber: token.prescriber,
      fill: token.fill,
      receipt: disclosure.receipt,
      authorized,
      value,
      salt: newSalt(),
      ...actorOf(this.#session),
    };
    await this.#note(input, dispensing.dispense !== undefined, options);
    const filling = [counterOf(token.prescription), token.fillSecret, markOf(dispense)];
    try {
      await this.#inPublic('PrescriptionContract:fill', filling, { ...options, needsRecentState: true });
    } catch (error) {
      if (!(await this.#isOwnFill(error, token, dispense, options))) throw error;
    }
    return { dispense, fill: token.fill };
  }

  /**
   * Notes that more of a fill was handed out by the pharmacy that made it.
   *
   * @returns the note, with what is still left of the fill
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `TOO_MUCH`, or `NOT_DISPENSED` when the fill is not
   *   this pharmacy's; `NOT_FOUND`
   */
  async dispenseMore(
    dispense: string,
    value: number,
    options: OperationOptions = {},
  ): Promise<NotedDispense> {
    const { state } = await this.dispensed(dispense, options);
    if (state !== 'dispensed') {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        state === 'lost'
          ? 'Another pharmacy made this fill, so nothing of it may be handed out here'
          : 'The fill of this dispense is not made yet: call dispense() again with its id',
        { reason: 'NOT_DISPENSED' },
      );
    }
    const input = { dispense, value, salt: newSalt(), ...actorOf(this.#session) };
    await this.#atCustodian('DispenseContract:portion', this.#session.mspId, input, options);
    return this.dispensed(dispense, options);
  }

  /** This pharmacy's note of a dispense, and what became of its fill. */
  async dispensed(dispense: string, options: OperationOptions = {}): Promise<NotedDispense> {
    const input = { dispense, ...actorOf(this.#session) };
    const call = { function: 'DispenseContract:get', custodian: this.#session.mspId, input };
    return answer(await this.#session.channel('care').evaluate(call, options)) as NotedDispense;
  }

  /**
   * Cancels what is left of a prescription: with the patient's token through anybody, without it as a practitioner of the
   * organization that issued it.
   */
  async cancel(
    what: PrescriptionToken | Pick<PrescriptionToken, 'prescription'>,
    options: OperationOptions = {},
  ): Promise<CancelledPrescription> {
    const secret =
      'secret' in what
        ? prescriptionSecrets(what.prescription, what.secret, 0).cancel
        : await this.#cancelSecret(what.prescription, options);
    const cancelling = [counterOf(what.prescription), secret];
    const { transactionId, block } = await this.#inPublic('PrescriptionContract:cancel', cancelling, {
      ...options,
      needsRecentState: true,
    });
    return { transactionId, block };
  }

  /** The public counter of a prescription: how many fills it has, which were made when, whether it was cancelled. */
  async status(
    { prescription }: Pick<PrescriptionToken, 'prescription'>,
    options: OperationOptions = {},
  ): Promise<PrescriptionCounter> {
    const call = { function: 'PrescriptionContract:status', arguments: [counterOf(prescription)] };
    return answer(await this.#session.channel('care').evaluate(call, options)) as PrescriptionCounter;
  }

  async #note(input: object, repeated: boolean, options: OperationOptions): Promise<void> {
    try {
      await this.#atCustodian('DispenseContract:begin', this.#session.mspId, input, options);
    } catch (error) {
      if (!(repeated && error instanceof VitaledgerError && error.code === 'ALREADY_EXISTS')) throw error;
    }
  }

  /** A transaction that succeeded although its answer was lost is met again as a fill that was made already. */
  async #isOwnFill(
    error: unknown,
    token: FillToken,
    dispense: string,
    options: OperationOptions,
  ): Promise<boolean> {
    if (!(error instanceof VitaledgerError && error.details.reason === 'ALREADY_FILLED')) return false;
    const { filled } = await this.status(token, options);
    return filled[token.fill - 1]?.mark === markOf(dispense);
  }

  async #cancelSecret(prescription: string, options: OperationOptions): Promise<string> {
    const input = { prescription, ...actorOf(this.#session) };
    const call = { function: 'PrescriptionContract:cancellation', custodian: this.#session.mspId, input };
    const found = answer(await this.#session.channel('care').evaluate(call, options));
    return (found as { secret: string }).secret;
  }

  #atCustodian(
    name: string,
    custodian: string,
    input: object,
    options: OperationOptions,
  ): Promise<Committed> {
    return this.#session.channel('care').submit({ function: name, custodian, input }, options);
  }

  #inPublic(
    name: string,
    parameters: readonly string[],
    options: OperationOptions & { readonly needsRecentState?: boolean },
  ): Promise<Committed> {
    return this.#session.channel('care').submit({ function: name, arguments: parameters }, options);
  }
}

/** Waits for one step of an issue; a step that was done before, with the same content, is done. */
async function unlessDone(step: Promise<unknown>): Promise<void> {
  try {
    await step;
  } catch (error) {
    if (!(
      error instanceof VitaledgerError &&
      error.code === 'ALREADY_EXISTS' &&
      error.details.same === true
    )) {
      throw error;
    }
  }
}

function checkPrescribing(prescribing: Prescribing, token: PrescriptionToken, own: string): Prescribing {
  const { fills, validUntil } = prescribing;
  if (token.prescriber !== own) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The token must be one of the prescriber's organization, ${own}`,
    );
  }
  if (!Number.isSafeInteger(fills) || fills < 1 || fills > MAX_FILLS) {
    throw new VitaledgerError('INVALID_ARGUMENT', `"fills" must be a number from 1 to ${MAX_FILLS}`, {
      path: 'fills',
    });
  }
  if (Number.isNaN(validUntil.getTime())) {
    throw new VitaledgerError('INVALID_ARGUMENT', '"validUntil" must be a date', { path: 'validUntil' });
  }
  return prescribing;
}
