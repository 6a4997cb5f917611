import { handleOf, type HiddenStatement, type StoredStatement } from '@vitaledger/domain';
import type { PatientKey, SignedConsent } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import { answer } from '../session/answer.js';
import { newSalt } from '../session/random.js';
import type { OperationOptions, Session } from '../session/session.js';
import type { Call, Committed } from '../transaction/index.js';
import { deliver, DeliveryReport } from './delivery.js';
import { readHeld, type HeldConsents } from './held.js';
import { StatementChain, type AcceptedStatement } from './history.js';
import { relay, type StatementDelivery } from './relay.js';

/** A signed consent, and whom it is delivered for. */
export interface Grant {
  readonly consent: SignedConsent;
  /** The patient at each custodian that the consent is to be delivered to now; all that it is addressed to, or some. */
  readonly patients: readonly PatientToken[];
  /** Told what was accepted, so that the next consent follows this one; asks whether a custodian has it already. */
  readonly key?: PatientKey;
}

/** A new version of a consent, and the secret that closes the one before. */
export interface ConsentAmendment extends Grant {
  /** Of the version that it replaces: {@link PatientKey.revocationSecret}. */
  readonly secret: string;
}

/** Who has the amended consent, and where the old terms are closed. */
export interface AmendmentReport {
  /** At which custodians the new version is in force. */
  readonly delivered: DeliveryReport;
  /** Of the version before: in force everywhere. */
  readonly revoked: RevocationReport;
}

/** Which consent is taken back, and the secret that does it. */
export interface Revocation {
  /** The consent's id. */
  readonly consent: string;
  /** From {@link PatientKey.revocationSecret}. */
  readonly secret: string;
  /** Where the consent is to be taken out of the patient's head as well, so that later requests decide without it. */
  readonly patients?: readonly PatientToken[];
}

/** Where a consent is closed. */
export interface RevocationReport {
  readonly transactionId: string;
  readonly block: bigint;
  /** At which custodians the consent has been closed. None is needed for the revocation to be in force. */
  readonly closed: DeliveryReport;
}

interface HistoryPage {
  readonly entries: readonly (StoredStatement | HiddenStatement)[];
  readonly bookmark: string;
}

/** Consents: signed by patients, relayed by any member. */
export class Consents {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Delivers a signed consent to custodians, each in a transaction of its own. It is in force at each that accepted it;
   * grant again with the {@link DeliveryReport.missing} ones for the others, or with all: with `key`, a custodian that has it
   * already counts as one that accepted it.
   *
   * @returns a report by custodian; nothing is thrown for a custodian that refused or could not be reached
   * @example
   * ```typescript
   * const report = await ledger.consents.grant({ consent, patients: [hospital, clinic, pharmacy], key });
   * console.log(String(report)); // 2 of 3 custodians have it; missing: PharmacyMSP (UNAVAILABLE)
   * ```
   */
  async grant(grant: Grant, options: OperationOptions = {}): Promise<DeliveryReport> {
    const { consent: statement, patients, key } = grant;
    return relay(this.#session, 'grant', { statement, patients, key }, options);
  }

  /**
   * Delivers any other signed statement: new keys, a prohibition, a delegation, a withdrawal ({@link PatientKey.withdraw}).
   *
   * @returns a report by custodian; nothing is thrown for a custodian that refused or could not be reached
   */
  async declare(delivery: StatementDelivery, options: OperationOptions = {}): Promise<DeliveryReport> {
    return relay(this.#session, 'declare', delivery, options);
  }

  /**
   * Replaces a consent: delivers the new version ({@link PatientKey.amend}), then revokes the one before, everywhere at once. Where the
   * new one could not be delivered, neither is in force: amend again with the same arguments to go on (custodians
   * that have it are not asked to take it twice).
   *
   * @throws VitaledgerError when the revocation did not succeed; what was delivered is in force then, so amend again
   * @example
   * ```typescript
   * const consent = await key.amend(before, { patients, provision, text });
   * const secret = await key.revocationSecret(before.consent, before.version);
   * const { delivered } = await ledger.consents.amend({ consent, secret, patients, key });
   * ```
   */
  async amend(amendment: ConsentAmendment, options: OperationOptions = {}): Promise<AmendmentReport> {
    const { consent, secret, patients } = amendment;
    handleOf(secret); // refuses what is not a secret before anything is delivered
    const delivered = await this.grant(amendment, options);
    const behind = patients.filter(({ custodian }) => delivered.missing.includes(custodian));
    const revoked = await this.revoke({ consent: consent.consent, secret, patients: behind }, options);
    return { delivered, revoked };
  }

  /**
   * Revokes a consent (or a prohibition, or a delegation: by its id) everywhere at once: the transaction is public, needs no custodian, and is looked up with every
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
    return readHeld(this.#session, token, key, options);
  }

  /**
   * Every statement that a custodian accepted for the patient, as it was signed, first one first, whether or not it is still in force. Each
   * page is a request that the patient's key signs. Checks that each follows the one before, so that none is left out.
   *
   * @throws VitaledgerError `INTEGRITY` when the chain has a gap
   */
  async *history(
    token: PatientToken,
    key: PatientKey,
    options: OperationOptions & { readonly pageSize?: number } = {},
  ): AsyncGenerator<AcceptedStatement> {
    const { custodian, patient } = token;
    const { pageSize, ...rest } = options;
    const chain = new StatementChain(token);
    let bookmark = '';
    do {
      const statement = await key.readStatement({
        ...token,
        what: 'history',
        ...(pageSize === undefined ? {} : { pageSize }),
        ...(bookmark === '' ? {} : { bookmark }),
      });
      const call = { function: 'ConsentContract:history', custodian, input: { patient, statement } };
      const jwe = await this.#session.channel('care').evaluate(call, rest);
      const page = (await key.decrypt(new TextDecoder().decode(jwe))) as HistoryPage;
      for (const entry of page.entries) yield chain.next(entry);
      bookmark = page.bookmark;
    } while (bookmark !== '');
  }

  #submit(call: Call, options: OperationOptions): Promise<Committed> {
    return this.#session.channel('care').submit(call, options);
  }
}
