import assert from 'node:assert/strict';
import { nextNotificationKey, notificationTag } from './tag.js';

describe('notification tags', () => {
  const key = '0b'.repeat(32);
  const transaction = 'ab'.repeat(32);

  it('are HMAC-SHA-256 of the transaction id as text', () => {
    // echo -n abab… | openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b…
    assert.equal(
      notificationTag(key, transaction),
      '855be123f9e0a2a793b2751cfdf6d96c83ca1feeb68fac77b89d399ab98c4009',
    );
  });

  it('differ by transaction and by key', () => {
    const tags = [
      notificationTag(key, transaction),
      notificationTag(key, 'ac'.repeat(32)),
      notificationTag('0c'.repeat(32), transaction),
      notificationTag(nextNotificationKey(key, '01'.repeat(32)), transaction),
      notificationTag(nextNotificationKey(key, '02'.repeat(32)), transaction),
    ];
    assert.equal(new Set(tags).size, tags.length);
  });

  it('refuse what is no key', () => {
    for (const bad of ['', 'ab', 'AB'.repeat(32), 'zz'.repeat(32)]) {
      assert.throws(() => notificationTag(bad, transaction), { code: 'INVALID_ARGUMENT' });
      assert.throws(() => nextNotificationKey(key, bad), { code: 'INVALID_ARGUMENT' });
    }
  });
});
