import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventPosition } from '../connection/follow.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { checkpointed, type Checkpoint, type Passed } from './checkpoint.js';

const source = { networkId: '5b'.repeat(16), channel: 'registry', stream: 'numbers' };

/** A checkpoint that remembers what it was told. */
class Remembered implements Checkpoint {
  readonly saved: bigint[] = [];
  constructor(readonly start?: EventPosition) {}
  load(): Promise<EventPosition | undefined> {
    return Promise.resolve(this.start);
  }
  save({ block }: EventPosition): Promise<void> {
    this.saved.push(block);
    return Promise.resolve();
  }
}

async function* numbers(after: EventPosition | undefined, until: number): AsyncGenerator<Passed<number>> {
  for (let number = Number(after?.block ?? 0n); number < until; number++) {
    yield await Promise.resolve({ behind: { block: BigInt(number + 1) }, event: number });
  }
}

describe('events with a checkpoint', () => {
  const folder = temporaryFolder();

  it('are saved as handled when the next one is asked for, and not before', async () => {
    const checkpoint = new Remembered();
    const events = checkpointed((after) => numbers(after, 3), { source, checkpoint });
    assert.equal((await events.next()).value, 0);
    assert.deepEqual(checkpoint.saved, []);
    assert.equal((await events.next()).value, 1);
    assert.deepEqual(checkpoint.saved, [1n]);
    await events.return(undefined);
    assert.deepEqual(checkpoint.saved, [1n], 'the one that was left comes again');
  });

  it('begin behind the checkpoint, and where they are told only without one', async () => {
    const first = async (checkpoint: Checkpoint | undefined): Promise<number | undefined> => {
      const options = { source, checkpoint, after: { block: 5n } };
      for await (const number of checkpointed((after) => numbers(after, 9), options)) return number;
      return undefined;
    };
    assert.equal(await first(new Remembered({ block: 2n })), 2);
    assert.equal(await first(new Remembered()), 5);
    assert.equal(await first(undefined), 5);
  });

  it('move a checkpoint on over long stretches without any', async () => {
    const checkpoint = new Remembered();
    async function* quiet(): AsyncGenerator<Passed<number>> {
      for (let block = 1n; block <= 1200n; block++) yield await Promise.resolve({ behind: { block } });
    }
    for await (const event of checkpointed(quiet, { source, checkpoint })) assert.fail(`event ${event}`);
    assert.deepEqual(checkpoint.saved, [500n, 1000n]);
  });

  /**
   * The handling contract. Each life of the program handles events by appending them to a file, synced, and is killed at a random
   * moment. Then nothing is missing or out of order, and of each life at most the last event came again.
   */
  it('survive being killed at random moments: nothing is missed, and only what was being handled comes again', async function () {
    this.timeout(60_000);
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = randomOf(seed);
    const handled = join(folder(), 'handled');
    const lives = 8;
    for (let life = 0; life < lives; life++) {
      await killedAfter(Math.round(random() * 200), [join(folder(), 'checkpoint'), handled]);
    }
    await killedAfter(undefined, [join(folder(), 'checkpoint'), handled]);
    const seen = (await readFile(handled, 'utf8')).trim().split('\n').map(Number);
    const repeated = seen.filter((number, index) => index > 0 && number <= seen[index - 1]!);
    const distinct = seen.filter((number, index) => number !== seen[index - 1]);
    assert.deepEqual(
      distinct,
      Array.from({ length: 100 }, (_, number) => number),
      `SEED=${seed}`,
    );
    assert.ok(repeated.length <= lives, `${repeated.length} came again; SEED=${seed}`);
  });
});

/** Runs the program that handles the numbers 0 to 99, and kills it after so many milliseconds of its handling. */
async function killedAfter(milliseconds: number | undefined, args: readonly string[]): Promise<void> {
  const program = `
    const { appendFileSync, openSync, fsyncSync, writeSync } = require('node:fs');
    const { checkpointed } = require(${JSON.stringify(require.resolve('./checkpoint.js'))});
    const { FileCheckpoint } = require(${JSON.stringify(require.resolve('./file-checkpoint.js'))});
    const [file, handled, limit] = process.argv.slice(1);
    async function* numbers(after) {
      for (let number = Number(after?.block ?? 0n); number < 100; number++) {
        yield { behind: { block: BigInt(number + 1) }, event: number };
      }
    }
    async function main() {
      const checkpoint = await FileCheckpoint.open(file);
      const output = openSync(handled, 'a');
      if (limit !== '') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(limit));
      for await (const number of checkpointed(numbers, { source: ${JSON.stringify(source)}, checkpoint })) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        writeSync(output, number + '\\n');
        fsyncSync(output);
      }
      await checkpoint.close();
      process.exit(0);
    }
    main().catch((error) => { console.error(error); process.exit(1); });`;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, ['-e', program, ...args, String(milliseconds ?? '')], (error, _, stderr) => {
      if (!error || error.signal === 'SIGKILL') resolve();
      else reject(new Error(stderr));
    });
  });
}

/** mulberry32: small, and the same everywhere. */
function randomOf(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
