import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('the integrity of an analysis', () => {
  let sponsor: Vitaledger;
  let ethics: Vitaledger;
  let reader: Vitaledger;
  let trial: string;
  const list = Buffer.from('1,A\n2,B\n3,B\n4,A\n');

  before(async () => {
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
    reader = await as('hospital', 'service');
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
    const { digest } = await sponsor.trials.get(trial);
    await ethics.trials.approve(trial, { approved: true, digest });
  });

  const plan = (content: string) =>
    sponsor.trialDocuments.register(trial, {
      kind: 'statistical-analysis-plan',
      title: 'Analysis plan',
      language: 'en',
      mediaType: 'text/plain',
      content: Buffer.from(content),
    });

  it('is shown by what was committed to before anything was known', async () => {
    const committed = await sponsor.trialAnalysis.commitList(trial, list);
    assert.deepEqual([committed.list, committed.late], [1, false]);
    await sponsor.trials.advance(trial, 'recruit', 'First participant');
    assert.equal((await sponsor.trialAnalysis.commitList(trial, Buffer.from('5,A'))).late, true);
    const { digest } = await plan('mixed model');

    await refused('PRECONDITION_FAILED', sponsor.trialAnalysis.revealList(trial, 1), /break the blind/);
    const noPlan = sponsor.trialAnalysis.unblind(trial, { plan: committed.commitment, reason: 'Locked' });
    assert.equal((await refused('PRECONDITION_FAILED', noPlan)).details.reason, 'NO_ANALYSIS_PLAN');
    await refused(
      'PERMISSION_DENIED',
      ethics.trialAnalysis.unblind(trial, { plan: digest, reason: 'Locked' }),
    );
    const unblinding = await sponsor.trialAnalysis.unblind(trial, {
      plan: digest,
      reason: 'Database locked',
    });
    assert.equal(unblinding.plan?.digest, digest);

    await refused('PRECONDITION_FAILED', sponsor.trialAnalysis.verifyList(trial, 1, list));
    await sponsor.trialAnalysis.revealList(trial, 1);
    await sponsor.trialDocuments.find(trial, (await plan('another model')).digest);
    const shown = await sponsor.trialAnalysis.get(trial);
    assert.deepEqual(
      shown.plans.map(({ late }) => late),
      [false, true],
    );
    const verified = await sponsor.trialAnalysis.verifyList(trial, 1, list);
    assert.equal(verified.commitment, committed.commitment);
    await refused('INTEGRITY', sponsor.trialAnalysis.verifyList(trial, 1, Buffer.from('1,B\n')));
    await refused('NOT_FOUND', sponsor.trialAnalysis.verifyList(trial, 3, list));
    assert.equal((await reader.trialAnalysis.get(trial)).lists.length, 2);
  });
});
