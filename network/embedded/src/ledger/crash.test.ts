import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { verifyLedger } from './index.js';
import { MEMBERS, TestChannel, text } from './testing/test-channel.js';

/** Runs the load until so many blocks were acknowledged, then kills it a moment later; returns the last of them. */
async function killUnderLoad(directory: string, acknowledgements: number, delay: number): Promise<number> {
  const child = spawn(process.execPath, [join(__dirname, 'testing', 'load.js'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let last = 0;
  let count = 0;
  createInterface(child.stdout).on('line', (line) => {
    last = Number(line);
    if (++count === acknowledgements) {
      setTimeout(() => child.kill('SIGKILL'), delay);
    }
  });
  await closed;
  assert.equal(child.signalCode, 'SIGKILL', 'the load ran until it was killed');
  return last;
}

/** Small deterministic generator, so that a failure can be repeated. */
function* random(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('a ledger whose process is killed under load', () => {
  it('has lost no acknowledged block and no private data, and its state is what its blocks lead to', async function () {
    this.timeout(60_000);
    const directory = await mkdtemp(join(tmpdir(), 'crash-'));
    const numbers = random(20261122);
    try {
      for (let round = 0; round < 5; round++) {
        const acknowledgements = 1 + Math.floor(numbers.next().value * 25);
        const delay = numbers.next().value * 8;
        const last = await killUnderLoad(directory, acknowledgements, delay);
        const channel = await TestChannel.open({ directory });
        channel.collections.set('cc/c', MEMBERS);
        const height = Number(channel.ledger.height);
        assert.ok(height > last, `round ${round}: block ${last} was acknowledged, the height is ${height}`);
        for (let block = 1; block <= last; block++) {
          assert.equal(channel.ledger.transaction(`transaction ${block}`)?.code, 0);
          assert.equal((await channel.ledger.privateDataOf(BigInt(block), 'ClinicMSP', channel)).size, 1);
        }
        const values = await channel.read(async (simulator) => [
          text(await simulator.getState('cc', 'counter')),
          text(await simulator.getPrivateData('cc', 'c', 'counter')),
        ]);
        assert.deepEqual(values, [String(height - 1), String(height - 1)]);
        await channel.ledger.close();
        assert.deepEqual(await verifyLedger(directory), { height: BigInt(height), difference: undefined });
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
