import { FileCheckpoint, type LedgerBlock, type TrialEvent, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('events', function () {
  this.timeout(60_000);
  let sponsor: Vitaledger;
  let ethics: Vitaledger;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-events-'));
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const register = async (): Promise<string> => {
    const { trial } = await sponsor.trials.register(newTrial().registered);
    return trial;
  };

  const arrived = (at: Vitaledger, trial: string, status: string) =>
    eventually(
      () => at.trials.get(trial),
      (found) => found.status === status,
    );

  it('tell what was done with trials, from the first block on', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const { digest } = await arrived(ethics, trial, 'submitted');
    await ethics.trials.approve(trial, { approved: true, digest });
    await arrived(sponsor, trial, 'registered');
    await sponsor.trials.amend(trial, { version: 1, record: amended, reason: 'More participants' });
    const reader = await as('hospital', 'service');
    const seen: TrialEvent[] = [];
    for await (const event of reader.events.trials({ after: { block: 0n } })) {
      if (event.trial === trial) seen.push(event);
      if (seen.length === 3) break;
    }
    assert.deepEqual(
      seen.map(({ action, status, version, organization, reason }) => [
        action,
        status,
        version,
        organization,
        reason,
      ]),
      [
        ['submit', 'submitted', 1, 'ResearchMSP', undefined],
        ['approve', 'registered', 1, 'EthicsMSP', undefined],
        ['amend', 'registered', 2, 'ResearchMSP', 'More participants'],
      ],
    );
    const versions = seen.flatMap(({ added }) => added ?? []);
    const history = await reader.trials.history(trial);
    assert.deepEqual(
      versions,
      history.map(({ record, changes, digest: of }) => ({ record, changes, digest: of })),
    );
    assert.equal(versions[0]!.digest, digest);
  });

  it('go on behind a checkpoint, in another process’s place', async () => {
    const file = join(folder, 'trials.checkpoint');
    const read = async (wanted: string): Promise<readonly string[]> => {
      await using checkpoint = await FileCheckpoint.open(file);
      const seen: string[] = [];
      // One more is asked for, which says that the one before was handled.
      const stop = new AbortController();
      const reader = await as('hospital', 'service');
      for await (const { trial } of reader.events.trials({
        checkpoint,
        after: { block: 0n },
        signal: stop.signal,
      })) {
        seen.push(trial);
        if (trial === wanted) stop.abort();
      }
      return seen;
    };
    const first = await register();
    await read(first);
    const [second, third] = [await register(), await register()];
    assert.deepEqual(await read(third), [second, third]);
    const other = await as('hospital', 'service');
    await using checkpoint = await FileCheckpoint.open(file);
    await refused('PRECONDITION_FAILED', other.events.blocks('registry', { checkpoint }).next(), /of trials/);
  });

  it('come as blocks too, each following the one before, and from the care channel to nobody', async () => {
    const trial = await register();
    const auditor = await as('hospital', 'service');
    const blocks: LedgerBlock[] = [];
    for await (const block of auditor.events.blocks('registry', { after: { block: 0n } })) {
      blocks.push(block);
      const keys = block.transactions.flatMap(({ action }) => action?.writes.map(({ key }) => key) ?? []);
      if (keys.includes(`trial/${trial}`)) break;
    }
    assert.equal(blocks[0]?.transactions[0]?.type, 'config');
    assert.deepEqual(
      blocks.map(({ number }) => Number(number)),
      blocks.map((_, index) => index),
    );
    const registration = blocks.at(-1)?.transactions.find(({ isValid }) => isValid);
    assert.equal(registration?.action?.function, 'TrialRegistryContract:register');
    assert.equal(registration.creator?.mspId, 'ResearchMSP');
    assert.ok(
      new Set(registration.action.endorsers.map(({ mspId }) => mspId)).size > 1,
      'a majority endorsed',
    );
    const refusal = await refused('PERMISSION_DENIED', auditor.events.blocks('care').next(), /care channel/);
    assert.equal(refusal.details.reason, 'BLOCKS_REFUSED');
  });
});
