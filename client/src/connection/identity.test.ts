import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { currentIdentity, selfSigned } from '../testing/certificate.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { readIdentity, type IdentityPem } from './identity.js';

describe('an identity', () => {
  const folder = temporaryFolder();
  let pem: IdentityPem;

  beforeEach(async () => {
    pem = await currentIdentity();
    await mkdir(join(folder(), 'signcerts'));
    await mkdir(join(folder(), 'keystore'));
    await writeFile(join(folder(), 'signcerts', 'cert.pem'), pem.certificate);
    await writeFile(join(folder(), 'keystore', 'key_sk'), pem.privateKey, { mode: 0o600 });
  });

  async function rejected(source: string | IdentityPem, code: string, message: RegExp): Promise<void> {
    await assert.rejects(readIdentity(source), (error) => {
      assert.ok(error instanceof VitaledgerError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  }

  it('is read from a folder and from PEM', async () => {
    assert.equal((await readIdentity(folder())).certificate, pem.certificate);
    assert.equal((await readIdentity(pem)).privateKey.type, 'private');
  });

  it('is refused with the name of the file that is missing', async () => {
    await rm(join(folder(), 'keystore', 'key_sk'));
    await rejected(folder(), 'NOT_FOUND', /keystore must hold exactly one private key, and holds 0/);
    await rm(join(folder(), 'signcerts'), { recursive: true });
    await rejected(folder(), 'NOT_FOUND', /signcerts \(ENOENT\)/);
  });

  it('is refused when it is not clear which key is meant', async () => {
    await writeFile(join(folder(), 'keystore', 'other_sk'), pem.privateKey, { mode: 0o600 });
    await rejected(folder(), 'INVALID_ARGUMENT', /holds 2/);
  });

  it('is refused while others may read its key', async () => {
    await chmod(join(folder(), 'keystore', 'key_sk'), 0o640);
    await rejected(folder(), 'PRECONDITION_FAILED', /chmod 600 .*key_sk/);
  });

  it("is refused when the key is not the certificate's", async () => {
    const other = await currentIdentity();
    await rejected(
      { ...pem, privateKey: other.privateKey },
      'INVALID_ARGUMENT',
      /not the one of its certificate/,
    );
  });

  it('is refused when its certificate is not valid now', async () => {
    await rejected(await selfSigned(new Date('2020-01-01'), new Date('2021-01-01')), 'EXPIRED', /2021-01-01/);
    await rejected(await selfSigned(new Date('2120-01-01'), new Date('2121-01-01')), 'EXPIRED', /2120-01-01/);
  });

  it('is refused when it is something else', async () => {
    await rejected({ ...pem, certificate: 'nonsense' }, 'INVALID_ARGUMENT', /X\.509/);
    await rejected({ ...pem, privateKey: 'nonsense' }, 'INVALID_ARGUMENT', /PEM key/);
  });
});
