import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import Database from 'libsql';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { trialEvent } from '../testing/trial-event.js';
import type { SqlDatabase } from './sql-database.js';
import type { TrialEvent } from './trial-events.js';
import { TrialReadModel } from './trial-read-model.js';

const source = { networkId: '5b'.repeat(16), channel: 'registry', stream: 'trials' };

async function* events(from: number, until: number): AsyncGenerator<TrialEvent> {
  for (let number = from; number < until; number++) yield await Promise.resolve(trialEvent(number));
}

describe('the read model of trials', () => {
  const folder = temporaryFolder();
  const open = () => new Database(join(folder(), 'trials.db')) as unknown as SqlDatabase;
  const rows = (database: SqlDatabase, sql: string) =>
    (database.prepare(sql) as unknown as { all(): unknown[] }).all();

  it('holds trials, their versions and steps, and goes on behind the last event', async () => {
    const database = open();
    const model = new TrialReadModel(database);
    assert.equal(await model.load(source), undefined);
    await model.catchUp(events(0, 4), { batch: 3 });
    assert.deepEqual(await model.load(source), { block: 8n, transactionId: 'tx3' });
    assert.deepEqual(rows(database, 'SELECT id, title, sponsor, status, version FROM trial ORDER BY id'), [
      { id: 'T0', title: 'Second', sponsor: 'ResearchMSP', status: 'registered', version: 2 },
      { id: 'T1', title: 'First', sponsor: 'ResearchMSP', status: 'submitted', version: 1 },
    ]);
    assert.deepEqual(
      rows(database, "SELECT version, digest, reason FROM trial_version WHERE trial = 'T0' ORDER BY version"),
      [
        { version: 1, digest: 'dFirst', reason: null },
        { version: 2, digest: 'dSecond', reason: 'Sites' },
      ],
    );
    const again = new TrialReadModel(open());
    assert.deepEqual(await again.load(source), { block: 8n, transactionId: 'tx3' });
    await again.catchUp(events(4, 6));
    assert.deepEqual(rows(database, 'SELECT count(*) AS steps FROM trial_step'), [{ steps: 6 }]);
  });

  it('takes all events of a batch or none', async () => {
    const database = open();
    const model = new TrialReadModel(database);
    await model.load(source);
    assert.throws(() => {
      model.apply([trialEvent(0), trialEvent(0)]);
    });
    assert.deepEqual(rows(database, 'SELECT * FROM trial'), []);
    assert.equal(await model.load(source), undefined);
    model.apply([trialEvent(0)]);
    assert.throws(() => {
      model.apply([trialEvent(4)]);
    }, /block 0/);
  });

  it('is refused with tables of another network, or another version', async () => {
    const database = open();
    await new TrialReadModel(database).load(source);
    const model = new TrialReadModel(open());
    assert.throws(() => model.load({ ...source, networkId: '00' }), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'OTHER_SOURCE' },
    });
    database.exec('PRAGMA user_version = 9');
    assert.throws(() => new TrialReadModel(open()), { code: 'PRECONDITION_FAILED', message: /version 9/ });
  });

  it('has every event exactly once, however often its program is killed', async function () {
    this.timeout(60_000);
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    let state = seed;
    const random = () => (state = (state * 48271 + 11) % 2147483647) / 2147483647;
    const file = join(folder(), 'trials.db');
    for (let life = 0; life < 8; life++) await killedAfter(Math.round(random() * 150), file);
    await killedAfter(undefined, file);
    const database = open();
    assert.deepEqual(
      rows(
        database,
        'SELECT count(*) AS steps, count(DISTINCT transaction_id) AS transactions FROM trial_step',
      ),
      [{ steps: 600, transactions: 600 }],
      `SEED=${seed}`,
    );
    assert.deepEqual(rows(database, "SELECT count(*) AS second FROM trial WHERE title = 'Second'"), [
      { second: 200 },
    ]);
  });
});

/** Runs a program that builds the tables from 600 events, and kills it so many milliseconds after its beginning. */
async function killedAfter(milliseconds: number | undefined, file: string): Promise<void> {
  const program = `
    const Database = require(${JSON.stringify(require.resolve('libsql'))});
    const { trialEvent } = require(${JSON.stringify(require.resolve('../testing/trial-event.js'))});
    const { checkpointed } = require(${JSON.stringify(require.resolve('./checkpoint.js'))});
    const { TrialReadModel } = require(${JSON.stringify(require.resolve('./trial-read-model.js'))});
    const [file, limit] = process.argv.slice(1);
    async function* passed(after) {
      for (let number = after === undefined ? 0 : Number(after.block) - 4; number < 600; number++) {
        yield { behind: trialEvent(number).position, event: trialEvent(number) };
        await new Promise((resolve) => setTimeout(resolve, number % 50 === 0 ? 10 : 0));
      }
    }
    async function main() {
      const model = new TrialReadModel(new Database(file));
      if (limit !== '') setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(limit));
      await model.catchUp(checkpointed(passed, { source: ${JSON.stringify(source)}, checkpoint: model }), { batch: 7 });
      process.exit(0);
    }
    main().catch((error) => { console.error(error); process.exit(1); });`;
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, ['-e', program, file, String(milliseconds ?? '')], (error, _, stderr) => {
      if (!error || error.signal === 'SIGKILL') resolve();
      else reject(new Error(stderr));
    });
  });
}
