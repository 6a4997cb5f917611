import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
  compareUtf8,
  fromBinary,
  hashedKey,
  privateKey,
  publicKey,
  publicRange,
  splitStateKey,
  stateKeyBytes,
  stateKeyOf,
} from './state-key.js';

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
const anyText = fc.string({ unit: 'binary' });

describe('keys of the world state', () => {
  it('sort by their UTF-8 bytes, also beyond U+FFFF', () => {
    const keys = ['k\u{10ffff}', 'k\uff5e', 'k\u{1f600}', 'k', 'kz', 'k\u00e9', 'k\0a'];
    assert.deepEqual([...keys].sort(compareUtf8), [
      'k',
      'k\0a',
      'kz',
      'k\u00e9',
      'k\uff5e',
      'k\u{1f600}',
      'k\u{10ffff}',
    ]);
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        assert.equal(compareUtf8(a, b), Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8')));
      }),
    );
  });

  it('compare as binary strings like their stored bytes', () => {
    fc.assert(
      fc.property(name, anyText, anyText, (namespace, a, b) => {
        const left = publicKey(namespace, a);
        const right = publicKey(namespace, b);
        const expected = Buffer.compare(stateKeyBytes(left), stateKeyBytes(right));
        assert.equal(left < right ? -1 : left > right ? 1 : 0, expected);
        assert.equal(stateKeyOf(stateKeyBytes(left)), left);
      }),
    );
  });

  it('give back the namespace, collection and key that they were made of', () => {
    fc.assert(
      fc.property(
        name,
        name,
        anyText,
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (ns, coll, key, hash) => {
          assert.deepEqual(splitText(publicKey(ns, key)), [ns, '', key]);
          assert.deepEqual(splitText(privateKey(ns, coll, key)), [ns, coll, key]);
          const parts = splitStateKey(hashedKey(ns, coll, hash));
          assert.deepEqual(Buffer.from(parts.key, 'latin1'), Buffer.from(hash));
        },
      ),
    );
  });

  it('of one namespace never fall into a range of another', () => {
    fc.assert(
      fc.property(name, name, name, anyText, (ns, other, coll, key) => {
        fc.pre(ns !== other);
        const { start, end } = publicRange(ns, '', '');
        for (const outside of [
          publicKey(other, key),
          privateKey(ns, coll, key),
          privateKey(other, coll, key),
        ]) {
          assert.ok(outside < start || outside >= end);
        }
        const inside = publicKey(ns, key);
        assert.ok(inside >= start && inside < end);
      }),
    );
  });
});

function splitText(stateKey: string): string[] {
  const { namespace, collection, key } = splitStateKey(stateKey);
  return [namespace, collection, fromBinary(key)];
}
