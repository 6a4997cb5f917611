import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { isDateTime, spanOf } from './dates.js';
import {
  MAX_RECORDS_AT_ONCE,
  metadataOnly,
  type RecordInput,
  validateRecord,
  validateRecords,
  withoutKeyShare,
} from './record.js';

const manifest = { object: 'o'.repeat(32), size: 100, chunkSize: 64, chunks: 2, digest: 'f'.repeat(64) };
const record: RecordInput = {
  id: '1'.repeat(32),
  salt: '2'.repeat(32),
  class: 'Observation',
  category: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }],
  codes: [{ system: 'http://loinc.org', code: '4548-4' }],
  date: '2024-05-17',
  labels: [],
  mediaType: 'application/fhir+json',
  keyShare: Buffer.alloc(32, 7).toString('base64url'),
  manifest,
};

describe('validateRecord', () => {
  it('accepts a record', () => {
    assert.deepEqual(validateRecord(record), record);
  });

  it('accepts the origin that its author declares', () => {
    const origin = {
      organization: 'ClinicMSP',
      classes: ['part2-program' as const, 'sud-counseling-notes' as const],
    };
    assert.deepEqual(validateRecord({ ...record, origin }), { ...record, origin });
  });

  it('accepts an empty object of one chunk', () => {
    validateRecord({ ...record, manifest: { ...manifest, size: 0, chunks: 1 } });
  });

  const examples: readonly (readonly [string, object, string])[] = [
    ['an id that is not random bits', { id: 'JaneDoe' }, 'record.id'],
    ['a short salt', { salt: '2'.repeat(31) }, 'record.salt'],
    ['no salt', { salt: undefined }, 'record.salt'],
    ['an unknown class', { class: 'Observations' }, 'record.class'],
    ['a coding with a text', { codes: [{ ...record.codes[0], display: 'JaneDoe' }] }, 'record.codes[0]'],
    ['a coding without system', { category: [{ code: 'x' }] }, 'record.category[0].system'],
    ['a day that does not exist', { date: '2024-02-30' }, 'record.date'],
    ['a media type with parameters', { mediaType: 'text/plain; charset=utf-8' }, 'record.mediaType'],
    ['a short key share', { keyShare: 'AAAA' }, 'record.keyShare'],
    ['too few chunks', { manifest: { ...manifest, chunks: 1 } }, 'record.manifest.chunks'],
    ['no chunk', { manifest: { ...manifest, size: 0, chunks: 0 } }, 'record.manifest.chunks'],
    ['a negative size', { manifest: { ...manifest, size: -1 } }, 'record.manifest.size'],
    ['a name of a path', { manifest: { ...manifest, object: '../../etc/passwd' } }, 'record.manifest.object'],
    [
      'a legal class of no law',
      { origin: { organization: 'ClinicMSP', classes: ['secret'] } },
      'record.origin.classes[0]',
    ],
    [
      'an origin without classes',
      { origin: { organization: 'ClinicMSP', classes: [] } },
      'record.origin.classes',
    ],
    [
      'a legal class named twice',
      { origin: { organization: 'ClinicMSP', classes: ['part2-program', 'part2-program'] } },
      'record.origin.classes',
    ],
    ['an unknown member', { name: 'JaneDoe' }, 'record'],
    ['too many codes', { codes: Array.from({ length: 101 }, () => record.codes[0]) }, 'record.codes'],
  ];
  for (const [what, changes, path] of examples) {
    it(`refuses ${what}, naming the path and no value`, () => {
      assert.throws(
        () => validateRecord({ ...record, ...changes }),
        (error) =>
          error instanceof VitaledgerError &&
          error.details.path === path &&
          !error.message.includes('JaneDoe'),
      );
    });
  }
});

describe('validateRecords', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...record,
      id: index.toString(16).padStart(32, '0'),
      salt: index.toString(16).padStart(32, '0').padEnd(64, '0'),
    }));

  it(`accepts 1 to ${MAX_RECORDS_AT_ONCE} records at once`, () => {
    assert.equal(validateRecords(many(1)).length, 1);
    assert.equal(validateRecords(many(MAX_RECORDS_AT_ONCE)).length, MAX_RECORDS_AT_ONCE);
  });

  it('refuses none, too many, and what is no array', () => {
    for (const value of [[], many(MAX_RECORDS_AT_ONCE + 1), {}, undefined]) {
      assert.throws(() => validateRecords(value), { details: { path: 'input.records' } });
    }
  });

  it('refuses an id or a salt used twice, naming the second', () => {
    const [one, two] = many(2);
    assert.throws(() => validateRecords([one, { ...two, id: one!.id }]), {
      details: { path: 'input.records[1].id' },
    });
    assert.throws(() => validateRecords([one, { ...two, salt: one!.salt }]), {
      details: { path: 'input.records[1].salt' },
    });
  });
});

describe('what is shown of a record', () => {
  it('is all but the key share in lists, and no manifest either in metadata', () => {
    assert.deepEqual({ ...withoutKeyShare(record), keyShare: record.keyShare }, record);
    assert.equal('keyShare' in withoutKeyShare(record), false);
    assert.deepEqual(Object.keys(metadataOnly(record)).sort(), [
      'category',
      'class',
      'codes',
      'date',
      'id',
      'labels',
      'mediaType',
      'salt',
    ]);
  });
});

describe('spanOf', () => {
  const examples: readonly (readonly [string, string, string])[] = [
    ['2024', '2024-01-01T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-02-29T23:59:59.999Z'],
    ['2024-12-31', '2024-12-31T00:00:00.000Z', '2024-12-31T23:59:59.999Z'],
    ['2024-05-17T10:00:00Z', '2024-05-17T10:00:00.000Z', '2024-05-17T10:00:00.999Z'],
    ['2024-05-17T10:00:00.5+02:00', '2024-05-17T08:00:00.500Z', '2024-05-17T08:00:00.599Z'],
    ['2024-05-17T10:00:00.123-05:00', '2024-05-17T15:00:00.123Z', '2024-05-17T15:00:00.123Z'],
    ['0001', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z'],
  ];
  for (const [dateTime, first, last] of examples) {
    it(`takes ${dateTime} at its precision`, () => {
      assert.deepEqual(spanOf(dateTime), { first: Date.parse(first), last: Date.parse(last) });
    });
  }

  it('refuses what is no FHIR dateTime', () => {
    const bad = [
      '',
      '24',
      '2024-13',
      '2023-02-29',
      '2024-1-1',
      '2024-05-17T10:00',
      '2024-05-17T10:00:00',
      '2023-02-29T10:00:00Z',
      '2024-05-17T25:00:00Z',
      ' 2024',
      '2024\n',
    ];
    for (const dateTime of bad) assert.equal(isDateTime(dateTime), false, dateTime);
  });

  it('covers the instant that any full dateTime names', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        const time = date.getTime();
        for (const length of [4, 7, 10]) {
          const span = spanOf(date.toISOString().slice(0, length))!;
          assert.ok(span.first <= time && time <= span.last);
        }
        assert.deepEqual(spanOf(date.toISOString()), { first: time, last: time });
      }),
    );
  });
});
