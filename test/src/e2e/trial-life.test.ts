import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('the life of a trial', () => {
  let sponsor: Vitaledger;
  let ethics: Vitaledger;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
  });

  const approve = async (trial: string): Promise<void> => {
    const { digest } = await eventually(
      () => ethics.trials.get(trial),
      () => true,
    );
    await ethics.trials.approve(trial, { approved: true, digest });
    await eventually(
      () => sponsor.trials.get(trial),
      ({ status }) => status === 'registered',
    );
  };

  it('leads from its registration to its results, and can be seen as it stood at any instant', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    await approve(trial);
    await sponsor.trials.advance(trial, 'recruit', 'First participant');
    await sponsor.trials.amend(trial, { version: 1, record: amended, reason: 'Another outcome' });
    await sponsor.trials.advance(trial, 'close-recruitment', 'Enough participants');
    await sponsor.trials.advance(trial, 'complete', 'Last visit');
    await refused('PRECONDITION_FAILED', sponsor.trials.advance(trial, 'post-results', 'Published'));
    const outcomeMeasures = [{ type: 'PRIMARY', title: 'Blood pressure' }];
    const reported = { ...amended, resultsSection: { outcomeMeasuresModule: { outcomeMeasures } } };
    await sponsor.trials.amend(trial, { version: 2, record: reported, reason: 'Results' });
    const { status } = await sponsor.trials.advance(trial, 'post-results', 'Published');
    assert.equal(status, 'results-posted');

    const steps = await sponsor.trials.steps(trial);
    assert.deepEqual(
      steps.map(({ action, version }) => [action, version]),
      [
        ['submit', 1],
        ['approve', 1],
        ['recruit', 1],
        ['amend', 2],
        ['close-recruitment', 2],
        ['complete', 2],
        ['amend', 3],
        ['post-results', 3],
      ],
    );
    for (const step of steps) {
      const then = await sponsor.trials.asOf(trial, step.instant);
      assert.deepEqual([then.status, then.version, then.since], [step.status, step.version, step.instant]);
    }
    const first = await sponsor.trials.asOf(trial, steps[0]!.instant);
    const [version] = await sponsor.trials.history(trial);
    assert.deepEqual([first.record, first.digest, first.approvals], [version!.record, version!.digest, []]);
    const before = new Date(Date.parse(steps[0]!.instant) - 1).toISOString();
    await refused('NOT_FOUND', sponsor.trials.asOf(trial, before));
  });

  it('refuses steps out of order with what must come first, and by others than the sponsor', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const early = await refused('PRECONDITION_FAILED', sponsor.trials.advance(trial, 'recruit', 'Too early'));
    assert.match(early.message, /must be registered, after its approval/);
    await approve(trial);
    await refused('PERMISSION_DENIED', ethics.trials.advance(trial, 'recruit', 'Not ours'));
    await sponsor.trials.advance(trial, 'withdraw', 'No funding');
    await refused('PRECONDITION_FAILED', sponsor.trials.advance(trial, 'recruit', 'After all'));
    await refused(
      'PRECONDITION_FAILED',
      sponsor.trials.amend(trial, { version: 1, record: amended, reason: 'Results of nothing' }),
    );
    assert.equal((await sponsor.trials.get(trial)).status, 'withdrawn');
  });
});
