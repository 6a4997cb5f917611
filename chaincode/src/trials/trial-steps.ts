import { invalid, isInstant, VitaledgerError, type TrialAction, type TrialStatus } from '@vitaledger/domain';
import type { Ledger, PublicKey } from '../ledger/ledger.js';
import type { TrialHead } from './trial.js';

/** One thing that was done with a trial. */
export interface TrialStep {
  readonly action: TrialAction;
  /** After it. */
  readonly status: TrialStatus;
  /** The latest version after it. */
  readonly version: number;
  readonly instant: string;
  /** MSP id. */
  readonly organization: string;
  readonly reason?: string;
}

/** Written with the second step: until then the head says all of the first, and an import writes a key less for each trial. */
function stepsKey(id: string): PublicKey<readonly TrialStep[]> {
  return { public: `trial-steps/${id}` };
}

/** All steps of a trial, the first one first. */
export async function stepsOf(ledger: Ledger, head: TrialHead): Promise<readonly TrialStep[]> {
  return (await ledger.get(stepsKey(head.id))) ?? [firstStep(head)];
}

/** The step of a trial that has only been submitted. */
function firstStep({ status, version, sponsor, registered }: TrialHead): TrialStep {
  return { action: 'submit', status, version, instant: registered, organization: sponsor };
}

/**
 * Adds a step to the trial's life.
 *
 * @param before the head as it stands.
 * @param after what the step makes of it.
 * @throws VitaledgerError `CONFLICT` when the transaction's time lies before the latest step: nothing goes back in time.
 */
export async function addStep(
  ledger: Ledger,
  before: TrialHead,
  { id, status, version }: TrialHead,
  step: Pick<TrialStep, 'action' | 'instant' | 'organization' | 'reason'>,
): Promise<void> {
  const steps = await stepsOf(ledger, before);
  const latest = steps.at(-1);
  if (latest && step.instant < latest.instant) {
    throw new VitaledgerError(
      'CONFLICT',
      "The transaction's time lies before the trial's latest step; check this machine's clock and submit again.",
      { trial: id, latest: latest.instant, reason: 'BEFORE_LATEST_STEP' },
    );
  }
  await ledger.put(stepsKey(id), [...steps, { ...step, status, version }]);
}

/**
 * The last step of a trial up to an instant.
 *
 * @throws VitaledgerError `INVALID_ARGUMENT` when it is no instant, `NOT_FOUND` when the trial was not there yet.
 */
export async function stepAsOf(ledger: Ledger, head: TrialHead, at: string): Promise<TrialStep> {
  if (!isInstant(at)) throw invalid('at', 'must be an instant such as 2026-03-01T12:00:00.000Z');
  const steps = await stepsOf(ledger, head);
  const step = steps.findLast(({ instant }) => instant <= at);
  if (!step) {
    throw new VitaledgerError('NOT_FOUND', 'The trial was not registered yet at that instant.', {
      what: 'trial',
      ...(steps[0] ? { registered: steps[0].instant } : {}),
    });
  }
  return step;
}

/** Steps that the sponsor takes by themselves; others are part of registering, approving and amending. */
const SPONSORS_STEPS = [
  'recruit',
  'close-recruitment',
  'complete',
  'terminate',
  'withdraw',
  'post-results',
] as const satisfies readonly TrialAction[];

/** Throws INVALID_ARGUMENT for anything else. */
export function readStep(action: string): TrialAction {
  const step = SPONSORS_STEPS.find((one) => one === action);
  if (step === undefined) throw invalid('action', `must be one of ${SPONSORS_STEPS.join(', ')}`);
  return step;
}
