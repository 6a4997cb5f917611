import assert from 'node:assert/strict';
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { currentIdentity, selfSigned } from '../testing/certificate.js';
import { signingIdentity, warnOfExpiry } from './signing-identity.js';

const day = 86_400_000;
const message = Buffer.from('message');

describe('an identity that signs', () => {
  it('has its key here, or elsewhere', async () => {
    const pem = await currentIdentity();
    const remote = {
      certificate: pem.certificate,
      sign: () => Promise.resolve(sign('sha256', message, createPrivateKey(pem.privateKey))),
    };
    for (const source of [pem, remote, { ...pem, mspId: 'HospitalMSP' }]) {
      const identity = await signingIdentity(source, 'HospitalMSP');
      const signature = await identity.sign(message);
      assert.ok(verify('sha256', message, new X509Certificate(pem.certificate).publicKey, signature));
      assert.equal(
        identity.expires.getTime(),
        new Date(new X509Certificate(pem.certificate).validTo).getTime(),
      );
    }
  });

  it('is refused when it is another organization’s, or its certificate has ended, wherever the key is', async () => {
    const pem = await currentIdentity();
    await assert.rejects(signingIdentity({ ...pem, mspId: 'ClinicMSP' }, 'HospitalMSP'), {
      code: 'INVALID_ARGUMENT',
      message: /of ClinicMSP.*for HospitalMSP/,
    });
    const { certificate } = await selfSigned(new Date(Date.now() - 2 * day), new Date(Date.now() - day));
    const remote = { certificate, sign: () => assert.fail('it was asked to sign') };
    await assert.rejects(signingIdentity(remote, 'HospitalMSP'), { code: 'EXPIRED' });
  });

  it('tells before its certificate ends', async () => {
    const now = new Date();
    const told: Date[] = [];
    const expires = (days: number) => ({ expires: new Date(now.getTime() + days * day + 1000) });
    const tell = (at: Date) => told.push(at);
    warnOfExpiry(expires(30), tell, 30, now);
    assert.deepEqual(told, []);
    warnOfExpiry(expires(29), tell, 30, now);
    assert.deepEqual(told, [expires(29).expires]);
    const warning = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve));
    warnOfExpiry(expires(3), undefined, 30, now);
    const { message: text, code } = await warning;
    assert.equal(code, 'CERTIFICATE_EXPIRES');
    assert.match(text, /in 3 days/);
  });
});
