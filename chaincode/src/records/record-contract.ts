import {
  canonicalJson,
  checkShape,
  enrolHead,
  invalid,
  isDigest,
  isMspId,
  shapes,
  validateBulk,
  validateEnrolment,
  validateInspection,
  validateRecords,
  VitaledgerError,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { receiptShape } from '../access/receipt-holder.js';
import { admit } from '../authorization/admission.js';
import { adoptedDocument, ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { sealAnswer } from '../disclosure/sealed-answer.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { patientKey, proofKey } from '../ledger/keys.js';
import { pageShape } from '../ledger/page.js';
import { checkOffice, inspectedPage, openInspection, ownInspection } from './inspection.js';
import { patientHead } from './patient-head.js';
import { registerRecords } from './registration.js';

const bulkLoad = v.strictObject({ patients: v.unknown(), actor: v.exactOptional(v.unknown()) });

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
    const instant = await ledgerTime(ledger, document);
    const one = { patient: input.patient, records, path: 'input.records' };
    await registerRecords(ledger, [one], { document, person, instant });
    return '';
  }

  /** Registers records of several patients, 1 to 2,000 altogether, all or none. */
  @Transaction()
  @Returns('string')
  async registerBatch(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const input = checkShape(bulkLoad, ledger.input, 'input');
    const patients = validateBulk(input.patients);
    const { document, person } = await admit(context, 'RecordContract:registerBatch', input.actor);
    const instant = await ledgerTime(ledger, document);
    const registrations = patients.map((one, n) => ({ ...one, path: `input.patients[${n}].records` }));
    await registerRecords(ledger, registrations, { document, person, instant });
    return '';
  }

  /**
   * The hash of a content's proof at a custodian, for whoever was given the content and the proof's salt. Any peer knows
   * it; the proof's id tells nothing of the record.
   */
  @Transaction(false)
  @Returns('string')
  async contentHash(context: TransactionContext, custodian: string, proof: string): Promise<string> {
    if (!isMspId(custodian)) throw invalid('custodian', 'must be an MSP id');
    if (!isDigest(proof)) throw invalid('proof', 'must be the id of a proof: 64 hexadecimal digits');
    const { organizations } = await adoptedDocument(context.ledger);
    const isMember = Object.hasOwn(organizations, custodian);
    const hash = isMember ? await context.ledger.privateHash(custodian, proofKey(proof)) : undefined;
    if (hash !== undefined) return canonicalJson({ hash });
    throw new VitaledgerError(
      'NOT_FOUND',
      'This custodian has no such proof: nothing was registered with this salt there, or it was erased.',
      { what: 'proof' },
    );
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
    const head = await patientHead(ledger, request.patient);
    return canonicalJson({ receipt: await openInspection(ledger, acting, head, request, instant) });
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
