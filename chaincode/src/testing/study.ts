import type { StudyProposal, StudyVerdict } from '@vitaledger/domain';
import { CohortContract } from '../research/cohort-contract.js';
import { StudyContract } from '../research/study-contract.js';
import { caller, random, type Bench } from './bench.js';
import { KeyPair } from './patient.js';

const contract = new StudyContract();
const cohorts = new CohortContract();

/** What a study says of itself. */
export function studyProposal(committee: string, change: Partial<StudyProposal> = {}): StudyProposal {
  return {
    title: 'Kidneys in the old',
    purpose: { aims: ['health'], undertakings: [] },
    committee,
    ...change,
  };
}

/** A committee's approval, for a month. */
export function approval(bench: Bench): StudyVerdict {
  const until = new Date(Date.parse(bench.now) + 30 * 86_400_000).toISOString();
  return { approved: true, document: random(256), until };
}

/** Registers a study, and has it approved if told so. Returns its number. */
export async function registeredStudy(
  bench: Bench,
  organization: string,
  committee: string,
  state: 'waiting' | 'approved' = 'waiting',
  change: Partial<StudyProposal> = {},
): Promise<string> {
  const registered = await bench.submit(contract, 'register', {
    as: caller(organization, 'researcher'),
    args: [JSON.stringify(studyProposal(committee, change))],
  });
  const { study } = JSON.parse(registered) as { study: string };
  if (state === 'approved') await approve(bench, study, committee);
  return study;
}

/** Has a study approved by its committee. */
export async function approve(bench: Bench, study: string, committee: string): Promise<void> {
  const args = [study, JSON.stringify(approval(bench))];
  await bench.submit(contract, 'decide', { as: caller(committee, 'ethics'), args });
}

/** A question for a cohort. */
export function cohortAsk(study: string, change: object = {}) {
  return {
    study,
    question: 'consented',
    purpose: 'HRESCH',
    encryptionKey: new KeyPair().jwk,
    salt: random(),
    ...change,
  };
}

/** Has the organization's own study ask it for a cohort; returns the receipt. */
export async function askedCohort(
  bench: Bench,
  organization: string,
  study: string,
  change: object = {},
): Promise<string> {
  const call = { as: caller(organization, 'researcher'), input: cohortAsk(study, change) };
  const { receipt } = JSON.parse(await bench.submit(cohorts, 'ask', call)) as { receipt: string };
  return receipt;
}

/** Has the custodian's service answer. */
export async function answerCohort(
  bench: Bench,
  custodian: string,
  receipt: string,
  count: number,
): Promise<void> {
  const input = { receipt, count, salt: random() };
  await bench.submit(cohorts, 'answer', { as: caller(custodian, 'service'), input });
}
