import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketsBetween, searchWords, term } from './index-terms.js';

describe('bucketsBetween', () => {
  const month = fc
    .tuple(fc.integer({ min: 1900, max: 2099 }), fc.integer({ min: 1, max: 12 }))
    .map(([year, number]) => `${year}-${String(number).padStart(2, '0')}`);

  it('covers exactly the months of a range, each by one decade, year or month', () => {
    fc.assert(
      fc.property(month, month, month, (one, other, any) => {
        const [from = '', to = ''] = [one, other].sort();
        const covering = bucketsBetween(from, to).filter((bucket) => any.startsWith(bucket));
        assert.equal(covering.length, any >= from && any <= to ? 1 : 0);
      }),
    );
  });

  it('takes few: twenty decades for all, none for a range that runs backwards', () => {
    assert.equal(bucketsBetween(undefined, undefined).length, 20);
    assert.deepEqual(bucketsBetween('2019-11', '2021-02-15'), [
      '2019-11',
      '2019-12',
      '2020',
      '2021-01',
      '2021-02',
    ]);
    assert.deepEqual(bucketsBetween('2020-02', '2020-01'), []);
  });
});

describe('searchWords', () => {
  it('takes words whatever their case, width and punctuation, each once, without fillers', () => {
    assert.deepEqual(searchWords('The Effect of ＣＯＰＤ, COPD/asthma'), ['effect', 'copd', 'asthma']);
    assert.deepEqual(searchWords(' of the '), []);
    assert.equal(searchWords('𝒳'.repeat(99))[0]?.length, 40);
  });
});

describe('term', () => {
  it('is printable ASCII without a slash, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        assert.match(term('title', value), /^[!-.0-~]+$/);
      }),
    );
  });
});
