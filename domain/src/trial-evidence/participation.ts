import * as v from 'valibot';
import type { MedicalActor } from '../consortium/roles.js';
import { purposesWithin } from '../decision/purposes.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { checkShape, closed, shapes, text, wholeNumber } from '../json/shape.js';
import type { ConsentBody } from '../statements/statement.js';
import { isTrialNumber } from './trial-number.js';

/** That a patient takes part in a trial, as the site holds it. Private. */
export interface Participation {
  /** 128 random bits: what the trial calls the participant stands nowhere on the ledger. */
  readonly participation: string;
  readonly patient: string;
  /** The registry's number. */
  readonly trial: string;
  /** The consent to this trial. */
  readonly consent: string;
  /** The end of the consent's period when it was enrolled under it. */
  readonly until?: string;
  readonly instant: string;
  readonly enrolledBy: MedicalActor;
  /** Pseudonym of the service that acted for this person. */
  readonly via?: string;
  readonly salt: string;
}

export const EMERGENCY_CAUSES = ['adverse-event', 'overdose', 'pregnancy', 'error', 'other'] as const;

/** Why a single participant was unblinded. */
export type EmergencyCause = (typeof EMERGENCY_CAUSES)[number];

/** That a single participant was unblinded in an emergency. Private at the site. */
export interface EmergencyUnblinding {
  readonly trial: string;
  readonly participation: string;
  readonly cause: EmergencyCause;
  readonly instant: string;
  readonly unblindedBy: MedicalActor;
  readonly via?: string;
  readonly salt: string;
}

/**
 * `withdrawn`: the participant revoked the consent. `ended`: its period is over. Either way nothing more is released under it; what was
 * collected before stays.
 */
export type ParticipationState = 'enrolled' | 'withdrawn' | 'ended';

/** What a site reports of a trial, and what the registry shows: totals since the beginning, in steps that time nobody. */
export interface ParticipantCounts {
  readonly enrolled: number;
  readonly withdrawn: number;
  /** Single participants who were unblinded in an emergency. */
  readonly emergencies: number;
}

/** The least by which a published total grows while the trial recruits. */
export const LEAST_BATCH = 5;

const trialNumber = text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial");

const enrolmentShape = closed({
  participation: shapes.id,
  patient: shapes.id,
  trial: trialNumber,
  consent: shapes.id,
  salt: shapes.salt,
});

const emergencyShape = closed({
  participation: shapes.id,
  trial: trialNumber,
  cause: v.picklist(EMERGENCY_CAUSES, `must be one of ${EMERGENCY_CAUSES.join(', ')}`),
  salt: shapes.salt,
});

const total = wholeNumber(0, 10_000_000);
const countsShape = closed({ enrolled: total, withdrawn: total, emergencies: total });

/** Checks the input of an enrolment. Throws INVALID_ARGUMENT with the JSON path. */
export function validateParticipation(
  value: unknown,
): Pick<Participation, 'participation' | 'patient' | 'trial' | 'consent' | 'salt'> {
  return checkShape(enrolmentShape, value, 'input');
}

/** Checks the input of an emergency unblinding. Throws INVALID_ARGUMENT with the JSON path. */
export function validateEmergency(
  value: unknown,
): Pick<EmergencyUnblinding, 'participation' | 'trial' | 'cause' | 'salt'> {
  return checkShape(emergencyShape, value, 'input');
}

/** Checks what a site reports. Throws INVALID_ARGUMENT with the JSON path. */
export function validateCounts(value: unknown): ParticipantCounts {
  return checkShape(countsShape, value, 'counts');
}

/**
 * Makes sure that a patient has consented to take part in a trial: a consent that names it, and permits nothing but clinical trial
 * research (HL7 v3 CLINTRCH).
 *
 * @throws VitaledgerError `PRECONDITION_FAILED` with `details.reason` `NO_TRIAL_CONSENT`.
 */
export function checkTrialConsent(consent: ConsentBody | undefined, trial: string): void {
  if (consent && consentsToTrial(consent, trial)) return;
  throw new VitaledgerError(
    'PRECONDITION_FAILED',
    'The patient has not consented to this trial here: a consent in force is needed that names the trial and permits the purpose CLINTRCH only.',
    { reason: 'NO_TRIAL_CONSENT' },
  );
}

/** Whether a consent is one to take part in this trial. */
export function consentsToTrial(
  { trial: named, provision }: Pick<ConsentBody, 'trial' | 'provision'>,
  trial: string,
): boolean {
  const purposes = (provision.purpose ?? []).flatMap(({ code }) => (code === undefined ? [] : [code]));
  const within = purposesWithin('CLINTRCH');
  return (
    named === trial &&
    provision.type === 'permit' &&
    purposes.length > 0 &&
    purposes.every((purpose) => within.includes(purpose))
  );
}

/**
 * What a site may publish of its totals: what has grown by a batch; the rest only once the trial no longer recruits.
 *
 * @param published what stands in the registry already.
 */
export function publishable(
  own: ParticipantCounts,
  published: ParticipantCounts | undefined,
  isRecruiting: boolean,
): ParticipantCounts {
  const before = published ?? { enrolled: 0, withdrawn: 0, emergencies: 0 };
  const next = (name: keyof ParticipantCounts): number =>
    isRecruiting && own[name] - before[name] < LEAST_BATCH ? before[name] : own[name];
  return { enrolled: next('enrolled'), withdrawn: next('withdrawn'), emergencies: next('emergencies') };
}

/**
 * Checks a report against the one before: totals never fall, and while the trial recruits they grow by a batch or not at all.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` (with `details.path`), `PRECONDITION_FAILED` (`NOTHING_NEW`).
 */
export function checkReport(
  counts: ParticipantCounts,
  published: ParticipantCounts | undefined,
  isRecruiting: boolean,
): void {
  const before = published ?? { enrolled: 0, withdrawn: 0, emergencies: 0 };
  const names = ['enrolled', 'withdrawn', 'emergencies'] as const;
  for (const name of names) {
    const step = counts[name] - before[name];
    if (step < 0) throw refused(name, 'must not fall: they are totals since the beginning');
    if (isRecruiting && step > 0 && step < LEAST_BATCH)
      throw refused(
        name,
        `must grow by at least ${LEAST_BATCH} while the trial recruits, so that it times nobody`,
      );
    if (counts[name] > counts.enrolled) throw refused(name, 'must not be more than were enrolled');
  }
  if (names.every((name) => counts[name] === before[name])) {
    throw new VitaledgerError('PRECONDITION_FAILED', 'These totals are published already.', {
      reason: 'NOTHING_NEW',
    });
  }
}

function refused(name: string, rule: string): VitaledgerError {
  const path = `counts.${name}`;
  return new VitaledgerError('INVALID_ARGUMENT', `${path} ${rule}`, { path });
}
