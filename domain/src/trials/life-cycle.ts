import { VitaledgerError } from '../errors/index.js';

/** The life of a trial on the registry. */
export const TRIAL_STATUSES = [
  'draft',
  'submitted',
  'ethics-approved',
  'registered',
  'recruiting',
  'active',
  'completed',
  'terminated',
  'withdrawn',
  'results-posted',
] as const;

export type TrialStatus = (typeof TRIAL_STATUSES)[number];

/** What is done with a trial. `amend` adds a version and leaves the status as it is. */
export type TrialAction =
  | 'draft'
  | 'submit'
  | 'approve'
  | 'reject'
  | 'register'
  | 'recruit'
  | 'close-recruitment'
  | 'complete'
  | 'terminate'
  | 'withdraw'
  | 'post-results'
  | 'amend';

interface Step {
  /** Statuses the step starts from; `none` is a trial that does not exist yet. */
  readonly from: readonly (TrialStatus | 'none')[];
  /** The status after it; `same` keeps it. */
  readonly to: TrialStatus | 'same';
  /** Who may take it: roles of persons or kinds of organizations. */
  readonly actors: readonly string[];
  /** What the message says about a trial in another status. */
  readonly needs: string;
}

const SPONSOR = ['sponsor', 'investigator', 'research'] as const;
const ETHICS = ['ethics'] as const;

const STEPS: Readonly<Record<TrialAction, Step>> = {
  draft: { from: ['none'], to: 'draft', actors: SPONSOR, needs: 'there must be no trial of that number yet' },
  submit: {
    from: ['none', 'draft'],
    to: 'submitted',
    actors: SPONSOR,
    needs: 'only a new trial or a draft can be submitted; amend the trial instead',
  },
  approve: {
    from: ['submitted'],
    to: 'ethics-approved',
    actors: ETHICS,
    needs: 'only a submitted trial can be approved',
  },
  reject: {
    from: ['submitted'],
    to: 'draft',
    actors: ETHICS,
    needs: 'only a submitted trial can be sent back',
  },
  // The approval completes the registration, so the ethics board's transaction may carry this step too.
  register: {
    from: ['ethics-approved'],
    to: 'registered',
    actors: [...SPONSOR, ...ETHICS, 'registrar'],
    needs: 'an ethics organization must approve the trial first',
  },
  recruit: {
    from: ['registered'],
    to: 'recruiting',
    actors: SPONSOR,
    needs: 'the trial must be registered, after its approval by an ethics organization',
  },
  'close-recruitment': {
    from: ['recruiting'],
    to: 'active',
    actors: SPONSOR,
    needs: 'the trial must be recruiting',
  },
  complete: {
    from: ['recruiting', 'active'],
    to: 'completed',
    actors: SPONSOR,
    needs: 'the trial must be recruiting or active',
  },
  terminate: {
    from: ['recruiting', 'active'],
    to: 'terminated',
    actors: SPONSOR,
    needs: 'the trial must have begun and not ended; before it begins, withdraw it',
  },
  withdraw: {
    from: ['draft', 'submitted', 'ethics-approved', 'registered'],
    to: 'withdrawn',
    actors: SPONSOR,
    needs: 'only a trial that has not begun can be withdrawn; terminate it instead',
  },
  'post-results': {
    from: ['completed', 'terminated'],
    to: 'results-posted',
    actors: SPONSOR,
    needs: 'the trial must be completed or terminated',
  },
  amend: {
    from: TRIAL_STATUSES.filter((status) => status !== 'withdrawn'),
    to: 'same',
    actors: SPONSOR,
    needs: 'the trial must exist and not be withdrawn',
  },
};

/**
 * The status of a trial after an action.
 *
 * @param current the status now; undefined when there is no such trial yet.
 * @param actors the role of the person who acts and the kinds of the organization, as far as it vouches for them.
 * @throws VitaledgerError `PRECONDITION_FAILED` when the step is not legal from here (the message says what must come first),
 * `PERMISSION_DENIED` when somebody else must take it.
 */
export function nextStatus(
  current: TrialStatus | undefined,
  action: TrialAction,
  actors: readonly string[],
): TrialStatus {
  const step = STEPS[action];
  const now = current ?? 'none';
  if (!step.actors.some((actor) => actors.includes(actor))) {
    throw new VitaledgerError('PERMISSION_DENIED', `To ${phrase(action)} is for: ${step.actors.join(', ')}`, {
      action,
    });
  }
  if (!step.from.includes(now)) {
    const status = current === undefined ? 'does not exist' : `is ${current}`;
    throw new VitaledgerError(
      'PRECONDITION_FAILED',
      `Cannot ${phrase(action)}: the trial ${status}; ${step.needs}`,
      { action, status: now },
    );
  }
  return step.to === 'same' ? (current ?? 'draft') : step.to;
}

/** The actions that are legal from a status, for whom it may concern. */
export function legalActions(current: TrialStatus | undefined): readonly TrialAction[] {
  const actions = Object.keys(STEPS) as TrialAction[];
  return actions.filter((action) => STEPS[action].from.includes(current ?? 'none'));
}

const PHRASES: Partial<Readonly<Record<TrialAction, string>>> = {
  draft: 'draft a trial',
  recruit: 'start to recruit',
  'close-recruitment': 'close recruitment',
  'post-results': 'post results',
};

function phrase(action: TrialAction): string {
  return PHRASES[action] ?? `${action} a trial`;
}
