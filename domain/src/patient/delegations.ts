import { invalid, VitaledgerError } from '../errors/vitaledger-error.js';
import type { DelegationBody } from '../statements/bodies.js';
import { thumbprint } from '../statements/jwk.js';
import { refuseUsedHandle } from './consents.js';
import type { ActiveDelegation, PatientHead, Relationship } from './head.js';

/** The most delegations that can be in force at once. */
export const MAX_DELEGATIONS = 20;

/** What a delegation rests on besides its body. */
export interface DelegationGround {
  readonly relationship: Relationship;
  readonly basis?: 'minor' | 'incapacity';
  /** Digest of the statement or record. */
  readonly evidence: string;
  readonly instant: string;
}

/**
 * The head with a delegation in force. Those that have ended leave it. A guardian of a minor ends at the patient's age-out
 * at the latest.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT`, `CONFLICT`, `PRECONDITION_FAILED`, `EXPIRED`.
 */
export function delegate(head: PatientHead, body: DelegationBody, ground: DelegationGround): PatientHead {
  const { relationship, basis, evidence, instant } = ground;
  const { delegation, handle, delegate: jwk, acts, purposes, hidden } = body;
  const from = body.from !== undefined && body.from > instant ? body.from : instant;
  const to = endOf(head, body, basis);
  if (to !== undefined && to <= from) {
    throw new VitaledgerError('EXPIRED', 'The delegation would have ended before it began', {
      reason: 'DELEGATION_OVER',
    });
  }
  const kept = (head.delegations ?? []).filter((other) => other.to === undefined || instant < other.to);
  refuseKnownDelegate({ ...head, delegations: kept }, body);
  refuseUsedHandle(head, handle);
  const entry: ActiveDelegation = {
    delegation,
    relationship,
    ...(basis === undefined ? {} : { basis }),
    jwk,
    acts,
    ...(purposes === undefined ? {} : { purposes }),
    ...(hidden === undefined ? {} : { hidden }),
    handle,
    from,
    ...(to === undefined ? {} : { to }),
    evidence,
  };
  return { ...head, delegations: [...kept, entry] };
}

/** When it ends: by its own words, and for a minor when the patient comes of age. */
function endOf(
  { ageOut }: PatientHead,
  { until }: DelegationBody,
  basis: DelegationGround['basis'],
): string | undefined {
  if (basis !== 'minor') return until;
  if (ageOut === undefined) {
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      'The patient was enrolled without an age-out date, so nobody can be guardian by age',
      { reason: 'NO_AGE_OUT' },
    );
  }
  return until !== undefined && until < ageOut ? until : ageOut;
}

function refuseKnownDelegate(
  { keys, delegations = [] }: PatientHead,
  { delegation, delegate: jwk }: DelegationBody,
): void {
  const kid = thumbprint(jwk);
  if (keys.some((key) => key.kid === kid)) {
    throw invalid(
      'statement.body.delegate',
      "must not be one of the patient's own keys: nobody is their own delegate",
      {
        reason: 'DELEGATION_TO_SELF',
      },
    );
  }
  if (delegations.some((other) => other.delegation === delegation || thumbprint(other.jwk) === kid)) {
    throw new VitaledgerError(
      'CONFLICT',
      'This delegation, or another one of the same key, is in force; end it first',
      { reason: 'DELEGATE_IN_FORCE' },
    );
  }
  if (delegations.length >= MAX_DELEGATIONS) {
    throw new VitaledgerError('PRECONDITION_FAILED', `A patient has at most ${MAX_DELEGATIONS} delegates`, {
      reason: 'TOO_MANY_DELEGATES',
    });
  }
}
