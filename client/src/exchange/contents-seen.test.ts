import assert from 'node:assert/strict';
import { ContentsSeen, type SeenDraft } from './contents-seen.js';

describe('the contents that an import has seen', () => {
  const draft = (id: string, content: string, patient = 'ann'): SeenDraft => ({
    patient,
    content: Buffer.from(content),
    metadata: {
      id,
      salt: '',
      class: 'Basic',
      category: [],
      codes: [],
      labels: [],
      mediaType: 'application/fhir+json',
    },
  });

  it('tell the same from another, however many there are', () => {
    const seen = new ContentsSeen(2);
    for (let n = 0; n < 3000; n++) assert.equal(seen.isAnother(draft(`r${n}`, `c${n}`)), false);
    for (let n = 0; n < 3000; n++) {
      assert.equal(seen.isAnother(draft(`r${n}`, `c${n}`)), false);
      assert.equal(seen.isAnother(draft(`r${n}`, `c${n + 1}`)), true);
      assert.equal(seen.isAnother(draft(`r${n}`, `c${n}`)), false, 'the first one counts');
    }
    assert.equal(seen.isAnother(draft('r1', 'c1', 'bob')), true);
  });
});
