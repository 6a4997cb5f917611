import { VitaledgerError } from '../errors/vitaledger-error.js';
import { digestOf } from '../json/canonical.js';
import type { AddressedPatient } from './statement.js';

/**
 * How a statement names its patient at a custodian: SHA-256 of `vitaledger/patient/<id>`, in hexadecimal.
 *
 * A statement goes to several custodians, and each knows the patient by another id. From the id itself, one custodian
 * could compute the other's hashed keys and follow the patient through the blocks; from its digest nothing follows, since
 * an id is 128 random bits.
 */
export function patientMark(patient: string): string {
  return digestOf(`vitaledger/patient/${patient}`);
}

/** A custodian and the id by which it knows a patient. */
export interface Addressee {
  readonly mspId: string;
  readonly patient: string;
}

/**
 * What a statement says about this patient at this custodian: its link in the chain, or for a `read` no more than whom it is about.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` (`NOT_ADDRESSED`, `OTHER_PATIENT`): with one key for several patients, a relay
 * could otherwise deliver the statement for the one to the other.
 */
export function addressedLink<L extends AddressedPatient>(
  { custodians }: { readonly custodians: Readonly<Record<string, L>> },
  { mspId, patient }: Addressee,
): L {
  const link = Object.hasOwn(custodians, mspId) ? custodians[mspId] : undefined;
  if (!link) {
    throw new VitaledgerError('PERMISSION_DENIED', 'The statement is not addressed to this custodian', {
      reason: 'NOT_ADDRESSED',
    });
  }
  if (link.patient !== patientMark(patient)) {
    throw new VitaledgerError(
      'PERMISSION_DENIED',
      'The statement is about another patient of this custodian',
      {
        reason: 'OTHER_PATIENT',
      },
    );
  }
  return link;
}
