import assert from 'node:assert/strict';
import { KnownSignatures } from './known-signatures.js';

describe('known signatures', () => {
  const counting = (answer: boolean) => {
    let asked = 0;
    return { verify: () => (asked++, answer), times: () => asked };
  };

  it('are verified once, for the same key and the same bytes', () => {
    const known = new KnownSignatures();
    const { verify, times } = counting(true);
    for (let count = 0; count < 3; count++) assert.ok(known.isGood('key', 'bytes', verify));
    assert.equal(times(), 1);
    known.isGood('other key', 'bytes', verify);
    known.isGood('key', 'other bytes', verify);
    assert.equal(times(), 3);
  });

  it('never remember a bad one', () => {
    const known = new KnownSignatures();
    const { verify, times } = counting(false);
    for (let count = 0; count < 3; count++) assert.equal(known.isGood('key', 'bytes', verify), false);
    assert.equal(times(), 3);
  });

  it('are forgotten when there are too many, the longest unused first', () => {
    const known = new KnownSignatures();
    known.isGood('key', 'used', () => true);
    for (let count = 0; count < 2000; count++) {
      known.isGood('key', `bytes ${String(count)}`, () => true);
      known.isGood('key', 'used', () => assert.fail('forgotten'));
    }
    const { verify, times } = counting(true);
    known.isGood('key', 'bytes 0', verify);
    assert.equal(times(), 1);
  });
});
