import type { ReleasedRecord } from '../access/released-record.js';
import type { InspectionOptions } from '../records/inspection.js';
import { Records } from '../records/records.js';
import type { Session } from '../session/session.js';
import { BundleExport, type FhirExportOptions } from './export.js';
import { runImport, type FhirImportOptions, type FhirImportReport } from './import.js';
import type { ImportSource } from './import-source.js';
import { reconcile, type Reconciliation } from './reconcile.js';

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

  /**
   * Writes records as a FHIR R4 Bundle, in bounded memory: each with its content as it was registered, and its Provenance.
   *
   * @param records the id of a patient of one's own organization, for its auditors ({@link Records.audit}): everything that is current;
   *   or what a custodian has released, such as `ledger.access.open(await ledger.access.requestOwn(token, key))` of a patient's own
   * @returns the Bundle's bytes; once they are read, its `report` names each record, and what could not be had
   * @example
   * ```typescript
   * const bundle = ledger.fhir.export(patient, { purpose: 'HCOMPL' });
   * await pipeline(bundle, createWriteStream('bundle.json', { mode: 0o600 }));
   * console.log(bundle.report.exported.length, bundle.report.missing);
   * ```
   */
  export(
    records: string | AsyncIterable<ReleasedRecord>,
    options: FhirExportOptions & Pick<InspectionOptions, 'purpose' | 'filter'> = {},
  ): BundleExport {
    const { purpose, filter, signal } = options;
    const asked = { ...(purpose === undefined ? {} : { purpose }), ...(filter ? { filter } : {}), signal };
    const released = typeof records === 'string' ? new Records(this.#session).audit(records, asked) : records;
    return new BundleExport(released, options);
  }

  /**
   * Holds a Bundle of a patient of one's own organization against the ledger: which current records it has, unaltered, which not, and
   * what it has besides. For registrars and auditors, as {@link Records.list}; the look is logged.
   *
   * @throws VitaledgerError `INVALID_ARGUMENT` (no Bundle of records), `PERMISSION_DENIED`, `NOT_FOUND`
   */
  async reconcile(
    patient: string,
    bundle: Pick<ImportSource, 'open'>,
    options: Pick<InspectionOptions, 'purpose' | 'filter' | 'signal'> = {},
  ): Promise<Reconciliation> {
    return reconcile(bundle, new Records(this.#session).list(patient, options));
  }
}
