import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import { KeyPair } from '../testing/patient.js';
import { sealAnswer } from './sealed-answer.js';

describe('a sealed answer', () => {
  const reader = new KeyPair();

  it('is a JWE that an independent library opens with the reader’s key, whatever its size', async () => {
    for (const answer of [{}, { text: 'schön' }, { list: Array.from({ length: 5000 }, (_, n) => n) }])
      for (let count = 0; count < 5; count++)
        assert.deepEqual(await reader.read(await sealAnswer(answer, reader.jwk)), answer);
  });

  it('names its algorithms, and a key of its own each time', async () => {
    const [one, other] = [await sealAnswer({}, reader.jwk), await sealAnswer({}, reader.jwk)];
    const { epk, ...header } = decodeProtectedHeader(one);
    assert.deepEqual(header, { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', cty: 'json' });
    assert.notDeepEqual(epk, decodeProtectedHeader(other).epk);
    assert.equal(one.split('.').length, 5);
  });

  it('opens with no other key, nor altered in any part', async () => {
    const jwe = await sealAnswer({ secret: true }, reader.jwk);
    await assert.rejects(new KeyPair().read(jwe));
    for (let part = 0; part < 5; part++) {
      const parts = jwe.split('.');
      const bytes = Buffer.from(parts[part] ?? '', 'base64url');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      parts[part] = bytes.toString('base64url');
      await assert.rejects(reader.read(parts.join('.')), `part ${String(part)}`);
    }
  });

  it('is not made for what is no point of the curve', async () => {
    const off = { ...reader.jwk, y: Buffer.alloc(32, 7).toString('base64url') };
    await assert.rejects(sealAnswer({}, off), { code: 'INVALID_ARGUMENT' });
  });
});
