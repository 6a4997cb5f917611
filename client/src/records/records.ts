import { type ErasureGround, readBundle, type RecordInput } from '@vitaledger/domain';
import type { FhirResource } from 'fhir/r4';
import { ReleasedRecord } from '../access/released-record.js';
import { newId, newSalt } from '../session/random.js';
import { actorOf, vaultOf, type OperationOptions, type Session } from '../session/session.js';
import type { Committed } from '../transaction/index.js';
import type { Content } from '../vault/chunks.js';
import type { Vault } from '../vault/vault.js';
import { loadInBulk, type BulkOptions, type BulkRecord, type RegisteredBatch } from './bulk-load.js';
import {
  amend,
  retract,
  type Amended,
  type AmendmentOptions,
  type CorrectionOptions,
  type RecordVersion,
} from './correction.js';
import { draftsOfBundle } from './bundle-drafts.js';
import { draftsOfDocument, draftOfResource, type Document, type Draft } from './draft.js';
import { eraseRecord, type ErasureLedger } from './erase.js';
import type { ErasurePreview, ErasureReceipt } from './erasure.js';
import { inspect, type InspectionOptions, type ListedRecord } from './inspection.js';
import { recover, type RecoveryReport } from './recovery.js';
import { recordIdOf } from './record-id.js';
import { erasurePreview, isRegistered, registeredObjects } from './registered.js';
import { declaredOrigin, registerAll, type RegistrationOptions } from './registration.js';
import { transfer as transferRecords, type Transfer, type Transferred } from './transfer.js';
import { verifyContent, type ContentCertificate, type VerifiedContent } from './verification.js';

/** By which a repeated registration is known. */
export interface IdempotencyOptions {
  /**
   * What the application itself knows the record by. A registration that is repeated with it, after a crash say, is refused as
   * `ALREADY_EXISTS`; the record's id is then {@link recordIdOf} patient and key.
   */
  readonly key?: string;
}

/** Records that are on the ledger. */
export interface Registered {
  /** Ids of the records, in the order in which they were given. */
  readonly records: readonly string[];
  readonly transactionId: string;
  readonly block: bigint;
}

export interface ErasureOptions extends OperationOptions {
  /** `no-longer-necessary` unless told, which yields to every duty to keep the record. */
  readonly ground?: ErasureGround;
}

/** Records of one's own organization's patients: contents in its vault, metadata and one share of the keys on the ledger. */
export class Records {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Registers one FHIR R4 resource.
   * @throws VitaledgerError `INVALID_ARGUMENT`, `NOT_FOUND` (no such patient here), `PERMISSION_DENIED`; `ALREADY_EXISTS` when what has
   *   this `key` is registered already
   */
  async register(
    patient: string,
    resource: FhirResource,
    options: RegistrationOptions & IdempotencyOptions = {},
  ): Promise<Registered> {
    const id = options.key === undefined ? undefined : recordIdOf(patient, options.key);
    return this.#register(patient, [draftOfResource(resource, 'resource', id)], options);
  }

  /**
   * Registers a document of any size from a stream, in bounded memory; with the FHIR resource that describes it, if one is given.
   *
   * @returns its id, and behind it the id of the resource that describes it
   * @example
   * ```typescript
   * await ledger.records.registerDocument(patient, { content: createReadStream('scan.dcm'), mediaType: 'application/dicom' });
   * // One that goes on after a crash: the same two lines again, with the upload that was kept.
   * const upload = newUpload();
   * await writeFile('upload.json', JSON.stringify(upload), { mode: 0o600 });
   * await ledger.records.registerDocument(patient, { content: createReadStream('scan.dcm'), mediaType: 'application/dicom', upload });
   * ```
   */
  async registerDocument(
    patient: string,
    document: Document,
    options: RegistrationOptions = {},
  ): Promise<Registered> {
    const drafts = draftsOfDocument(document);
    await this.#checkFirst(patient, options);
    return this.#register(patient, drafts, options);
  }

  /**
   * Registers a FHIR R4 Bundle of one patient's resources, whole or not at all: all contents go to the vault, then one
   * transaction registers them; if anything fails, nothing stays. References between the entries become references
   * between the records.
   *
   * @param bundle of type `transaction` or `collection`: JSON text, its bytes, or the object
   * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path of what is wrong with the bundle
   */
  async registerBundle(
    patient: string,
    bundle: string | Uint8Array | object,
    options: RegistrationOptions = {},
  ): Promise<Registered> {
    const drafts = draftsOfBundle(readBundle(bundle));
    await this.#checkFirst(patient, options);
    return this.#register(patient, drafts, options);
  }

  /**
   * Registers FHIR R4 resources of any number of patients from a stream, 500 a transaction: each batch whole or not at all,
   * one after the other, in bounded memory. References are registered as they are.
   *
   * @returns the batches as they are registered; what was yielded need not be loaded again
   * @throws VitaledgerError as {@link register} does; for `ALREADY_EXISTS` (where ids are given) the batch is there already
   * @example
   * ```typescript
   * for await (const { records } of ledger.records.registerBatch(resources)) console.log(`${records.length} more`);
   * ```
   */
  async *registerBatch(
    records: Iterable<BulkRecord> | AsyncIterable<BulkRecord>,
    options: BulkOptions = {},
  ): AsyncGenerator<RegisteredBatch> {
    yield* loadInBulk(this.#session, records, options);
  }

  /**
   * Copies another custodian's records into one's own care, under the patient's consent: one logged request there, then one
   * transaction here for each record. Contents stay the same byte by byte, each proved by the hash that the other custodian
   * registered. Call it again after an interruption: what is there is not copied twice.
   *
   * @throws VitaledgerError `CONSENT_DENIED`; `INTEGRITY` when what was released is not what was registered; `CONFLICT` when it was
   *   amended or retracted meanwhile
   * @example
   * ```typescript
   * for await (const { record } of ledger.records.transfer({ from: token, patient })) console.log(record);
   * ```
   */
  async *transfer(transfer: Transfer, options: OperationOptions = {}): AsyncGenerator<Transferred> {
    yield* transferRecords(this.#session, transfer, options);
  }

  /**
   * Holds a content that somebody was given against the hash that every peer of the channel knows, whoever registered it.
   *
   * @param certificate from {@link contentCertificate}, handed over with the content
   * @returns that the content is the registered one, and whether it is still current there
   * @throws VitaledgerError `INTEGRITY` when it is another content; `NOT_FOUND` when that custodian never registered one with
   *   this salt, or erased it
   * @example
   * ```typescript
   * const { status } = await ledger.records.verifyContent(certificate, createReadStream('report.pdf'));
   * ```
   */
  async verifyContent(
    certificate: ContentCertificate,
    content: Content,
    options: OperationOptions = {},
  ): Promise<VerifiedContent> {
    return verifyContent(this.#session, certificate, content, options);
  }

  /**
   * The records of a patient, page by page as they are asked for. For registrars and auditors of the custodian, by their
   * office: no consent is asked, and the patient reads in the log that they looked.
   *
   * @throws VitaledgerError `PERMISSION_DENIED`, `NOT_FOUND`, `INVALID_ARGUMENT`
   * @example
   * ```typescript
   * for await (const { id, date } of ledger.records.list(patient, { filter: { classes: ['Observation'], from: '2026' } })) {
   *   console.log(id, date);
   * }
   * ```
   */
  async *list(patient: string, options: InspectionOptions = {}): AsyncGenerator<ListedRecord> {
    yield* inspect(this.#session, patient, 'metadata', options);
  }

  /**
   * The records of a patient with their contents, for auditors of the custodian: {@link list}, with what is needed to read
   * them. Name the purpose of the audit (`HCOMPL`, `FRAUD`, `HQUALIMP`).
   */
  async *audit(patient: string, options: InspectionOptions = {}): AsyncGenerator<ReleasedRecord> {
    const asked = { purpose: 'HCOMPL', ...options };
    for await (const record of inspect(this.#session, patient, 'content', asked)) {
      yield new ReleasedRecord(record, () => this.#ownVault());
    }
  }

  /**
   * Puts a new version of a record in the place of the one named. Readers see the new one from then on, auditors both;
   * who, when and why goes with it as Provenance.
   *
   * @param record its id, and the version that was read and is to be replaced
   * @throws VitaledgerError `CONFLICT` when somebody else amended it meanwhile; `NOT_FOUND`, `PERMISSION_DENIED`,
   *   `PRECONDITION_FAILED` (retracted), `INVALID_ARGUMENT` (another resource type)
   */
  async amend(
    patient: string,
    record: RecordVersion,
    content: FhirResource | Document,
    options: AmendmentOptions,
  ): Promise<Amended> {
    return amend(this.#session, patient, record, content, options);
  }

  /**
   * Takes a record that was entered in error from all readers, for good; its versions stay for audit.
   *
   * @throws VitaledgerError as {@link amend} does
   */
  async retract(patient: string, record: RecordVersion, options: CorrectionOptions): Promise<Committed> {
    return retract(this.#session, patient, record, options);
  }

  /** What {@link erase} would destroy, and the duties and holds that stand before it. For registrars. */
  async previewErasure(
    patient: string,
    record: string,
    options: OperationOptions = {},
  ): Promise<ErasurePreview> {
    return erasurePreview(this.#session, patient, record, options);
  }

  /**
   * Erases a record: purges the ledger's shares of its keys with its metadata, in all versions, and deletes contents and shares in
   * the vault. When it was interrupted, call it again, or {@link recover}.
   *
   * @param reason why, on one line, for the record of erasures; nothing that identifies the patient
   * @returns what was destroyed where, what remains until when, and which backups of the vault are to be purged
   * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `RETENTION` (and `details.citation`) where it must be kept,
   *   or `LEGAL_HOLD`; `NOT_FOUND`; `PERMISSION_DENIED` unless called by a registrar
   */
  async erase(
    patient: string,
    record: string,
    reason: string,
    options: ErasureOptions = {},
  ): Promise<ErasureReceipt> {
    const { ground = 'no-longer-necessary' } = options;
    return eraseRecord(this.#ownVault(), this.#erasureLedger(options), { patient, record, ground, reason });
  }

  /**
   * Finishes what was interrupted: erasures are completed, contents of registrations that never reached the ledger are
   * removed from the vault. Run it as a registrar, after a crash and from time to time.
   *
   * @param before only what was begun before; a registration may be on its way until its endorsement has expired.
   *   One hour ago unless told.
   */
  async recover(
    before = new Date(Date.now() - 3_600_000),
    options: OperationOptions = {},
  ): Promise<RecoveryReport> {
    const holds = (patient: string, record: string): Promise<boolean> =>
      isRegistered(this.#session, patient, record, options);
    const objects = (patient: string, record: string): Promise<readonly string[]> =>
      registeredObjects(this.#session, patient, record, options);
    return recover(this.#ownVault(), { holds, objects }, before);
  }

  /** Asks the ledger whether it would refuse, before much is written for it. */
  async #checkFirst(patient: string, { signal }: RegistrationOptions): Promise<void> {
    await isRegistered(this.#session, patient, newId(), { signal });
  }

  async #register(
    patient: string,
    drafts: readonly Draft[],
    options: RegistrationOptions,
  ): Promise<Registered> {
    const commit = (records: readonly RecordInput[]): Promise<Committed> =>
      this.#commit(patient, records, options);
    const { transactionId, block } = await registerAll(this.#ownVault(), patient, drafts, commit, options);
    return { records: drafts.map(({ metadata }) => metadata.id), transactionId, block };
  }

  async #commit(
    patient: string,
    records: readonly RecordInput[],
    options: RegistrationOptions,
  ): Promise<Committed> {
    const declared = declaredOrigin(this.#session, options);
    const input = {
      patient,
      records: records.map((record) => ({ ...record, ...declared })),
      ...actorOf(this.#session),
    };
    const call = { function: 'RecordContract:register', custodian: this.#session.mspId, input };
    return this.#session.channel('care').submit(call, { signal: options.signal });
  }

  #erasureLedger(options: OperationOptions): ErasureLedger {
    return {
      custodian: this.#session.mspId,
      preview: (patient, record) => this.previewErasure(patient, record, options),
      erase: ({ patient, record, ground, reason }) => {
        const input = { patient, record, ground, reason, salt: newSalt(), ...actorOf(this.#session) };
        const call = { function: 'ErasureContract:erase', custodian: this.#session.mspId, input };
        return this.#session.channel('care').submit(call, options);
      },
    };
  }

  #ownVault(): Vault {
    return vaultOf(this.#session, this.#session.mspId);
  }
}
