import assert from 'node:assert/strict';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { currentIdentity } from '../testing/certificate.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { readIdentity } from './identity.js';
import { Wallet } from './wallet.js';

describe('a wallet', () => {
  const folder = temporaryFolder();
  const wallet = () => new Wallet(join(folder(), 'wallet'));
  const file = (name: string) => join(folder(), 'wallet', name);

  it('keeps identities for its owner only, and gives them back', async () => {
    const identity = { mspId: 'HospitalMSP', ...(await currentIdentity()) };
    assert.deepEqual(await wallet().list(), []);
    await wallet().put('registrar', identity);
    await wallet().put('admin@hospital', identity);
    assert.deepEqual(await wallet().list(), ['admin@hospital', 'registrar']);
    assert.deepEqual(await wallet().get('registrar'), identity);
    assert.equal((await readIdentity(await wallet().get('registrar'))).certificate, identity.certificate);
    assert.equal((await stat(file('registrar.id'))).mode & 0o077, 0);
    assert.deepEqual([await wallet().remove('registrar'), await wallet().remove('registrar')], [true, false]);
  });

  it('refuses a file that others may read, and names it', async () => {
    await wallet().put('registrar', { mspId: 'HospitalMSP', ...(await currentIdentity()) });
    await chmod(file('registrar.id'), 0o644);
    await assert.rejects(wallet().get('registrar'), {
      code: 'PRECONDITION_FAILED',
      message: /chmod 600 .*registrar\.id/,
    });
  });

  it('says what it does not have or cannot use', async () => {
    await assert.rejects(wallet().get('nobody'), { code: 'NOT_FOUND', message: /"nobody"/ });
    await wallet().put('key', { mspId: 'HospitalMSP', ...(await currentIdentity()) });
    for (const bad of [
      '',
      'null',
      '[]',
      '{"mspId":"M","type":"HSM-X.509","credentials":{"certificate":"c"}}',
    ]) {
      await writeFile(file('key.id'), bad);
      await assert.rejects(wallet().get('key'), { code: 'INVALID_ARGUMENT', message: /key\.id is not/ });
    }
    for (const name of ['', '../key', '.hidden', 'a/b']) {
      await assert.rejects(async () => wallet().get(name), { code: 'INVALID_ARGUMENT' });
    }
  });
});
