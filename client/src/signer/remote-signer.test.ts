import assert from 'node:assert/strict';
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';
import { currentIdentity } from '../testing/certificate.js';
import { nativeSigner } from './native-signer.js';
import { rawSignature, remoteSigner } from './remote-signer.js';

describe('a remote signer', () => {
  it('passes digests on, and takes signatures in DER and raw', async () => {
    const { certificate: pem, privateKey } = await currentIdentity();
    const certificate = new X509Certificate(pem);
    const key = createPrivateKey(privateKey);
    const message = Buffer.from('a proposal');
    for (const dsaEncoding of ['der', 'ieee-p1363'] as const) {
      for (let round = 0; round < 40; round++) {
        let digest: Uint8Array | undefined;
        const signer = remoteSigner(certificate, (given) => {
          digest = given;
          // Node cannot sign a digest; a service that can makes the same of it as Node of the message.
          return Promise.resolve(sign('sha256', message, { key, dsaEncoding }));
        });
        const signature = await signer(message);
        assert.equal(digest?.length, 32);
        assert.ok(verify('sha256', message, certificate.publicKey, signature));
        const raw = rawSignature(signature)!;
        const s = BigInt(`0x${Buffer.from(raw.subarray(32)).toString('hex')}`);
        assert.ok(s <= halfOrder, 'peers accept the smaller of the two forms only');
      }
    }
  });

  it('whose signature is of another key, or none at all, is refused before anything is sent', async () => {
    const [own, other] = [await currentIdentity(), await currentIdentity()];
    const certificate = new X509Certificate(own.certificate);
    const message = Buffer.from('a proposal');
    const foreign = await nativeSigner(other.privateKey)(message);
    const wrong = [
      foreign,
      new Uint8Array(),
      Buffer.alloc(64),
      Buffer.from([0x30, 2, 2, 0]),
      foreign.subarray(1),
    ];
    for (const signature of wrong) {
      await assert.rejects(remoteSigner(certificate, () => Promise.resolve(signature))(message), {
        code: 'PRECONDITION_FAILED',
        details: { reason: 'REMOTE_SIGNATURE' },
      });
    }
  });

  it('reads short numbers in DER', () => {
    const raw = rawSignature(Uint8Array.of(0x30, 7, 2, 1, 5, 2, 2, 0, 0x80));
    assert.equal(Buffer.from(raw!).toString('hex'), `${'05'.padStart(64, '0')}${'80'.padStart(64, '0')}`);
  });
});

const halfOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n;
