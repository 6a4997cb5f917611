import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { libraryCertificates, rememberCertificates } from './known-certificates.js';

describe('the certificates of callers', () => {
  it('are parsed once by the contract library, each into its own', () => {
    let parsed = 0;
    const certificates = { fromPEM: (pem: unknown): object => ({ pem, turn: parsed++ }) };
    assert.equal(rememberCertificates(certificates), true);
    assert.equal(rememberCertificates(certificates), false);
    const one = certificates.fromPEM('one');
    assert.deepEqual(one, { pem: 'one', turn: 0 });
    assert.deepEqual(certificates.fromPEM('two'), { pem: 'two', turn: 1 });
    assert.equal(certificates.fromPEM('one'), one);
    assert.equal(parsed, 2);
  });

  it('that are none are refused each time', () => {
    const certificates = libraryCertificates();
    for (const bad of ['', 'no certificate', Buffer.from('no certificate')])
      for (let turn = 0; turn < 2; turn++) assert.throws(() => certificates.fromPEM(bad));
  });

  it('are remembered in a chaincode process, whose library finds the same class', () => {
    const program = `const before = require('@fidm/x509').Certificate.fromPEM; require('./care.js');
      console.log(require('@fidm/x509').Certificate.fromPEM !== before)`;
    const { stdout } = spawnSync(process.execPath, ['-e', program], {
      cwd: join(__dirname, '..'),
      encoding: 'utf8',
      env: { ...process.env, CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    });
    assert.equal(stdout, 'true\n');
  });
});
