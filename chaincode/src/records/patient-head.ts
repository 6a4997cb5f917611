import { VitaledgerError, type PatientHead } from '@vitaledger/domain';
import { patientKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** The patient's head at this custodian. Throws NOT_FOUND if no such patient is enrolled here. */
export async function patientHead(ledger: Ledger, patient: string): Promise<PatientHead> {
  const head = await ledger.getPrivate(patientKey(patient));
  if (!head) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'No such patient is enrolled at this custodian; check the id and which custodian gave it.',
      { what: 'patient' },
    );
  }
  return head;
}
