import type { ConsentProvision } from '@vitaledger/domain';
import type { SignedDeclaration } from '../patient/declaration.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import type { OperationOptions, Session } from '../session/session.js';
import { Consents, type RevocationReport } from './consents.js';
import type { DeliveryReport } from './delivery.js';

/** Who signs, and where the patient is known. */
export interface Forbidding {
  readonly patients: readonly PatientToken[];
  readonly key: PatientKey;
}

export interface ForbiddingSome extends Forbidding {
  /** What is forbidden: a FHIR R4 provision of type `deny`, without exceptions. */
  readonly provision: ConsentProvision;
}

/** A prohibition, and where it is in force. */
export interface ProhibitionReport {
  readonly prohibition: SignedDeclaration;
  /** Deliver again where it is missing, with `consents.declare`. */
  readonly delivered: DeliveryReport;
}

/** Which prohibition is lifted. */
export interface Lifting {
  /** The prohibition's id. */
  readonly prohibition: string;
  /** {@link PatientKey.revocationSecret} of its id. */
  readonly secret: string;
  readonly patients?: readonly PatientToken[];
}

/**
 * What patients forbid, whatever consents say: restriction of processing (GDPR art. 18), objection (art. 21), and the opt-out of secondary use
 * (EHDS art. 71). None permits anything; each is reversible.
 */
export class Prohibitions {
  readonly #consents: Consents;

  constructor(session: Session) {
    this.#consents = new Consents(session);
  }

  /**
   * Opts out of every secondary use (research, statistics, policy, training, product development). No reason is asked.
   *
   * @example
   * ```typescript
   * const { prohibition, delivered } = await ledger.prohibitions.optOut({ patients, key });
   * ```
   */
  async optOut(by: Forbidding, options: OperationOptions = {}): Promise<ProhibitionReport> {
    const { patients, key } = by;
    return this.#deliver(await key.prohibit({ kind: 'opt-out', patients }), by, options);
  }

  /**
   * Opts out of primary use: no other organization reads for treatment. Where a law makes that absolute (EHDS art. 10), emergencies do
   * not open it either; tell the patient so before they sign.
   */
  async optOutOfPrimaryUse(by: Forbidding, options: OperationOptions = {}): Promise<ProhibitionReport> {
    const { patients, key } = by;
    const terms = { kind: 'opt-out', use: 'primary-use', patients } as const;
    return this.#deliver(await key.prohibit(terms), by, options);
  }

  /** Restricts the use of what the provision covers, for every purpose that it does not limit, until it is lifted. */
  async restrict(by: ForbiddingSome, options: OperationOptions = {}): Promise<ProhibitionReport> {
    const { patients, key, provision } = by;
    return this.#deliver(await key.prohibit({ kind: 'restriction', patients, provision }), by, options);
  }

  /** Objects to purposes, which the provision must name. */
  async object(by: ForbiddingSome, options: OperationOptions = {}): Promise<ProhibitionReport> {
    const { patients, key, provision } = by;
    return this.#deliver(await key.prohibit({ kind: 'objection', patients, provision }), by, options);
  }

  /**
   * Lifts a prohibition everywhere at once, as a consent is revoked, and takes it out of the heads of `patients`: requests made there afterwards
   * are decided without it.
   */
  async lift(lifting: Lifting, options: OperationOptions = {}): Promise<RevocationReport> {
    const { prohibition: consent, ...rest } = lifting;
    return this.#consents.revoke({ consent, ...rest }, options);
  }

  async #deliver(
    prohibition: SignedDeclaration,
    { patients, key }: Forbidding,
    options: OperationOptions,
  ): Promise<ProhibitionReport> {
    const delivered = await this.#consents.declare({ statement: prohibition, patients, key }, options);
    return { prohibition, delivered };
  }
}
