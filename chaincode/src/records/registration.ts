import {
  isReplaced,
  VitaledgerError,
  type ConsortiumDocument,
  type MedicalActor,
  type PatientHead,
  type RecordInput,
  type RecordMetadata,
} from '@vitaledger/domain';
import { adoptedMap } from '../consortium/adopted-map.js';
import { recordKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { putProof } from './content-proof.js';
import { labeller } from './labeller.js';
import { patientHead } from './patient-head.js';

/** Records to be registered for one patient. */
export interface Registration {
  readonly patient: string;
  readonly records: readonly RecordInput[];
  /** Where the records stand in the input, for an error. */
  readonly path: string;
}

/**
 * Registers records of one or more patients, all or none. Reads the heads and the records' own keys only, so registrations
 * never conflict with each other.
 */
export async function registerRecords(
  ledger: Ledger,
  registrations: readonly Registration[],
  by: { readonly document: ConsortiumDocument; readonly person: MedicalActor; readonly instant: string },
): Promise<void> {
  for (const { patient, records, path } of registrations) {
    refuseReplaced(await patientHead(ledger, patient));
    for (const [index, { id }] of records.entries()) {
      if (await ledger.getPrivate(recordKey(patient, id))) throw recordTaken(`${path}[${index}]`);
    }
  }
  const label = labeller(await adoptedMap(ledger, by.document));
  for (const { patient, records } of registrations) {
    for (const record of records) {
      const stored: RecordMetadata = {
        ...label(record),
        patient,
        registered: by.instant,
        registeredBy: by.person,
        version: 1,
      };
      await ledger.putPrivate(recordKey(patient, record.id), stored);
      await putProof(ledger, stored, 'current');
    }
  }
}

/** What is new belongs to the entry that counts. */
function refuseReplaced(head: PatientHead): void {
  if (!isReplaced(head)) return;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    "Another entry of the patient replaces this one; register with that one's id, which the patient's links tell.",
    { reason: 'REPLACED' },
  );
}

function recordTaken(path: string): VitaledgerError {
  return new VitaledgerError(
    'ALREADY_EXISTS',
    `The id of ${path} is taken; nothing was registered. Make new random ids, or register the rest.`,
    { what: 'record', path: `${path}.id` },
  );
}
