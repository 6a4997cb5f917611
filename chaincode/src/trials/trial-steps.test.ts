import assert from 'node:assert/strict';
import { Bench, caller } from '../testing/bench.js';
import { trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from './trial-registry-contract.js';

const registry = new TrialRegistryContract();
const sponsor = caller('ResearchMSP', 'sponsor');

describe('the steps of a trial', () => {
  let bench: Bench;
  let trial: string;

  beforeEach(async () => {
    bench = await Bench.founded();
    const args = [JSON.stringify(trialRecord())];
    trial = (JSON.parse(await bench.submit(registry, 'register', { as: sponsor, args })) as { trial: string })
      .trial;
  });

  const asOf = async (at: string) =>
    JSON.parse(await bench.evaluate(registry, 'asOf', { as: sponsor, args: [trial, at] })) as {
      status: string;
      version: number;
    };

  it('never go back in time, though the sender chooses the timestamp', async () => {
    const registered = bench.now;
    bench.skip(5000);
    const amended = JSON.stringify(trialRecord({ start: '2026-10-01' }));
    await bench.submit(registry, 'amend', { as: sponsor, args: [trial, '1', amended, 'later'] });
    const later = bench.now;
    const args = [trial, 'withdraw', 'no funding'];
    const timestamp = new Date(Date.parse(later) - 1).toISOString();
    await assert.rejects(bench.submit(registry, 'advance', { as: sponsor, args, timestamp }), {
      code: 'CONFLICT',
      details: { trial, latest: later, reason: 'BEFORE_LATEST_STEP' },
    });
    assert.equal((await asOf(registered)).version, 1);
    assert.equal((await asOf(timestamp)).version, 1);
    const now = await asOf(later);
    assert.deepEqual([now.version, now.status], [2, 'submitted']);
  });

  it('are only those that the sponsor takes alone, each with a reason', async () => {
    for (const args of [
      [trial, 'approve', 'ourselves'],
      [trial, 'register', 'ourselves'],
      [trial, 'withdraw', ' '],
      [trial, 'withdraw', 'ask ann@example.org'],
    ]) {
      await assert.rejects(bench.submit(registry, 'advance', { as: sponsor, args }), {
        code: 'INVALID_ARGUMENT',
      });
    }
    await assert.rejects(
      bench.submit(registry, 'advance', {
        as: caller('HospitalMSP', 'investigator'),
        args: [trial, 'withdraw', 'not ours'],
      }),
      { code: 'PERMISSION_DENIED', details: { reason: 'NOT_THE_SPONSOR' } },
    );
    await assert.rejects(asOf('yesterday'), { code: 'INVALID_ARGUMENT' });
  });
});
