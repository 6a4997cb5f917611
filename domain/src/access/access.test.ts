import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import type { RecordInput } from '../records/record.js';
import { isWanted } from './filter.js';
import { receiptExpiry } from './receipt.js';
import { type AccessFilter, validateRequest } from './request.js';

const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  format: 'jwk',
});
const request = {
  patient: 'a'.repeat(32),
  scope: 'content',
  purpose: 'TREAT',
  filter: { classes: ['Observation'], from: '2020', to: '2024-06', records: ['1'.repeat(32)] },
  encryptionKey: { crv: 'P-256', kty: 'EC', x, y },
  salt: '0'.repeat(32),
};

describe('validateRequest', () => {
  it('accepts a request, with and without limits', () => {
    assert.deepEqual(validateRequest(request), request);
    validateRequest({ ...request, filter: {} });
  });

  const examples: readonly (readonly [string, object, string])[] = [
    ['a purpose in words', { purpose: 'curiosity' }, 'input.purpose'],
    ['an unknown scope', { scope: 'everything' }, 'input.scope'],
    ['no filter', { filter: undefined }, 'input.filter'],
    ['a filter that is an array', { filter: [] }, 'input.filter'],
    ['an empty list of classes', { filter: { classes: [] } }, 'input.filter.classes'],
    ['an unknown class', { filter: { classes: ['Observation', 'Labs'] } }, 'input.filter.classes[1]'],
    ['dates that run backwards', { filter: { from: '2024', to: '2023-12' } }, 'input.filter.to'],
    ['a date in words', { filter: { from: 'yesterday' } }, 'input.filter.from'],
    ['a name as a filter', { filter: { name: 'JaneDoe' } }, 'input.filter'],
    ['a key off the curve', { encryptionKey: { ...request.encryptionKey, x: y } }, 'input.encryptionKey'],
    ['a short salt', { salt: '00' }, 'input.salt'],
  ];
  for (const [what, changes, path] of examples) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(
        () => validateRequest({ ...request, ...changes }),
        (error) => error instanceof VitaledgerError && error.details.path === path,
      );
    });
  }
});

describe('isWanted', () => {
  const loinc = { system: 'http://loinc.org', code: '4548-4' };
  const record = {
    id: '1'.repeat(32),
    class: 'Observation',
    category: [],
    codes: [loinc],
    date: '2024-05',
    labels: [],
  } as unknown as RecordInput;
  const examples: readonly (readonly [string, AccessFilter, boolean])[] = [
    ['no limits', {}, true],
    ['its class', { classes: ['Condition', 'Observation'] }, true],
    ['another class', { classes: ['Condition'] }, false],
    ['its code', { codes: [loinc] }, true],
    ['its code in another system', { codes: [{ ...loinc, system: 'http://snomed.info/sct' }] }, false],
    ['its id', { records: ['1'.repeat(32)] }, true],
    ['another id', { records: ['2'.repeat(32)] }, false],
    ['dates that meet its month', { from: '2024-05-31', to: '2024-06' }, true],
    ['dates before', { to: '2024-04' }, false],
    ['dates after', { from: '2024-06-01' }, false],
    ['its class and another id', { classes: ['Observation'], records: ['2'.repeat(32)] }, false],
  ];
  for (const [what, filter, wanted] of examples) {
    it(`${wanted ? 'finds' : 'passes over'} a record by ${what}`, () => {
      assert.equal(isWanted(record, filter), wanted);
    });
  }

  it('passes over a record without date where dates are limited', () => {
    const { date: _date, ...undated } = record;
    assert.ok(_date);
    assert.equal(isWanted(undated, { from: '1900' }), false);
    assert.equal(isWanted(undated, {}), true);
  });
});

describe('receiptExpiry', () => {
  it('is ten minutes after the request', () => {
    assert.equal(receiptExpiry('2026-03-01T23:55:00.000Z'), '2026-03-02T00:05:00.000Z');
  });
});
