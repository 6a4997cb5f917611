import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

const PROGRAM = join(__dirname, '../../../client/bin/vitaledger.js');

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

  it('is worked with by the command', async function () {
    this.timeout(180_000);
    const folder = mkdtempSync(join(tmpdir(), 'trial-analysis-'));
    const network = await suiteNetwork();
    const env = {
      ...process.env,
      VITALEDGER_PROFILE: network.profile('research'),
      VITALEDGER_IDENTITY: network.identity('research', 'sponsor').mspDirectory,
    };
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [PROGRAM, 'trial', 'analysis', ...args], { encoding: 'utf8', env });
    const ok = (...args: readonly string[]): unknown => {
      const { status, stdout, stderr } = run(...args);
      assert.equal(status, 0, stderr);
      return stdout === '' ? undefined : JSON.parse(stdout);
    };
    try {
      const own = (await sponsor.trials.register(newTrial().registered)).trial;
      const [file, other] = [join(folder, 'list.csv'), join(folder, 'other.csv')];
      writeFileSync(file, list);
      writeFileSync(other, '1,B\n');
      const { list: number, late } = ok('commit-list', own, file) as { list: number; late: boolean };
      assert.deepEqual([number, late], [1, false]);
      assert.equal(run('commit-list', own, join(folder, 'nothing.csv')).status, 4);
      assert.equal(run('reveal-list', own, '1').status, 5);
      const { digest } = await ethics.trials.get(own);
      await ethics.trials.approve(own, { approved: true, digest });
      await sponsor.trials.advance(own, 'recruit', 'First participant');
      ok('unblind', own, '--plan', 'none', '--reason', 'Database locked');
      ok('reveal-list', own, '1');
      ok('verify-list', own, '1', file);
      assert.equal(run('verify-list', own, '1', other).status, 7);
      const shown = ok('show', own) as {
        lists: { revealed?: object }[];
        unblinding: { plan: object | null };
      };
      assert.ok(shown.lists[0]?.revealed);
      assert.equal(shown.unblinding.plan, null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
