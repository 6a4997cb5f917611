import type { Session } from '../session/session.js';
import { runImport, type FhirImportOptions, type FhirImportReport } from './import.js';
import type { ImportSource } from './import-source.js';

/** FHIR R4 in and out. */
export class FhirExchange {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Registers what a Bundle or an NDJSON file holds, in bounded memory. A Bundle of type `transaction` goes in whole or not at all; of
   * the other types, and of NDJSON, each resource by itself: what is wrong with one keeps no other out, and the report names it.
   *
   * The record of a resource is found by its patient, type and id: what is registered already is left as it is, so an import can be
   * repeated, and one that was killed goes on with `resume`. Contents that an interrupted attempt left in the vault are swept.
   *
   * @throws VitaledgerError what concerns the whole: `INVALID_ARGUMENT` (no Bundle of these types, or a fault in a transaction),
   *   `NOT_FOUND` (the file, the patient of a transaction), `PERMISSION_DENIED`, `UNAVAILABLE`, `CONFLICT` (the source changed meanwhile)
   * @example
   * ```typescript
   * const patients = (subject: string) => idsByReference.get(subject); // 'Patient/17' → the id at your organization
   * const report = await ledger.fhir.import(fileSource('Observation.ndjson'), { patients, resume: true });
   * console.log(report.registered, report.faults);
   * ```
   */
  async import(source: ImportSource, options: FhirImportOptions): Promise<FhirImportReport> {
    return runImport(this.#session, source, options);
  }
}
