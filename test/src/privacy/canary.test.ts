import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { searchCanaries } from './canary.js';

const value = 'Zyxwvu-Canary-7731';
const canaries = [{ where: 'name', value }];
const seen = (bytes: Buffer) =>
  searchCanaries(canaries, [{ name: 'block', bytes }]).map(({ encoding }) => encoding);

describe('the canary search', () => {
  const around = (bytes: Buffer | string) =>
    Buffer.concat([Buffer.from('noise\0'), Buffer.from(bytes as string), Buffer.from('\xffnoise')]);
  const digest = createHash('sha256').update(value).digest();

  it('finds nothing where nothing is', () => {
    assert.deepEqual(seen(around('Zyxwvu-Canary-7732')), []);
  });

  for (const [name, bytes] of [
    ['raw', Buffer.from(value)],
    ['UTF-16LE', Buffer.from(value, 'utf16le')],
    ['UTF-16BE', Buffer.from(value, 'utf16le').swap16()],
    ['hex', Buffer.from(Buffer.from(value).toString('hex'))],
    ['HEX', Buffer.from(Buffer.from(value).toString('hex').toUpperCase())],
    ['SHA-256', digest],
    ['SHA-256 hex', Buffer.from(digest.toString('hex'))],
  ] as const) {
    it(`finds it written as ${name}`, () => {
      assert.ok(seen(around(bytes)).includes(name));
    });
  }

  for (const before of ['', 'a', 'ab', 'abc']) {
    it(`finds it inside base64 and base64url, ${before.length} bytes in`, () => {
      const text = `{"${before}${value}":"??>>"}`;
      assert.ok(
        seen(Buffer.from(Buffer.from(text).toString('base64'))).some((name) => name.startsWith('base64')),
      );
      assert.ok(
        seen(Buffer.from(Buffer.from(text).toString('base64url'))).some((name) => name.startsWith('base64')),
      );
      assert.ok(
        seen(Buffer.from(digest.toString('base64'))).some((name) => name.startsWith('SHA-256 base64')),
      );
    });
  }

  it('finds an id carried as its bytes', () => {
    const id = createHash('sha256').update('id').digest('hex').slice(0, 32);
    const found = searchCanaries(
      [{ where: 'id', value: id }],
      [{ name: 'block', bytes: Buffer.from(id, 'hex') }],
    );
    assert.equal(found[0]?.encoding, 'bytes');
  });

  it('refuses a canary that chance would find', () => {
    assert.throws(() => searchCanaries([{ where: 'x', value: 'abc' }], []), /too short/);
  });
});
