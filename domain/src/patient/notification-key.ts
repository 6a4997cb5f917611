import { invalid } from '../errors/vitaledger-error.js';
import { nextNotificationKey } from '../notifications/tag.js';
import { acceptInChain } from '../statements/chain.js';
import type { VerifiedStatement } from '../statements/verify.js';
import { refuseStale, rewritten, type HeadChange } from './head-change.js';
import type { PatientHead } from './head.js';

/**
 * The head after the patient's statement that changes the notification key is accepted.
 *
 * @param mspId the custodian.
 * @throws VitaledgerError `PERMISSION_DENIED`, `CONFLICT` (chain), `INVALID_ARGUMENT`, `EXPIRED` (signed too long ago).
 */
export function changeNotificationKey(
  head: PatientHead,
  verified: VerifiedStatement,
  mspId: string,
  change: HeadChange,
): PatientHead {
  const { statement } = verified;
  if (statement.kind !== 'notification') throw invalid('statement.kind', 'must be notification');
  const chain = acceptInChain(head, verified, mspId);
  refuseStale(statement.issued, change.instant);
  const notificationKey = nextNotificationKey(head.notificationKey, statement.body.fresh);
  return rewritten({ ...head, ...chain, notificationKey }, change.salt);
}
