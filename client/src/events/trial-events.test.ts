import assert from 'node:assert/strict';
import type { EventPosition } from '../connection/follow.js';
import { testChain } from '../testing/block.js';
import { decodeBlock } from './decode-block.js';
import { trialEvents, type TrialEvent } from './trial-events.js';

const step = (action: string, version: number, more = {}) => ({
  action,
  status: 'submitted',
  version,
  instant: '2026-03-01T12:00:00.000Z',
  organization: 'ResearchMSP',
  ...more,
});
const version = { record: { a: 1 }, changes: [], digest: 'd1', instant: 'i', organization: 'ResearchMSP' };

const chain = testChain([
  [{ id: 'genesis', type: 1 }],
  [
    { id: 'tx1', writes: { 'trial-steps/T1': [step('submit', 1)], 'trial-version/T1/000001': version } },
    { id: 'tx2', code: 11, writes: { 'trial-steps/T9': [step('submit', 1)] } },
    { id: 'tx3', writes: { 'trial-steps/T2': [step('submit', 1)], 'trial-version/T2/000001': version } },
  ],
  [{ id: 'tx4', writes: { clock: { beat: 3 } } }],
  [{ id: 'tx5', writes: { 'trial-steps/T1': [step('submit', 1), step('approve', 1, { reason: 'Sound' })] } }],
]).map(decodeBlock);

async function read(after?: EventPosition) {
  const passed: (string | TrialEvent)[] = [];
  async function* blocks() {
    for (const block of chain) if (block.number >= (after?.block ?? 0n)) yield await Promise.resolve(block);
  }
  for await (const { behind, event } of trialEvents(blocks(), 'registry', after)) {
    passed.push(event ?? `to ${behind.block.toString()}`);
  }
  return passed;
}

describe('events of trials', () => {
  it('are the steps that valid transactions wrote, with the version that came with them', async () => {
    const passed = await read();
    assert.deepEqual(
      passed.map((one) =>
        typeof one === 'string' ? one : `${one.action} ${one.trial} in ${one.transactionId}`,
      ),
      ['to 1', 'submit T1 in tx1', 'submit T2 in tx3', 'to 2', 'to 3', 'approve T1 in tx5', 'to 4'],
    );
    assert.deepEqual(passed[1], {
      action: 'submit',
      trial: 'T1',
      status: 'submitted',
      version: 1,
      instant: '2026-03-01T12:00:00.000Z',
      organization: 'ResearchMSP',
      added: { record: { a: 1 }, changes: [], digest: 'd1' },
      transactionId: 'tx1',
      position: { block: 1n, transactionId: 'tx1' },
    });
    const approval = passed[5] as TrialEvent;
    assert.deepEqual([approval.reason, approval.added], ['Sound', undefined]);
  });

  it('go on behind the one that was handled last, within its block', async () => {
    const passed = await read({ block: 1n, transactionId: 'tx1' });
    assert.equal((passed[0] as TrialEvent).trial, 'T2');
    assert.equal((await read({ block: 1n, transactionId: 'tx3' }))[0], 'to 2');
  });

  it('are of each trial where several were registered together, and go on behind any of them', async () => {
    const writes: Record<string, unknown> = {};
    for (const trial of ['T5-00', 'T5-01', 'T5-02']) {
      writes[`trial-steps/${trial}`] = [step('submit', 1)];
      writes[`trial-version/${trial}/000001`] = version;
    }
    const blocks = testChain([[{ id: 'genesis', type: 1 }], [{ id: 'tx1', writes }]]).map(decodeBlock);
    const events = async (after?: EventPosition) => {
      async function* open() {
        for (const block of blocks)
          if (block.number >= (after?.block ?? 0n)) yield await Promise.resolve(block);
      }
      const all: TrialEvent[] = [];
      for await (const { event } of trialEvents(open(), 'registry', after)) if (event) all.push(event);
      return all;
    };
    const all = await events();
    assert.deepEqual(
      all.map(({ trial, added }) => [trial, added?.digest]),
      [
        ['T5-00', 'd1'],
        ['T5-01', 'd1'],
        ['T5-02', 'd1'],
      ],
    );
    for (const [index, { position }] of all.entries())
      assert.deepEqual(await events(position), all.slice(index + 1));
  });

  it('do not go on in a ledger that lacks what was handled last', async () => {
    await assert.rejects(read({ block: 1n, transactionId: 'elsewhere' }), { code: 'INTEGRITY' });
  });
});
