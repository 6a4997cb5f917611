import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileCheckpoint } from './file-checkpoint.js';

const source = { networkId: '5b'.repeat(16), channel: 'registry', stream: 'trials' };

describe('a checkpoint in a file', () => {
  const folder = temporaryFolder();
  const file = () => join(folder(), 'state', 'trials.checkpoint');

  it('goes on where the one before was', async () => {
    const first = await FileCheckpoint.open(file());
    assert.equal(await first.load(source), undefined);
    await first.save({ block: 9007199254740993n, transactionId: 'tx1' });
    await first.close();
    await using second = await FileCheckpoint.open(file());
    assert.deepEqual(await second.load(source), { block: 9007199254740993n, transactionId: 'tx1' });
    await second.save({ block: 9007199254740994n });
    assert.equal((JSON.parse(await readFile(file(), 'utf8')) as { version: number }).version, 1);
    assert.equal((await stat(file())).mode & 0o077, 0);
  });

  it('is on the disk when an event is saved, unless an interval is named', async () => {
    const each = await FileCheckpoint.open(file());
    await each.load(source);
    await each.save({ block: 1n });
    assert.match(await readFile(file(), 'utf8'), /"block":"1"/);
    await each.save({ block: 2n });
    assert.match(await readFile(file(), 'utf8'), /"block":"2"/);
    await each.close();
    const seldom = await FileCheckpoint.open(file(), { interval: 60_000 });
    await seldom.load(source);
    await seldom.save({ block: 3n });
    await seldom.save({ block: 4n });
    assert.doesNotMatch(await readFile(file(), 'utf8'), /"block":"4"/);
    await seldom.close();
    assert.match(await readFile(file(), 'utf8'), /"block":"4"/);
  });

  it('of another stream, channel or network is refused, and stays as it is', async () => {
    const written = await FileCheckpoint.open(file());
    await written.load(source);
    await written.save({ block: 1n });
    await written.close();
    const before = await readFile(file(), 'utf8');
    for (const other of [{ stream: 'blocks' }, { channel: 'care' }, { networkId: '00'.repeat(16) }]) {
      await using checkpoint = await FileCheckpoint.open(file());
      await assert.rejects(checkpoint.load({ ...source, ...other }), {
        code: 'PRECONDITION_FAILED',
        details: { reason: 'OTHER_SOURCE' },
      });
    }
    assert.equal(await readFile(file(), 'utf8'), before);
  });

  it('that was altered is refused, not begun anew', async () => {
    await using checkpoint = await FileCheckpoint.open(file());
    const good = { version: 1, source, position: { block: '1' } };
    for (const bad of [
      '',
      '{',
      '[]',
      'null',
      '{"version":2}',
      JSON.stringify({ ...good, position: { block: '-1' } }),
    ]) {
      await writeFile(file(), bad);
      await assert.rejects(checkpoint.load(source), {
        code: 'INTEGRITY',
        details: { reason: 'CHECKPOINT_DAMAGED' },
      });
    }
    await writeFile(file(), JSON.stringify(good));
    assert.deepEqual(await checkpoint.load(source), { block: 1n });
  });

  it('is one process’s at a time', async () => {
    await using checkpoint = await FileCheckpoint.open(file());
    await assert.rejects(FileCheckpoint.open(checkpoint.file), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'CHECKPOINT_IN_USE' },
    });
  });
});
