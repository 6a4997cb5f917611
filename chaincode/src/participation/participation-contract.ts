import {
  canonicalJson,
  checkShape,
  checkTrialConsent,
  consentsToTrial,
  isTrialNumber,
  text,
  validateEmergency,
  validateParticipation,
  VitaledgerError,
  type ActiveConsent,
  type ParticipantCounts,
  type Participation,
  type ParticipationState,
  type PatientHead,
} from '@vitaledger/domain';
import * as v from 'valibot';
import { signedConsent } from '../access/consents-in-force.js';
import { admit } from '../authorization/admission.js';
import { revocationsOf } from '../consent/revocations.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { TransactionContext } from '../contract/transaction-context.js';
import { VitaledgerContract } from '../contract/vitaledger-contract.js';
import { Info, Returns, Transaction } from '../fabric/contract-api.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { patientKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { DEFAULT_PAGE, page, pageShape } from '../ledger/page.js';
import { patientHead } from '../records/patient-head.js';
import {
  checkParticipation,
  emergenciesOf,
  emergencyKey,
  participantKey,
  participationKey,
  participationsOf,
} from './participation-store.js';

const trial = text((value) => isTrialNumber(String(value)), "must be the registry's number of a trial");
const listing = v.strictObject({ trial, ...pageShape, actor: v.exactOptional(v.unknown()) });
const counting = v.strictObject({ trial, actor: v.exactOptional(v.unknown()) });

/**
 * Who takes part in a trial, held by the site where they are treated: on the strength of a consent that the participant signed, and
 * no longer than that. Nothing of it is public; the registry learns totals.
 */
@Info({ title: 'ParticipationContract', description: 'Participants of clinical trials at their sites' })
export class ParticipationContract extends VitaledgerContract {
  constructor() {
    super('ParticipationContract');
  }

  /** Enrols a patient who has signed a consent to this trial. */
  @Transaction()
  @Returns('string')
  async enrol(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const { salt, ...enrolment } = validateParticipation(rest);
    const { document, person, via } = await admit(context, 'ParticipationContract:enrol', actor);
    const instant = await ledgerTime(ledger, document);
    const head = await patientHead(ledger, enrolment.patient);
    const consent = inForce(head, enrolment.consent, instant);
    checkTrialConsent(consent && signedConsent(consent, head, ledger.custodian), enrolment.trial);
    await refuseTwice(ledger, enrolment);
    const who = via === undefined ? { enrolledBy: person } : { enrolledBy: person, via };
    const until = consent?.to === undefined ? {} : { until: consent.to };
    await ledger.putPrivate(participationKey(enrolment.trial, enrolment.participation), {
      ...enrolment,
      ...until,
      instant,
      ...who,
      salt: derivedSalt(salt, 'participation'),
    });
    await ledger.putPrivate(participantKey(enrolment.patient, enrolment.trial), {
      participation: enrolment.participation,
      salt: derivedSalt(salt, 'participant'),
    });
    return '';
  }

  /** Logs that a single participant was unblinded in an emergency. */
  @Transaction()
  @Returns('string')
  async emergency(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...rest } = ledger.input;
    const emergency = validateEmergency(rest);
    const { document, person, via } = await admit(context, 'ParticipationContract:emergency', actor);
    const instant = await ledgerTime(ledger, document);
    await checkParticipation(ledger, emergency.trial, emergency.participation);
    const who = via === undefined ? { unblindedBy: person } : { unblindedBy: person, via };
    await ledger.putPrivate(emergencyKey(emergency.trial, ledger.transactionId), {
      ...emergency,
      instant,
      ...who,
    });
    return '';
  }

  /** A page of the trial's participants at this site, by their random ids, each with where they stand now. */
  @Transaction(false)
  @Returns('string')
  async list(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...asked } = checkShape(listing, ledger.input, 'input');
    await admit(context, 'ParticipationContract:list', actor);
    const range = participationsOf(asked.trial, asked.bookmark);
    const found = await page(ledger.rangePrivate(range), asked.pageSize ?? DEFAULT_PAGE, (one) => one);
    const participants = [];
    for (const one of found.items) {
      const { participation, instant } = one;
      participants.push({ participation, instant, state: await stateOf(context, one) });
    }
    return canonicalJson({ participants, bookmark: found.bookmark });
  }

  /** A page of the log of emergencies, in no order of time. */
  @Transaction(false)
  @Returns('string')
  async emergencies(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const { actor, ...asked } = checkShape(listing, ledger.input, 'input');
    await admit(context, 'ParticipationContract:emergencies', actor);
    const range = emergenciesOf(asked.trial, asked.bookmark);
    const found = await page(ledger.rangePrivate(range), asked.pageSize ?? DEFAULT_PAGE, (one) => {
      const { participation, cause, instant, unblindedBy, via } = one;
      return { participation, cause, instant, unblindedBy, ...(via === undefined ? {} : { via }) };
    });
    return canonicalJson({ emergencies: found.items, bookmark: found.bookmark });
  }

  /** This site's totals of a trial, exact: what may be published of them is another question. */
  @Transaction(false)
  @Returns('string')
  async counts(context: TransactionContext): Promise<string> {
    const { ledger } = context;
    const asked = checkShape(counting, ledger.input, 'input');
    await admit(context, 'ParticipationContract:counts', asked.actor);
    const counts = { enrolled: 0, withdrawn: 0, emergencies: 0 } satisfies ParticipantCounts;
    for await (const { value } of ledger.rangePrivate(participationsOf(asked.trial))) {
      counts.enrolled += 1;
      if ((await stateOf(context, value)) === 'withdrawn') counts.withdrawn += 1;
    }
    const unblinded = new Set<string>();
    for await (const { value } of ledger.rangePrivate(emergenciesOf(asked.trial)))
      unblinded.add(value.participation);
    return canonicalJson({ ...counts, emergencies: unblinded.size });
  }
}

/** Revoked consents are not looked for here: the public read set would tie the participant to the revocation. */
function inForce(head: PatientHead, id: string, instant: string): ActiveConsent | undefined {
  return head.consents.find(({ consent, to }) => consent === id && (to === undefined || instant <= to));
}

async function refuseTwice(
  ledger: Ledger,
  { participation, patient, trial: number }: Pick<Participation, 'participation' | 'patient' | 'trial'>,
): Promise<void> {
  const taken =
    (await ledger.getPrivate(participationKey(number, participation))) ??
    (await ledger.getPrivate(participantKey(patient, number)));
  if (!taken) return;
  throw new VitaledgerError('ALREADY_EXISTS', 'This patient takes part in this trial here already.', {
    what: 'participation',
  });
}

/** By this peer's own time, from the consents that are in force now. */
async function stateOf(
  context: TransactionContext,
  participation: Participation,
): Promise<ParticipationState> {
  const { ledger } = context;
  const now = context.peerTime();
  const head = await ledger.getPrivate(patientKey(participation.patient));
  const consent = head && inForce(head, participation.consent, now);
  if (head && consent && !(await revocationsOf(ledger, [consent.handle])).has(consent.handle)) {
    const signed = signedConsent(consent, head, ledger.custodian);
    if (signed && consentsToTrial(signed, participation.trial)) return 'enrolled';
  }
  return participation.until !== undefined && participation.until < now ? 'ended' : 'withdrawn';
}
