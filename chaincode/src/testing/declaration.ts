import {
  handleOf,
  organizationActor,
  purposeCoding,
  type DelegationBody,
  type GuardianBody,
  type RegistrarRecord,
} from '@vitaledger/domain';
import { random } from './bench.js';
import type { KeyPair } from './patient.js';

const text = { digest: 'e'.repeat(64), language: 'de' };

/** An opt-out of secondary use, as a patient signs it. */
export function optOut(secret = random(256)) {
  return { kind: 'opt-out', body: { prohibition: random(), handle: handleOf(secret) } } as const;
}

/** A delegation to a key, as a patient signs it. */
export function delegationTo(
  delegate: KeyPair,
  change: Partial<DelegationBody> = {},
  secret = random(256),
): { readonly kind: 'delegation'; readonly body: DelegationBody } {
  const body: DelegationBody = {
    delegation: random(),
    handle: handleOf(secret),
    delegate: delegate.jwk,
    acts: ['consent', 'log', 'recover'],
    text,
    ...change,
  };
  return { kind: 'delegation', body };
}

/** A guardian by age, as a registrar records it. */
export function guardianRecord(
  guardian: KeyPair,
  change: Partial<GuardianBody> = {},
): Extract<RegistrarRecord, { kind: 'guardian' }> {
  const { body } = delegationTo(guardian, { acts: ['consent', 'log'] });
  return {
    kind: 'guardian',
    body: { ...body, basis: 'minor', ...change },
    source: { form: 'court', document: 'd'.repeat(64) },
  };
}

/** A consent on paper that lets the clinic treat, as a registrar records it. */
export function paperConsent(
  secret = random(256),
  consent = random(),
): Extract<RegistrarRecord, { kind: 'consent' }> {
  return {
    kind: 'consent',
    body: {
      consent,
      version: 1,
      handle: handleOf(secret),
      provision: {
        type: 'permit',
        actor: [organizationActor('ClinicMSP')],
        purpose: [purposeCoding('TREAT')],
      },
      text,
    },
    source: { form: 'paper', document: 'd'.repeat(64) },
  };
}
