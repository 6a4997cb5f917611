import { handleOf, organizationActor, purposeCoding, type ConsentBody } from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { caller, random, type Bench } from './bench.js';
import type { KeyPair, Patient } from './patient.js';
import type { TrialParticipant } from './trial-participant.js';

/** What a patient has said to treatment, or to a trial, when somebody calls. */
export const CONSENT_STATES = [
  /** No statement speaks of those who ask. */
  'silent',
  'permitted',
  'denied',
  /** Permitted, and taken back by the secret; the custodian has not closed it yet. */
  'revoked',
  /** Revoked, and taken out of the patient head. */
  'closed',
  /** Permitted, and then restricted altogether. */
  'restricted',
] as const;
export type ConsentState = (typeof CONSENT_STATES)[number];

const access = new AccessContract();
const consents = new ConsentContract();

/**
 * Brings a patient's consent to treatment by the organizations into a state. Before the last change each organization's
 * practitioner-1 asks for metadata: the receipts, by MSP id, tell what becomes of a request that was made in time.
 */
export async function bringConsent(
  bench: Bench,
  patient: Patient,
  organizations: readonly string[],
  state: ConsentState,
  key: KeyPair,
): Promise<ReadonlyMap<string, string>> {
  const consent = random();
  if (state !== 'silent') {
    const provision = {
      type: state === 'denied' ? ('deny' as const) : ('permit' as const),
      actor: organizations.map(organizationActor),
      purpose: [purposeCoding('TREAT')],
    };
    await grant(bench, patient, { consent, provision });
  }
  const receipts = new Map<string, string>();
  for (const mspId of organizations) {
    const asked = { scope: 'metadata', purpose: 'TREAT', filter: {}, encryptionKey: key.jwk, salt: random() };
    const call = { as: caller(mspId, 'practitioner'), at: patient.custodian };
    const answer = await bench.submit(access, 'request', {
      ...call,
      input: { patient: patient.id, ...asked },
    });
    receipts.set(mspId, (JSON.parse(answer) as { receipt: string }).receipt);
  }
  await change(bench, patient, consent, state);
  return receipts;
}

/** The same for a participant's consent to the trial. A silent one is a patient of the site, and no more. */
export async function bringParticipant(
  participant: TrialParticipant,
  state: ConsentState,
): Promise<TrialParticipant> {
  const { bench, patient } = participant;
  const type = state === 'denied' ? 'deny' : 'permit';
  await participant.consent({
    ...(state === 'silent' ? { trial: `VL-${'0'.repeat(16)}` } : {}),
    provision: { type, purpose: [purposeCoding('CLINTRCH')], period: { end: '2027-03-01' } },
  });
  await change(bench, patient, participant.consentId, state);
  return participant;
}

async function change(bench: Bench, patient: Patient, consent: string, state: ConsentState): Promise<void> {
  const as = caller(patient.custodian, 'service');
  if (state === 'revoked' || state === 'closed') {
    const secret = patient.secrets.get(consent) ?? '';
    await bench.submit(consents, 'revoke', { as, args: [secret] });
    if (state === 'revoked') return;
    const input = { patient: patient.id, consent, secret, salt: random() };
    await bench.submit(consents, 'close', { as, input });
  }
  if (state === 'restricted') {
    const body = { prohibition: random(), handle: handleOf(random(256)), provision: { type: 'deny' } };
    const statement = patient.declare({ kind: 'restriction', body } as never);
    await bench.submit(consents, 'declare', {
      as,
      input: { patient: patient.id, statement, salt: random() },
    });
  }
}

async function grant(bench: Bench, patient: Patient, body: Partial<ConsentBody>): Promise<void> {
  const input = { patient: patient.id, statement: patient.consent(body), salt: random() };
  await bench.submit(consents, 'grant', { as: caller(patient.custodian, 'service'), input });
}
