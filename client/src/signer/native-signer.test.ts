import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { VitaledgerError } from '@vitaledger/domain';
import fc from 'fast-check';
import { lowSDer, nativeSigner } from './native-signer.js';

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The two integers of a DER signature, read by the rules of X.690 rather than by our own writer. */
function integersOf(der: Uint8Array): readonly [bigint, bigint] {
  assert.equal(der[0], 0x30);
  assert.equal(der[1], der.length - 2);
  const integers: bigint[] = [];
  for (let at = 2; at < der.length; at += 2 + (der[at + 1] ?? 0)) {
    assert.equal(der[at], 0x02);
    const bytes = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
    assert.ok((bytes[0]! & 0x80) === 0, 'an integer must not be negative');
    assert.ok(bytes.length === 1 || bytes[0] !== 0 || (bytes[1]! & 0x80) !== 0, 'an integer must be minimal');
    integers.push(BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
  }
  assert.equal(integers.length, 2);
  return [integers[0]!, integers[1]!];
}

function raw(r: bigint, s: bigint): Buffer {
  return Buffer.from([r, s].map((value) => value.toString(16).padStart(64, '0')).join(''), 'hex');
}

describe('native signer', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  it('makes signatures that OpenSSL verifies and whose S is in the lower half', async () => {
    const signer = nativeSigner(privateKey);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (message) => {
        const signature = await signer(message);
        assert.ok(verify('sha256', message, publicKey, signature));
        assert.ok(integersOf(signature)[1] <= order / 2n);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps R, and S or its twin, whatever their size', () => {
    const scalar = fc.bigInt({ min: 1n, max: order - 1n });
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        const [foundR, foundS] = integersOf(lowSDer(raw(r, s)));
        assert.equal(foundR, r);
        assert.equal(foundS, s <= order / 2n ? s : order - s);
      }),
      {
        examples: [
          [1n, 1n],
          [order - 1n, order - 1n],
          [0x80n, order / 2n],
          [1n, order / 2n + 1n],
        ],
      },
    );
  });

  it('takes PEM, and refuses other curves, public keys and what is no key', () => {
    assert.equal(typeof nativeSigner(privateKey.export({ type: 'sec1', format: 'pem' })), 'function');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const rejected = (error: unknown): boolean =>
      error instanceof VitaledgerError && error.code === 'INVALID_ARGUMENT';
    assert.throws(() => nativeSigner(other), rejected);
    assert.throws(() => nativeSigner(publicKey), rejected);
    assert.throws(
      () => nativeSigner('-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----'),
      (error) => {
        assert.ok(rejected(error));
        assert.doesNotMatch(String(error), /secret/);
        return true;
      },
    );
  });
});
