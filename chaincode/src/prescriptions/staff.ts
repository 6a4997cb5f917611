import { mayVouch, type Role } from '@vitaledger/domain';
import { denied } from '../authorization/acting-person.js';
import { admit, type Admission } from '../authorization/admission.js';
import type { TransactionContext } from '../contract/transaction-context.js';
import type { GuardedFunction } from '../authorization/permissions.js';

/**
 * Lets staff of a role call a public function, or a service whose organization may vouch for that role: in public no
 * service may say for whom it acts.
 */
export async function admitStaff(
  context: TransactionContext,
  name: GuardedFunction,
  role: Role,
): Promise<Admission> {
  const admission = await admit(context, name);
  const { document, person } = admission;
  const kinds = document.organizations[person.mspId]?.kinds ?? [];
  if (person.role === 'service' && !mayVouch(kinds, role)) {
    throw denied(
      `Your organization may not vouch for the role ${role}, so its service may not do this.`,
      'ROLE_NOT_VOUCHED',
    );
  }
  return admission;
}
