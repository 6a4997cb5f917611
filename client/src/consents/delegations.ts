import type { DelegationTerms, SignedDeclaration } from '../patient/declaration.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import type { OperationOptions, Session } from '../session/session.js';
import { Consents, type RevocationReport } from './consents.js';
import type { DeliveryReport } from './delivery.js';

export interface Delegating extends DelegationTerms {
  /** The patient's. */
  readonly key: PatientKey;
}

/** A delegation, and where it is in force. */
export interface DelegationReport {
  readonly delegation: SignedDeclaration;
  /** Deliver again where it is missing, with `consents.declare`. */
  readonly delivered: DeliveryReport;
}

/** Which delegation ends. */
export interface DelegationEnd {
  /** The delegation's id. */
  readonly delegation: string;
  /** {@link PatientKey.revocationSecret} of its id. */
  readonly secret: string;
  readonly patients?: readonly PatientToken[];
}

/** Who may act for a patient. Delegates sign with keys of their own; nobody delegates on. */
export class Delegations {
  readonly #consents: Consents;

  constructor(session: Session) {
    this.#consents = new Consents(session);
  }

  /**
   * Lets somebody act for the patient, in what is named and as long as it says.
   *
   * @example
   * ```typescript
   * await ledger.delegations.grant({ key, patients, to: daughter.publicKeys[0].jwk, acts: ['consent', 'log'],
   *   purposes: ['TREAT'], until: '2027-01-01T00:00:00.000Z', text });
   * ```
   */
  async grant(delegating: Delegating, options: OperationOptions = {}): Promise<DelegationReport> {
    const { key, ...terms } = delegating;
    const { patients } = terms;
    const delegation = await key.delegate(terms);
    return {
      delegation,
      delivered: await this.#consents.declare({ statement: delegation, patients, key }, options),
    };
  }

  /**
   * Ends a delegation everywhere at once: from then on the delegate reads nothing, and what they sign does not count. Consents that they gave
   * before stay in force until they are withdrawn.
   */
  async revoke(end: DelegationEnd, options: OperationOptions = {}): Promise<RevocationReport> {
    const { delegation: consent, ...rest } = end;
    return this.#consents.revoke({ consent, ...rest }, options);
  }
}
