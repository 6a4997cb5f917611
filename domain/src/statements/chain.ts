import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import type { PatientHead } from '../patient/head.js';
import { addressedLink } from './patient-mark.js';
import type { VerifiedStatement } from './verify.js';

/** Where a custodian's chain of statements stands. */
export interface ChainState {
  readonly sequence: number;
  readonly previous: string | null;
}

/**
 * The chain's state once this statement is accepted.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` if the statement is not addressed to `mspId` about this patient;
 * `CONFLICT` if it does not follow the last accepted one (an older one sent again, or one that missed another device's).
 */
export function acceptInChain(
  head: Pick<PatientHead, 'patient' | 'sequence' | 'previous'>,
  verified: Pick<VerifiedStatement, 'statement' | 'digest'>,
  mspId: string,
): ChainState {
  const { statement, digest } = verified;
  if (statement.kind === 'read')
    throw invalid('statement.kind', 'must be one that changes something, not read');
  const link = addressedLink(statement, { mspId, patient: head.patient });
  if (link.sequence !== head.sequence + 1 || link.previous !== head.previous) {
    throw new VitaledgerError(
      'CONFLICT',
      'The statement does not follow the last one accepted here; read the chain (consents list) and sign it anew',
      { reason: 'NOT_NEXT_IN_CHAIN', sequence: head.sequence },
    );
  }
  return { sequence: link.sequence, previous: digest };
}
