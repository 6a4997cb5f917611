import { adoptedDocument } from '../consortium/adopted-document.js';
import type { StoredDocument } from '../consortium/stored-document.js';
import type { TransactionContext } from '../contract/transaction-context.js';
import { actingPerson, denied, type ActingPerson } from './acting-person.js';
import { PERMISSIONS, type GuardedFunction, type Permission } from './permissions.js';

/** A caller who may call the function, and the consortium document that says so. */
export interface Admission extends ActingPerson {
  readonly document: StoredDocument;
}

/**
 * Lets a caller in, or throws PERMISSION_DENIED. Any member's client may reach any member's peer, so every function
 * that is not for everyone begins with this.
 *
 * @param actor `input.actor`: the person a service identity acts for.
 */
export async function admit(
  context: TransactionContext,
  name: GuardedFunction,
  actor?: unknown,
): Promise<Admission> {
  return admitUnder(await adoptedDocument(context.ledger), context, name, actor);
}

/** As {@link admit}, under a document that the function has already read (or, before the first adoption, was given). */
export function admitUnder(
  document: StoredDocument,
  context: TransactionContext,
  name: GuardedFunction,
  actor?: unknown,
): Admission {
  const acting = actingPerson(context.caller, document, actor);
  const permission: Permission = PERMISSIONS[name];
  if (permission.organization === 'custodian' && context.caller.mspId !== context.ledger.custodian) {
    throw denied(
      "Only the custodian's own people may do this; address your own organization's peers.",
      'NOT_THE_CUSTODIAN',
    );
  }
  if (permission.roles !== 'any' && !permission.roles.includes(acting.person.role)) {
    throw denied(`${name} needs the role ${permission.roles.join(' or ')}.`, 'ROLE');
  }
  return { ...acting, document };
}
