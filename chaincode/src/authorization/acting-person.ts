import {
  checkShape,
  isRole,
  isSubject,
  mayVouch,
  type ConsortiumDocument,
  type MedicalActor,
  type Organization,
  type Role,
  ROLES,
  text,
  VitaledgerError,
} from '@vitaledger/domain';
import * as v from 'valibot';
import type { Caller } from './caller.js';

/** Who acts in a transaction, and through which service, if the person does not hold the certificate. */
export interface ActingPerson {
  readonly person: MedicalActor;
  /** Subject of the `service` identity that names the person. */
  readonly via?: string;
}

/** Roles for whom no service may speak: they are held by certificates of their own. */
const NOT_BY_SERVICE: readonly Role[] = ['service', 'admin'];

const namedActor = v.strictObject({
  role: v.picklist(
    ROLES.filter((role) => !NOT_BY_SERVICE.includes(role)),
    'must be the role of a person',
  ),
  subject: text(
    isSubject,
    'must be a pseudonym of 1 to 128 letters, digits, dots, dashes, colons or underscores',
  ),
});

/**
 * The person behind a call: the certificate's own, or the one a `service` identity names in `input.actor`.
 *
 * @throws VitaledgerError `PERMISSION_DENIED` if the organization is no active member, may not vouch for the role, or
 * the certificate claims neither role nor subject; `INVALID_ARGUMENT` if the named actor is malformed.
 */
export function actingPerson(caller: Caller, document: ConsortiumDocument, actor: unknown): ActingPerson {
  const organization = activeMember(caller, document);
  const held = heldIdentity(caller);
  vouchFor(organization, held.role);
  if (actor === undefined) return { person: held };
  if (held.role !== 'service') {
    throw denied(
      'Only a service identity may name the person it acts for; leave out "actor".',
      'ACTOR_NOT_ALLOWED',
    );
  }
  const named = checkShape(namedActor, actor, 'input.actor');
  vouchFor(organization, named.role);
  return { person: { mspId: caller.mspId, ...named }, via: held.subject };
}

/** The caller's organization. Throws PERMISSION_DENIED unless it is an active member of the consortium. */
export function activeMember(caller: Caller, document: ConsortiumDocument): Organization {
  const organization = Object.hasOwn(document.organizations, caller.mspId)
    ? document.organizations[caller.mspId]
    : undefined;
  if (!organization) {
    throw denied(
      'Your organization is not in the consortium document; ask the members to adopt it.',
      'NOT_A_MEMBER',
    );
  }
  if (organization.status !== 'active') {
    throw denied('Your organization is suspended in the consortium document.', 'SUSPENDED');
  }
  return organization;
}

/** What the certificate claims. Throws PERMISSION_DENIED if it claims no role or no proper subject. */
export function heldIdentity(caller: Caller): MedicalActor {
  if (!isRole(caller.role) || !isSubject(caller.subject)) {
    throw denied(
      'Your certificate carries no valid attributes vitaledger.role and vitaledger.subject; have it issued with them.',
      'NO_ROLE',
    );
  }
  return { mspId: caller.mspId, subject: caller.subject, role: caller.role };
}

function vouchFor(organization: Organization, role: Role): void {
  if (!mayVouch(organization.kinds, role)) {
    throw denied(
      `Your organization may not vouch for the role ${role}; its kinds are ${organization.kinds.join(', ')}.`,
      'ROLE_NOT_VOUCHED',
    );
  }
}

export function denied(message: string, reason: string): VitaledgerError {
  return new VitaledgerError('PERMISSION_DENIED', message, { reason });
}
