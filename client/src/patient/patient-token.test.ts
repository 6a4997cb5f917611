import assert from 'node:assert/strict';
import { formatToken, parseToken } from './patient-token.js';

describe('a patient token', () => {
  const token = { custodian: 'HospitalMSP', patient: 'ab'.repeat(16) };

  it('comes back from its text', () => {
    assert.deepEqual(parseToken(` ${formatToken(token)}\n`), token);
  });

  it('is not read from anything else', () => {
    const text = formatToken(token);
    for (const bad of [
      '',
      'hello',
      text.slice(0, -1),
      `${text}:x`,
      text.replace('vitaledger', 'other'),
      text.replace('Hospital', ' '),
    ]) {
      assert.throws(() => parseToken(bad), { code: 'INVALID_ARGUMENT' }, bad);
    }
  });
});
