import {
  disclosureReport,
  type DisclosureLaw,
  type DisclosureReport,
  type LogEntry,
} from '@vitaledger/domain';
import { Access } from '../access/access.js';
import type { PatientKey } from '../patient/patient-key.js';
import type { PatientToken } from '../patient/patient-token.js';
import type { OperationOptions, Session } from '../session/session.js';

export interface DisclosureOptions extends OperationOptions {
  /** The instant of the request, from which years are counted back; now if absent. */
  readonly at?: Date;
}

/** Accounts of disclosures, for patients. */
export class Disclosures {
  readonly #access: Access;

  constructor(session: Session) {
    this.#access = new Access(session);
  }

  /**
   * Who was given the patient's data by a custodian, as a law gives a right to know it, from the access log that the
   * patient's key reads. For FHIR `auditEventBundle(report)`, for a table `disclosureCsv(report)`.
   *
   * @throws VitaledgerError `PERMISSION_DENIED`, `NOT_FOUND` when the custodian does not know the patient or the key
   * @example
   * ```typescript
   * const report = await ledger.disclosures.report(token, key, 'us-45cfr164.528');
   * await writeFile('disclosures.csv', disclosureCsv(report));
   * ```
   */
  async report(
    token: PatientToken,
    key: PatientKey,
    law: DisclosureLaw,
    { at = new Date(), signal }: DisclosureOptions = {},
  ): Promise<DisclosureReport> {
    const entries: LogEntry[] = [];
    for await (const entry of this.#access.log(token, key, { signal })) entries.push(entry);
    return disclosureReport(entries, law, at.toISOString());
  }
}
