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
    JSON.parse(await bench.evaluate(registry, 'asOf', { as: sponsor, args: [trial, at, ''] })) as {
      status: string;
      version: number;
    };

  it('never go back in time, though the sender chooses the timestamp', async () => {
    const registered = bench.now;
    bench.skip(5000);
    const amended = JSON.stringify(trialRecord({ start: '2026-10-01' }));
    await bench.submit(registry, 'amend', { as: sponsor, args: [trial, '1', amended, 'later', ''] });
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

  describe('and the time since when a version is in force', () => {
    const amend = (version: number, start: string, effective: string) =>
      bench.submit(registry, 'amend', {
        as: sponsor,
        args: [trial, String(version), JSON.stringify(trialRecord({ start })), 'later', effective],
      });
    const inForce = async (at: string, effective: string) => {
      const found = JSON.parse(
        await bench.evaluate(registry, 'asOf', { as: sponsor, args: [trial, at, effective] }),
      ) as { version: number; effective: string };
      return [found.version, found.effective];
    };

    it('are two times: what was known when, and what was in force when', async () => {
      const registered = bench.now;
      await bench.pass(86_400_000);
      const ahead = new Date(Date.parse(bench.now) + 30 * 86_400_000).toISOString();
      await amend(1, '2026-10-01', ahead);
      const told = bench.now;
      const dayBefore = new Date(Date.parse(ahead) - 1).toISOString();
      assert.equal((await asOf(told)).version, 2);
      assert.deepEqual(await inForce(told, dayBefore), [1, registered]);
      assert.deepEqual(await inForce(told, ahead), [2, ahead]);
      // What nobody had been told yet was not in force for anybody.
      assert.deepEqual(await inForce(registered, ahead), [1, registered]);
      const never = new Date(Date.parse(registered) - 1).toISOString();
      await assert.rejects(inForce(told, never), { code: 'NOT_FOUND' });
      await assert.rejects(inForce(told, 'soon'), { code: 'INVALID_ARGUMENT' });
    });

    it('may lie before the transaction, and never before that of the version before', async () => {
      const registered = bench.now;
      await bench.pass(86_400_000);
      const earlier = new Date(Date.parse(registered) + 3_600_000).toISOString();
      await amend(1, '2026-10-01', earlier);
      assert.deepEqual(await inForce(bench.now, earlier), [2, earlier]);
      await assert.rejects(amend(2, '2026-11-01', registered), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'effective', earliest: earlier },
      });
      await assert.rejects(amend(2, '2026-11-01', '2029-01-01T00:00:00.000Z'), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(amend(2, '2026-11-01', 'today'), { code: 'INVALID_ARGUMENT' });
    });
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
