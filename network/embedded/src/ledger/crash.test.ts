import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { verifyLedger } from './index.js';
import { commitNext } from './testing/counter.js';
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

/** A ledger begins anew after so many kills: what is recovered and verified should not grow with the rounds. */
const ROUNDS_OF_A_LEDGER = 20;

/** `npm run crash` sets both to what takes a night's while; what is tried otherwise is a sample. */
const rounds = Number(process.env.CRASH_ROUNDS ?? 5);
const lengths = Number(process.env.CRASH_LENGTHS ?? 12);
const seed = Number(process.env.CRASH_SEED ?? 20261122);

/** Holds what is on disk against the number of the last block that was acknowledged. */
async function checkRecovered(directory: string, last: number, what: string): Promise<void> {
  const channel = await TestChannel.open({ directory });
  channel.collections.set('cc/c', MEMBERS);
  const height = Number(channel.ledger.height);
  assert.ok(height > last, `${what}: block ${last} was acknowledged, the height is ${height}`);
  for (let block = 1; block <= last; block++) {
    assert.equal(channel.ledger.transaction(`transaction ${block}`)?.code, 0);
    assert.equal((await channel.ledger.privateDataOf(BigInt(block), 'ClinicMSP', channel)).size, 1);
  }
  const values = await channel.read(async (simulator) => [
    text(await simulator.getState('cc', 'counter')),
    text(await simulator.getPrivateData('cc', 'c', 'counter')),
  ]);
  const expected = height === 1 ? '' : String(height - 1);
  assert.deepEqual(values, [expected, expected], what);
  await channel.ledger.close();
  assert.deepEqual(await verifyLedger(directory), { height: BigInt(height), difference: undefined }, what);
}

describe('a ledger whose process is killed under load', () => {
  it('has lost no acknowledged block and no private data, and its state is what its blocks lead to', async function () {
    this.timeout(60_000 + rounds * 10_000);
    const numbers = random(seed);
    for (let done = 0; done < rounds; done += ROUNDS_OF_A_LEDGER) {
      const directory = await mkdtemp(join(tmpdir(), 'crash-'));
      try {
        for (let round = done; round < Math.min(rounds, done + ROUNDS_OF_A_LEDGER); round++) {
          const acknowledgements = 1 + Math.floor(numbers.next().value * 25);
          const delay = numbers.next().value * 8;
          const last = await killUnderLoad(directory, acknowledgements, delay);
          await checkRecovered(directory, last, `seed ${seed}, round ${round}`);
        }
      } finally {
        await rm(directory, { recursive: true });
      }
    }
  });
});

describe('a ledger whose last block is torn', () => {
  it('drops it at every length, and takes it again', async function () {
    this.timeout(60_000 + lengths * 5_000);
    const directory = await mkdtemp(join(tmpdir(), 'torn-'));
    try {
      const [before, torn] = [join(directory, 'before'), join(directory, 'torn')];
      await commitTo(before, 3);
      const start = (await stat(join(before, 'blocks'))).size;
      await cp(before, torn, { recursive: true });
      await commitTo(torn, 4);
      const whole = await readFile(join(torn, 'blocks'));
      for (const length of sample(start, whole.length)) {
        await rm(torn, { recursive: true });
        await cp(before, torn, { recursive: true });
        await writeFile(join(torn, 'blocks'), whole.subarray(0, length));
        const what = `length ${length} of ${whole.length}`;
        await checkRecovered(torn, 2, what);
        await commitTo(torn, 4);
        await checkRecovered(torn, 3, what);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

/** Commits blocks as the load does, up to a height. */
async function commitTo(directory: string, height: number): Promise<void> {
  const channel = await TestChannel.open({ directory });
  channel.collections.set('cc/c', MEMBERS);
  for (let block = Number(channel.ledger.height); block < height; block++) {
    await commitNext(channel, 1);
  }
  await channel.ledger.close();
}

/** Lengths short of the whole, the first and the last and some between; all when there are no more than may be tried. */
function* sample(start: number, end: number): Generator<number> {
  const step = Math.max(1, (end - start) / lengths);
  for (let length = start; length < end; length += step) {
    yield Math.floor(length);
  }
  yield end - 1;
}

describe('a ledger whose disk is full', () => {
  it('stops, has lost nothing that was acknowledged, and goes on when there is room', async function () {
    this.timeout(60_000);
    const directory = await mkdtemp(join(tmpdir(), 'full-'));
    try {
      // No file may grow beyond so many blocks of 512 or 1,024 bytes: a write fails as on a full disk.
      const child = spawn(
        'sh',
        [
          '-c',
          'ulimit -f 128; exec "$0" "$@"',
          process.execPath,
          join(__dirname, 'testing', 'load.js'),
          directory,
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const closed = once(child, 'close');
      let last = 0;
      const complaints: string[] = [];
      createInterface(child.stdout).on('line', (line) => (last = Number(line)));
      createInterface(child.stderr).on('line', (line) => complaints.push(line));
      await closed;
      assert.ok(last > 0, 'some blocks fitted');
      assert.notEqual(child.exitCode, 0);
      assert.match(complaints.join('\n'), /EFBIG|file too large|IO error/i);
      await checkRecovered(directory, last, 'full disk');
      await commitTo(directory, last + 5);
      await checkRecovered(directory, last + 3, 'after the full disk');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
