import assert from 'node:assert/strict';
import { randomizationCommitment } from './randomization.js';

describe('the commitment to a randomization list', () => {
  const [digest, salt] = ['ab'.repeat(32), 'cd'.repeat(16)];

  it('is of this list and this salt', () => {
    const commitment = randomizationCommitment(digest, salt);
    // SHA-256 of vitaledger/randomization/1/<salt>/<digest>, computed with another program.
    assert.equal(commitment, '73f71d3ed8c2a06271bef9fdc6420acc80c163e08f04ebfb4195fbf5c80e56a2');
    assert.notEqual(randomizationCommitment('ac'.repeat(32), salt), commitment);
    assert.notEqual(randomizationCommitment(digest, 'ce'.repeat(16)), commitment);
  });

  it('needs a digest, and a salt that nobody can guess, in one form only', () => {
    for (const [badDigest, badSalt] of [
      ['x', salt],
      [digest, 'cd'.repeat(15)],
      [digest, salt.toUpperCase()],
    ] as const)
      assert.throws(() => randomizationCommitment(badDigest, badSalt), { code: 'INVALID_ARGUMENT' });
  });
});
