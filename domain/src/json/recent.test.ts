import assert from 'node:assert/strict';
import { frozen, Recent } from './recent.js';

describe('what was made recently', () => {
  it('is found by its text, and forgotten when others were asked for since', () => {
    const recent = new Recent<number>(2);
    recent.set('one', 1);
    recent.set('two', 2);
    assert.equal(recent.get('one'), 1);
    recent.set('three', 3);
    assert.equal(recent.get('two'), undefined);
    assert.deepEqual([recent.get('one'), recent.get('three')], [1, 3]);
    recent.set('one', 4);
    assert.deepEqual([recent.get('one'), recent.get('three')], [4, 3]);
  });

  it('cannot be changed once it is frozen', () => {
    const value = frozen({ list: [{ name: 'one' }], none: null, text: 'two' });
    assert.throws(() => value.list.push({ name: 'three' }), TypeError);
    assert.throws(() => {
      value.list[0]!.name = 'three';
    }, TypeError);
    assert.deepEqual(value, { list: [{ name: 'one' }], none: null, text: 'two' });
  });
});
