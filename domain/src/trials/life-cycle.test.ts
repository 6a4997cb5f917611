import assert from 'node:assert/strict';
import { VitaledgerError } from '../errors/index.js';
import {
  legalActions,
  nextStatus,
  TRIAL_STATUSES,
  type TrialAction,
  type TrialStatus,
} from './life-cycle.js';

const SPONSOR = ['sponsor'];
const ETHICS = ['ethics'];

function codeOf(current: TrialStatus | undefined, action: TrialAction, actors: readonly string[]): string {
  try {
    return nextStatus(current, action, actors);
  } catch (error) {
    assert.ok(error instanceof VitaledgerError);
    return error.code;
  }
}

describe('nextStatus', () => {
  it('leads a trial from its submission to its results', () => {
    const story: [TrialAction, readonly string[], TrialStatus][] = [
      ['submit', ['investigator'], 'submitted'],
      ['approve', ETHICS, 'ethics-approved'],
      ['register', ETHICS, 'registered'],
      ['recruit', SPONSOR, 'recruiting'],
      ['amend', ['research'], 'recruiting'],
      ['close-recruitment', SPONSOR, 'active'],
      ['complete', SPONSOR, 'completed'],
      ['post-results', SPONSOR, 'results-posted'],
    ];
    let status: TrialStatus | undefined;
    for (const [action, actors, after] of story) {
      status = nextStatus(status, action, actors);
      assert.equal(status, after);
    }
  });

  it('refuses to register before the ethics approval, and says so', () => {
    assert.throws(
      () => nextStatus('submitted', 'register', SPONSOR),
      (error: VitaledgerError) =>
        error.code === 'PRECONDITION_FAILED' &&
        error.message ===
          'Cannot register a trial: the trial is submitted; an ethics organization must approve the trial first',
    );
  });

  it('lets nobody but ethics approve or send back', () => {
    for (const action of ['approve', 'reject'] as const) {
      assert.equal(codeOf('submitted', action, ['sponsor', 'research', 'investigator']), 'PERMISSION_DENIED');
    }
    assert.equal(codeOf('submitted', 'reject', ETHICS), 'draft');
    assert.equal(codeOf('submitted', 'approve', []), 'PERMISSION_DENIED');
  });

  it('lets ethics neither submit nor amend', () => {
    assert.equal(codeOf(undefined, 'submit', ETHICS), 'PERMISSION_DENIED');
    assert.equal(codeOf('recruiting', 'amend', ETHICS), 'PERMISSION_DENIED');
  });

  it('refuses every step that the table does not allow', () => {
    const everybody = ['sponsor', 'ethics'];
    const actions: TrialAction[] = [
      ...new Set([undefined, ...TRIAL_STATUSES].flatMap((status) => legalActions(status))),
    ];
    assert.equal(actions.length, 12);
    for (const status of [undefined, ...TRIAL_STATUSES]) {
      for (const action of actions) {
        const isLegal = legalActions(status).includes(action);
        assert.equal(
          codeOf(status, action, everybody) !== 'PRECONDITION_FAILED',
          isLegal,
          `${action} ${status ?? ''}`,
        );
      }
    }
    assert.deepEqual(legalActions('withdrawn'), []);
    assert.deepEqual(legalActions('results-posted'), ['amend']);
    assert.equal(codeOf(undefined, 'amend', SPONSOR), 'PRECONDITION_FAILED');
    assert.equal(codeOf('recruiting', 'withdraw', SPONSOR), 'PRECONDITION_FAILED');
    assert.equal(codeOf('registered', 'terminate', SPONSOR), 'PRECONDITION_FAILED');
  });
});
