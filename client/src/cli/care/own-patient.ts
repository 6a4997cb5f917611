import { isId, VitaledgerError } from '@vitaledger/domain';
import type { Vitaledger } from '../../connect.js';
import { readToken } from './patient-files.js';

/** A patient of one's own organization, from the id there or from the token. Throws `INVALID_ARGUMENT` for another custodian's. */
export async function ownPatient({ mspId }: Vitaledger, given: string): Promise<string> {
  if (isId(given)) return given;
  const { custodian, patient } = await readToken(given);
  if (custodian === mspId) return patient;
  throw new VitaledgerError(
    'INVALID_ARGUMENT',
    `The token is of a patient of ${custodian}; ${mspId} keeps records of its own patients only`,
  );
}
