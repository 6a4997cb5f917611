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

/** All steps of a trial, the first one first. */
export function stepsKey(id: string): PublicKey<readonly TrialStep[]> {
  return { public: `trial-steps/${id}` };
}

/** The life of a trial that has only been submitted. */
export function firstStep({ status, version, sponsor, registered }: TrialHead): readonly TrialStep[] {
  return [{ action: 'submit', status, version, instant: registered, organization: sponsor }];
}

/**
 * Adds a step to the trial's life, whose status and version are the head's.
 *
 * @throws VitaledgerError `CONFLICT` when the transaction's time lies before the latest step: nothing goes back in time.
 */
export async function addStep(
  ledger: Ledger,
  { id, status, version }: TrialHead,
  step: Pick<TrialStep, 'action' | 'instant' | 'organization' | 'reason'>,
): Promise<void> {
  const steps = (await ledger.get(stepsKey(id))) ?? [];
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
export async function stepAsOf(ledger: Ledger, id: string, at: string): Promise<TrialStep> {
  if (!isInstant(at)) throw invalid('at', 'must be an instant such as 2026-03-01T12:00:00.000Z');
  const steps = (await ledger.get(stepsKey(id))) ?? [];
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
