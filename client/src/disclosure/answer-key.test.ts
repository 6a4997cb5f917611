import assert from 'node:assert/strict';
import { createCipheriv, createECDH, randomBytes } from 'node:crypto';
import { canonicalJson, SEALING, WRAP_IV, wrappingKey, type PublicJwk } from '@vitaledger/domain';
import { sealed } from '../testing/sealed-answer.js';
import { AnswerKey } from './answer-key.js';
import { nativeCrypto, nativeOpener } from './native-answer.js';

/** An answer in the form of the contracts: a header in canonical JSON. */
function custodians(value: unknown, { x, y }: PublicJwk, more: object = {}): string {
  const ecdh = createECDH('prime256v1');
  const point = ecdh.generateKeys();
  const [left, right] = [point.subarray(1, 33), point.subarray(33)];
  const epk = { crv: 'P-256', kty: 'EC', x: left.toString('base64url'), y: right.toString('base64url') };
  const reader = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const header = Buffer.from(canonicalJson({ ...SEALING, epk, ...more })).toString('base64url');
  const contentKey = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap', wrappingKey(ecdh.computeSecret(reader)), WRAP_IV);
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()]);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv).setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
  const parts = [wrapped, iv, ciphertext, cipher.getAuthTag()];
  return [header, ...parts.map((part) => part.toString('base64url'))].join('.');
}

describe('a key for answers', () => {
  it('opens what a custodian made for it, and what a library made', async () => {
    const key = await AnswerKey.generate();
    for (const answer of [{}, { text: 'schön' }, { list: Array.from({ length: 5000 }, (_, n) => n) }]) {
      assert.deepEqual(await key.open(custodians(answer, key.publicJwk)), answer);
      assert.deepEqual(await key.open(await sealed(answer, key.publicJwk)), answer);
    }
  });

  it('opens a custodian’s form by Node’s own primitives, and leaves every other form to the library', async () => {
    const key = await AnswerKey.generate();
    const { d } = await key.export();
    assert.ok(nativeCrypto);
    const open = nativeOpener(nativeCrypto, d);
    const usual = custodians({ a: 1 }, key.publicJwk);
    assert.equal(Buffer.from(open(usual) ?? []).toString(), '{"a":1}');
    const [header, wrapped = '', iv, ...rest] = usual.split('.');
    for (const other of [
      await sealed({ a: 1 }, key.publicJwk),
      custodians({ a: 1 }, key.publicJwk, { crit: ['exp'] }),
      custodians({ a: 1 }, key.publicJwk, { enc: 'A128GCM' }),
      custodians({ a: 1 }, key.publicJwk, { alg: 'dir' }),
      `${usual} `,
      `${usual}.AA`,
      [header, wrapped.slice(2), iv, ...rest].join('.'),
      [header, wrapped, 'AAAA', ...rest].join('.'),
      [header, wrapped, iv, rest[0], 'AAAA'].join('.'),
      '',
    ])
      assert.equal(open(other), undefined, other);
    for (const refused of ['crit', 'enc', 'alg'])
      await assert.rejects(key.open(custodians({}, key.publicJwk, { [refused]: ['b64'] })), {
        code: 'INTEGRITY',
      });
  });

  it('opens nothing that was altered in any part, or made for another key', async () => {
    const key = await AnswerKey.generate();
    const other = await AnswerKey.generate();
    await assert.rejects(other.open(custodians({}, key.publicJwk)), { code: 'INTEGRITY' });
    const usual = custodians({ secret: true }, key.publicJwk);
    for (let part = 0; part < 5; part++) {
      const parts = usual.split('.');
      const bytes = Buffer.from(parts[part] ?? '', 'base64url');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      parts[part] = bytes.toString('base64url');
      await assert.rejects(key.open(parts.join('.')), { code: 'INTEGRITY' }, `part ${part}`);
    }
    const epk = { crv: 'P-256', kty: 'EC', x: 'A'.repeat(43), y: 'A'.repeat(43) };
    await assert.rejects(key.open(custodians({}, key.publicJwk, { epk })), { code: 'INTEGRITY' });
  });

  it('is the same after export and import, and of the full length whatever its digits', async () => {
    for (let count = 0; count < 300; count++) {
      const { d, x, y } = await (await AnswerKey.generate()).export();
      for (const number of [d, x, y]) assert.equal(Buffer.from(number, 'base64url').length, 32);
    }
    const key = await AnswerKey.generate();
    const again = await AnswerKey.import(await key.export());
    assert.deepEqual(again.publicJwk, key.publicJwk);
    assert.deepEqual(await again.open(custodians({ a: 1 }, key.publicJwk)), { a: 1 });
    await assert.rejects(AnswerKey.import({ ...(await key.export()), d: 'A' }));
  });
});
