import assert from 'node:assert/strict';
import { publishable } from './participation.js';

describe('what a site publishes of its totals', () => {
  const counts = (enrolled: number, withdrawn = 0, emergencies = 0) => ({ enrolled, withdrawn, emergencies });

  it('is what has grown by a batch, each total by itself', () => {
    assert.deepEqual(publishable(counts(4), undefined, true), counts(0));
    assert.deepEqual(publishable(counts(5), undefined, true), counts(5));
    assert.deepEqual(publishable(counts(13, 4, 6), counts(8), true), counts(13, 0, 6));
    assert.deepEqual(publishable(counts(12, 5), counts(8), true), counts(8, 5));
  });

  it('is everything once the trial no longer recruits', () => {
    assert.deepEqual(publishable(counts(9, 1, 1), counts(8), false), counts(9, 1, 1));
  });
});
