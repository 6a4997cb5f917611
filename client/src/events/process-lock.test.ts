import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { ProcessLock } from './process-lock.js';

const run = promisify(execFile);

describe('the lock of a file', () => {
  const folder = temporaryFolder();
  const file = () => join(folder(), 'trials.checkpoint');
  const refusal = { code: 'PRECONDITION_FAILED', details: { reason: 'CHECKPOINT_IN_USE' } };

  it('is held by one until it is released', async () => {
    const lock = await ProcessLock.acquire(file());
    await assert.rejects(ProcessLock.acquire(file()), refusal);
    await ProcessLock.acquire(join(folder(), 'other'));
    await lock.release();
    const next = await ProcessLock.acquire(file());
    await assert.rejects(ProcessLock.acquire(file()), refusal);
    await next.release();
    const left = (await readdir(folder())).filter((name) => name.startsWith('trials'));
    assert.equal(left.length, 1, 'it does not pile up files');
  });

  it('names the process that has it, and is refused by that one too', async () => {
    const program = `
      const { ProcessLock } = require(${JSON.stringify(require.resolve('./process-lock.js'))});
      ProcessLock.acquire(process.argv[1]).catch((error) => { console.log(error.message); });`;
    await ProcessLock.acquire(file());
    const { stdout } = await run(process.execPath, ['-e', program, file()]);
    assert.match(stdout, new RegExp(`in use by process ${process.pid}`));
  });

  it('of a process that died is free, also when its number was given to another one', async () => {
    const program = `
      const { ProcessLock } = require(${JSON.stringify(require.resolve('./process-lock.js'))});
      ProcessLock.acquire(process.argv[1]).then(() => process.kill(process.pid, 'SIGKILL'));`;
    await assert.rejects(run(process.execPath, ['-e', program, file()]), { signal: 'SIGKILL' });
    await (await ProcessLock.acquire(file())).release();
    const reborn = JSON.stringify({ host: hostname(), pid: process.pid, started: 'before/1' });
    await writeFile(`${file()}.lock.9`, reborn);
    if (process.platform === 'linux') await ProcessLock.acquire(file());
  });

  it('of another machine is not taken, and says which file to remove', async () => {
    await writeFile(`${file()}.lock.4`, JSON.stringify({ host: 'elsewhere', pid: 1, started: '' }));
    await assert.rejects(ProcessLock.acquire(file()), {
      ...refusal,
      message: /process 1 on elsewhere.*remove .*trials\.checkpoint\.lock\.4/,
    });
  });

  it('goes to one of many that ask at once', async () => {
    for (let round = 0; round < 20; round++) {
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => ProcessLock.acquire(file())));
      const won = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      assert.ok(won.length <= 1, `${won.length} hold it`);
      for (const lock of won) await lock.release();
    }
  });
});
