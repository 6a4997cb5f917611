import {
  canonicalJson,
  checkShape,
  enrolHead,
  labelling,
  shapes,
  text,
  validateEnrolment,
  validateRecords,
  VitaledgerError,
  withoutKeyShare,
  type RecordInput,
  type RecordMetadata,
  type SensitivityMap,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { admit } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { adoptedMap } from '../consortium/adopted-map.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { erasureKey, patientKey, recordKey, recordsOf } from '../ledger/keys.js';
import { DEFAULT_PAGE, page, pageShape } from '../ledger/page.js';
import { patientHead } from './patient-head.js';

const registration = v.strictObject({
  patient: shapes.id,
  records: v.unknown(),
  actor: v.exactOptional(v.unknown()),
});

const listing = v.strictObject({ patient: shapes.id, ...pageShape, actor: v.exactOptional(v.unknown()) });

const erasing = v.strictObject({
  patient: shapes.id,
  record: shapes.id,
  reason: text(
    (value) => /^\S(?:[^\p{Cc}]{0,498}\S)?$/u.test(String(value)),
    'must be 1 to 500 characters on one line, without outer spaces',
  ),
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
      const stored: RecordMetadata = { ...label(record), patient, registered, registeredBy: person };
      await ledger.putPrivate(recordKey(patient, record.id), stored);
    }
    return '';
  }

  /** One page of a patient's records, by id, without the shares of their keys. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(listing, ledger.input, 'input');
    await admit(context, 'RecordContract:list', input.actor);
    const { patient } = await patientHead(ledger, input.patient);
    const entries = ledger.rangePrivate(recordsOf(patient, input.bookmark));
    const { items, bookmark } = await page(entries, input.pageSize ?? DEFAULT_PAGE, withoutKeyShare);
    return canonicalJson({ records: items, bookmark });
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
    if (!(await ledger.getPrivate(recordKey(patient, record)))) {
      throw new VitaledgerError(
        'NOT_FOUND',
        'This patient has no such record here; it may be erased already.',
        {
          what: 'record',
        },
      );
    }
    await ledger.purgePrivate(recordKey(patient, record));
    const by = via === undefined ? { by: person } : { by: person, via };
    await ledger.putPrivate(erasureKey(patient, record), { patient, record, instant, ...by, reason, salt });
    return '';
  }
}

/** Adds to a record the labels that the consortium's map derives, if there is one. */
function labeller(
  map: SensitivityMap | undefined,
): (record: RecordInput) => RecordInput & Pick<RecordMetadata, 'labelledBy'> {
  if (!map) return (record) => record;
  const labelsOf = labelling(map);
  const labelledBy = { id: map.id, version: map.version };
  return (record) => ({ ...record, labels: labelsOf(record), labelledBy });
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
