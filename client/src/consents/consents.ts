import { handleOf, VitaledgerError, type ActiveConsent, type ChainState } from '@vitaledger/domain';
import type { PatientKey, SignedConsent } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import { actorOf, type OperationOptions, type Session } from '../session/session.js';
import type { Call, Committed } from '../transaction/index.js';
import { deliver, DeliveryReport } from './delivery.js';

export interface Grant {
  readonly consent: SignedConsent;
  /** The patient at each custodian that the consent is to be delivered to now; all that it is addressed to, or some. */
  readonly patients: readonly PatientToken[];
  /** Told what was accepted, so that the next consent follows this one. */
  readonly key?: Pick<PatientKey, 'accepted'>;
}

export interface Revocation {
  /** The consent's id. */
  readonly consent: string;
  /** From {@link PatientKey.revocationSecret}. */
  readonly secret: string;
  /** Where the consent is to be taken out of the patient's head as well, so that later requests decide without it. */
  readonly patients?: readonly PatientToken[];
}

export interface RevocationReport {
  readonly transactionId: string;
  readonly block: bigint;
  /** At which custodians the consent has been closed. None is needed for the revocation to be in force. */
  readonly closed: DeliveryReport;
}

/** What a custodian holds of a patient's consents. */
export interface HeldConsents extends ChainState {
  readonly consents: readonly ActiveConsent[];
}

/** Consents: signed by patients, relayed by any member. */
export class Consents {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Delivers a signed consent to custodians, each in a transaction of its own. It is in force at each that accepted it;
   * grant again with the {@link DeliveryReport.missing} ones for the others.
   *
   * @returns a report by custodian; nothing is thrown for a custodian that refused or could not be reached
   * @example
   * ```typescript
   * const report = await ledger.consents.grant({ consent, patients: [hospital, clinic, pharmacy], key });
   * console.log(String(report)); // 2 of 3 custodians have it; missing: PharmacyMSP (UNAVAILABLE)
   * ```
   */
  async grant(grant: Grant, options: OperationOptions = {}): Promise<DeliveryReport> {
    const { consent, patients, key } = grant;
    for (const { custodian } of patients) {
      checkAddressed(consent, custodian);
    }
    return deliver(patients, async ({ custodian, patient }) => {
      const input = { patient, statement: consent.jws, salt: newSalt(), ...actorOf(this.#session) };
      const committed = await this.#submit({ function: 'ConsentContract:grant', custodian, input }, options);
      key?.accepted({ custodian, patient }, consent);
      return committed.transactionId;
    });
  }

  /**
   * Revokes a consent everywhere at once: the transaction is public, needs no custodian, and is looked up with every
   * release of a key. Then takes the consent out of the heads of `patients`, as far as their custodians can be reached.
   *
   * @throws VitaledgerError when the revocation itself did not succeed
   */
  async revoke(revocation: Revocation, options: OperationOptions = {}): Promise<RevocationReport> {
    const { consent, secret, patients = [] } = revocation;
    handleOf(secret); // refuses what is not a secret before it is published
    const { transactionId, block } = await this.#submit(
      { function: 'ConsentContract:revoke', arguments: [secret] },
      options,
    );
    const closed = await deliver(patients, async ({ custodian, patient }) => {
      const input = { patient, consent, secret, salt: newSalt() };
      return (await this.#submit({ function: 'ConsentContract:close', custodian, input }, options))
        .transactionId;
    });
    return { transactionId, block, closed };
  }

  /**
   * When consents were revoked, by their public handles.
   *
   * @param handles 64 hexadecimal digits each, as in the signed statement
   * @returns the instants of those that are revoked
   */
  async revoked(
    handles: readonly string[],
    options: OperationOptions = {},
  ): Promise<Readonly<Record<string, string>>> {
    const call = { function: 'ConsentContract:revoked', arguments: [JSON.stringify(handles)] };
    return answer(await this.#session.channel('care').evaluate(call, options)) as Readonly<
      Record<string, string>
    >;
  }

  /**
   * What a custodian holds of the patient's consents, by the patient's own signed request; readable with their key only.
   * Brings the key's memory of the custodian's chain up to date.
   */
  async list(token: PatientToken, key: PatientKey, options: OperationOptions = {}): Promise<HeldConsents> {
    const { custodian, patient } = token;
    const statement = await key.readStatement({ ...token, what: 'consents' });
    const call = { function: 'ConsentContract:list', custodian, input: { patient, statement } };
    const jwe = await this.#session.channel('care').evaluate(call, options);
    const held = (await key.decrypt(new TextDecoder().decode(jwe))) as HeldConsents;
    key.heard(token, { sequence: held.sequence, previous: held.previous });
    return held;
  }

  #submit(call: Call, options: OperationOptions): Promise<Committed> {
    return this.#session.channel('care').submit(call, options);
  }
}

function checkAddressed(consent: SignedConsent, custodian: string): void {
  if (!consent.custodians[custodian]) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The consent is not addressed to ${custodian}; it would refuse it. Sign one that names it among its custodians`,
    );
  }
}
