import {
  canonicalJson,
  checkShape,
  enrolHead,
  isRetracted,
  reasonText,
  shapes,
  validateEnrolment,
  validateInspection,
  validateRecords,
  VitaledgerError,
  type RecordMetadata,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { receiptShape } from '../access/receipt-holder.js';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { adoptedMap } from '../consortium/adopted-map.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { erasureKey, patientKey, recordKey, versionKey } from '../ledger/keys.js';
import { pageShape } from '../ledger/page.js';
import { heldRecord } from './held-record.js';
import { checkOffice, inspectedPage, openInspection, ownInspection } from './inspection.js';
import { labeller } from './labeller.js';
import { patientHead } from './patient-head.js';
import { endedVersions } from './version-history.js';

const registration = v.strictObject({
  patient: shapes.id,
  records: v.unknown(),
  actor: v.exactOptional(v.unknown()),
});

const listing = v.strictObject({
  receipt: receiptShape,
  ...pageShape,
  actor: v.exactOptional(v.unknown()),
});

const naming = v.strictObject({
  patient: shapes.id,
  record: shapes.id,
  actor: v.exactOptional(v.unknown()),
});

const erasing = v.strictObject({
  patient: shapes.id,
  record: shapes.id,
  reason: reasonText,
  salt: shapes.salt,
  actor: v.exactOptional(v.unknown()),
});

/**
 * A custodian's patients and records. Everything lies in the custodian's implicit collection, so each function is
 * executed and endorsed by the custodian's peers alone.
 */
@Info({ title: 'RecordContract', description: 'Patients and records at their custodian' })
export class RecordContract extends VitaledgerContract {
  constructor() {
    super('RecordContract');
  }

  /** Enrols a patient with the keys they sign with, after a registrar proved their identity. */
  @Transaction()
  @Returns('string')
  async enrol(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...enrolment } = ledger.input;
    const checked = validateEnrolment(enrolment);
    const { document } = await admit(context, 'RecordContract:enrol', actor);
    const instant = await ledgerTime(ledger, document);
    if (await ledger.getPrivate(patientKey(checked.patient))) throw patientTaken();
    await ledger.putPrivate(patientKey(checked.patient), enrolHead(checked, instant));
    return '';
  }

  /** Registers 1 to 2,000 records of one patient, all or none. */
  @Transaction()
  @Returns('string')
  async register(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(registration, ledger.input, 'input');
    const records = validateRecords(input.records);
    const { document, person } = await admit(context, 'RecordContract:register', input.actor);
    const registered = await ledgerTime(ledger, document);
    const { patient } = await patientHead(ledger, input.patient);
    for (const [index, record] of records.entries()) {
      if (await ledger.getPrivate(recordKey(patient, record.id))) throw recordTaken(index);
    }
    const label = labeller(await adoptedMap(ledger, document));
    for (const record of records) {
      const stored: RecordMetadata = {
        ...label(record),
        patient,
        registered,
        registeredBy: person,
        version: 1,
      };
      await ledger.putPrivate(recordKey(patient, record.id), stored);
    }
    return '';
  }

  /**
   * Says, before the custodian's own registrar or auditor looks at a patient's records, who looks, at what and why: into
   * the log that the patient reads. No consent is asked; it is their office.
   */
  @Transaction()
  @Returns('string')
  async inspect(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const request = validateInspection(rest);
    const { document, ...acting } = await admit(context, 'RecordContract:inspect', actor);
    checkOffice(acting, request);
    const instant = await ledgerTime(ledger, document);
    await patientHead(ledger, request.patient);
    return canonicalJson({ receipt: await openInspection(ledger, acting, request, instant) });
  }

  /** One page of the records that an inspection named, by id, encrypted to the key it named. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(listing, ledger.input, 'input');
    const inspection = await ownInspection(context, input.receipt, input.actor);
    await admit(context, 'RecordContract:list', input.actor);
    const { items, bookmark } = await inspectedPage(ledger, inspection, input);
    const answer = { receipt: inspection.receipt, records: items };
    return canonicalJson({ jwe: await sealAnswer(answer, inspection.request.encryptionKey), bookmark });
  }

  /** What an erasure of a record would have to delete in the vault: the names of its objects, which are random. */
  @Transaction(false)
  @Returns('string')
  async erasable(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { patient, record, actor } = checkShape(naming, ledger.input, 'input');
    await admit(context, 'RecordContract:erasable', actor);
    await patientHead(ledger, patient);
    const held = await heldRecord(ledger, patient, record);
    const objects = isRetracted(held) ? [] : [held.manifest.object];
    for await (const { manifest } of endedVersions(ledger, held)) objects.push(manifest.object);
    return canonicalJson({ objects });
  }

  /** Destroys the ledger's share of a record's key and its metadata; what remains says who did it and why. */
  @Transaction()
  @Returns('string')
  async erase(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { patient, record, reason, salt, actor } = checkShape(erasing, ledger.input, 'input');
    const { document, person, via } = await admit(context, 'RecordContract:erase', actor);
    const instant = await ledgerTime(ledger, document);
    await patientHead(ledger, patient);
    const held = await heldRecord(ledger, patient, record);
    for await (const { version } of endedVersions(ledger, held)) {
      await ledger.purgePrivate(versionKey(patient, record, version));
    }
    await ledger.purgePrivate(recordKey(patient, record));
    const by = via === undefined ? { by: person } : { by: person, via };
    await ledger.putPrivate(erasureKey(patient, record), { patient, record, instant, ...by, reason, salt });
    return '';
  }
}

function patientTaken(): VitaledgerError {
  return new VitaledgerError(
    'ALREADY_EXISTS',
    'A patient with this id is enrolled here already; make a new random id.',
    {
      what: 'patient',
    },
  );
}

function recordTaken(index: number): VitaledgerError {
  return new VitaledgerError(
    'ALREADY_EXISTS',
    `The id of input.records[${index}] is taken; nothing was registered. Make new random ids, or register the rest.`,
    { what: 'record', path: `input.records[${index}].id` },
  );
}
