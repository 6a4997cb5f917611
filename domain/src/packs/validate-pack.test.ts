import assert from 'node:assert/strict';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { covers } from './applicable.js';
import type { PackRule } from './pack.js';
import { validatePack } from './validate-pack.js';

const rule: PackRule = { id: 'one', citation: '§ 1', title: 'Rule.', effect: 'permit' };
const pack = { id: 'test', version: 1, title: 'Test', jurisdictions: ['DE'], rules: [rule] };
const duty = { ...rule, effect: 'duty', when: { evidence: 'emergency' } };
const bar = { ...rule, id: 'bar', effect: 'bar-emergency', when: { legalClasses: ['psychotherapy-notes'] } };

describe('validatePack', () => {
  it('accepts a pack, and an emergency duty beside the bar of psychotherapy notes', () => {
    validatePack(pack);
    validatePack({ ...pack, rules: [duty, bar] });
  });

  const faults: readonly (readonly [string, object, string])[] = [
    ['no rules', { rules: [] }, 'pack.rules'],
    ['a jurisdiction that is none', { jurisdictions: ['Europe'] }, 'pack.jurisdictions[0]'],
    ['an unknown effect', { rules: [{ ...rule, effect: 'maybe' }] }, 'pack.rules[0].effect'],
    [
      'an unknown purpose',
      { rules: [{ ...rule, when: { purposes: ['CURE'] } }] },
      'pack.rules[0].when.purposes[0]',
    ],
    ['an unknown condition', { rules: [{ ...rule, when: { weather: 'fine' } }] }, 'pack.rules[0].when'],
    ['a rule without a citation', { rules: [{ ...rule, citation: '' }] }, 'pack.rules[0].citation'],
    ['two rules of one id', { rules: [rule, rule] }, 'pack.rules[1].id'],
    [
      'a rule that ends before it begins',
      { rules: [{ ...rule, from: '2029-01-02', to: '2029-01-01' }] },
      'pack.rules[0].to',
    ],
    ['a permit that is specific', { rules: [{ ...rule, specific: true }] }, 'pack.rules[0].specific'],
    [
      'a duty by purpose alone',
      { rules: [{ ...duty, when: { purposes: ['PATRQT'] } }] },
      'pack.rules[0].when',
    ],
    ['an emergency without the bar of psychotherapy notes', { rules: [duty] }, 'pack.rules[0]'],
    ['such a bar with a limit', { rules: [duty, { ...bar, from: '2030-01-01' }] }, 'pack.rules[0]'],
    [
      'more than 32 KB',
      {
        rules: Array.from({ length: 100 }, (_, index) => ({
          ...rule,
          id: `r${index}`,
          title: 'x'.repeat(400),
        })),
      },
      'pack',
    ],
  ];
  for (const [what, change, path] of faults) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(
        () => validatePack({ ...pack, ...change }),
        (error) => error instanceof VitaledgerError && error.details.path === path,
      );
    });
  }
});

describe('covers', () => {
  it('includes the parts of a jurisdiction, and no other that begins alike', () => {
    assert.equal(covers(['US'], 'US-CA'), true);
    assert.equal(covers(['US'], 'US'), true);
    assert.equal(covers(['US-CA'], 'US'), false);
    assert.equal(covers(['CA-ON'], 'CA-ONX'), false);
    assert.equal(covers(['DE'], ''), false);
  });
});
