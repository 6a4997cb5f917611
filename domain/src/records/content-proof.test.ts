import assert from 'node:assert/strict';
import { digestOf } from '../json/canonical.js';
import { proofHash, proofId, proofSalt, provenStatus } from './content-proof.js';

const digest = digestOf('content');
const salt = proofSalt('ab'.repeat(16));

describe('the proof of a content', () => {
  it('tells by its hash alone what became of the content', () => {
    for (const status of ['current', 'superseded', 'retracted'] as const) {
      assert.equal(provenStatus(proofHash({ digest, status, salt }), digest, salt), status);
    }
  });

  it('does not fit another content, nor another salt', () => {
    const hash = proofHash({ digest, status: 'current', salt });
    assert.equal(provenStatus(hash, digestOf('contenT'), salt), undefined);
    assert.equal(provenStatus(hash, digest, proofSalt('cd'.repeat(16))), undefined);
  });

  it('lies under an id that follows from its salt, which follows from the record’s', () => {
    assert.match(salt, /^[0-9a-f]{64}$/);
    assert.equal(proofId(salt), digestOf(`vitaledger/record/proof/${salt}`));
    assert.notEqual(proofSalt('ab'.repeat(16)), proofSalt('AB'.repeat(16)));
  });
});
