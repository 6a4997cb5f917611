import assert from 'node:assert/strict';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { one } from './durable-file.js';
import { FileVault } from './file-vault.js';

const name = '0123456789abcdef'.repeat(2);
const future = (): Date => new Date(Date.now() + 60_000);

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof VitaledgerError && error.code === expected;
}

describe('file vault', () => {
  const folder = temporaryFolder();
  const vault = (): FileVault => new FileVault(folder());

  it('takes a name once, also when two write it at the same time', async () => {
    const attempts = await Promise.allSettled(
      ['first', 'second', 'third'].map((text) => vault().putObject(name, one(Buffer.from(text)))),
    );
    const refused = attempts.filter((attempt) => attempt.status === 'rejected');
    assert.equal(refused.length, 2);
    assert.ok(refused.every(({ reason }) => code('ALREADY_EXISTS')(reason)));
    assert.deepEqual(await readdir(join(folder(), 'temporary')), []);
  });

  it('is readable by its owner only', async () => {
    await vault().putObject(name, one(Buffer.from('x')));
    assert.equal((await stat(join(folder(), 'objects', '01', name))).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder(), 'objects'))).mode & 0o777, 0o700);
  });

  it('refuses names that lead out of its folder', async () => {
    for (const bad of ['../../etc/passwd', '..', 'ABCDEF'.repeat(6), '', `${name}/x`]) {
      await assert.rejects(vault().putShare(bad, Buffer.from('x')), code('INVALID_ARGUMENT'), bad);
      await assert.rejects(vault().erase(bad), code('INVALID_ARGUMENT'), bad);
    }
    await assert.rejects(vault().store('contacts').put('../x', Buffer.from('x')), code('INVALID_ARGUMENT'));
  });

  it('keeps small values until they are deleted', async () => {
    const store = vault().store('contacts');
    assert.deepEqual(await store.names(), []);
    await store.put('one', Buffer.from('1'));
    await store.put('one', Buffer.from('2'));
    assert.equal(Buffer.from((await store.get('one'))!).toString(), '2');
    assert.deepEqual(await store.names(), ['one']);
    assert.equal(await store.delete('one'), true);
    assert.equal(await store.delete('one'), false);
    assert.equal(await store.get('one'), undefined);
  });

  it('sweeps what interrupted writes left, and nothing that is whole or still young', async () => {
    const whole = 'aa'.repeat(16);
    await vault().putShare(whole, Buffer.from('s'));
    await vault().putObject(whole, one(Buffer.from('o')));
    await vault().putShare('bb'.repeat(16), Buffer.from('share without object'));
    await vault().putObject('cc'.repeat(16), one(Buffer.from('object without share')));
    await mkdir(join(folder(), 'temporary'), { recursive: true });
    const unfinished = join(folder(), 'temporary', 'half');
    await writeFile(unfinished, 'half');
    await utimes(unfinished, new Date(), new Date());
    assert.deepEqual(await vault().sweep(new Date(Date.now() - 60_000)), { unfinished: 0, orphans: 0 });
    assert.deepEqual(await vault().sweep(future()), { unfinished: 1, orphans: 2 });
    assert.deepEqual(await vault().sweep(future()), { unfinished: 0, orphans: 0 });
    assert.deepEqual(await vault().erase(whole), { object: true, share: true });
  });
});
