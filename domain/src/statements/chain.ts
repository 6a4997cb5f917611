import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { PatientHead } from '../patient/head.js';
import type { VerifiedStatement } from './verify.js';

/** Where a custodian's chain of statements stands. */
export interface ChainState {
  readonly sequence: number;
  readonly previous: string | null;
}

/**
 * The chain's state once this statement is accepted.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` if the statement is not addressed to `mspId`;
 * `CONFLICT` if it does not follow the last accepted one (an older one sent again, or one that missed another device's).
 */
export function acceptInChain(
  head: Pick<PatientHead, 'sequence' | 'previous'>,
  verified: VerifiedStatement,
  mspId: string,
): ChainState {
  const { statement, digest } = verified;
  const link = Object.hasOwn(statement.custodians, mspId) ? statement.custodians[mspId] : undefined;
  if (statement.kind !== 'consent' || !link || !('sequence' in link)) {
    throw new VitaledgerError('PERMISSION_DENIED', 'The statement is not addressed to this custodian', {
      reason: 'NOT_ADDRESSED',
    });
  }
  if (link.sequence !== head.sequence + 1 || link.previous !== head.previous) {
    throw new VitaledgerError(
      'CONFLICT',
      'The statement does not follow the last one accepted here; read the chain (consents list) and sign it anew',
      { reason: 'NOT_NEXT_IN_CHAIN', sequence: head.sequence },
    );
  }
  return { sequence: link.sequence, previous: digest };
}
