import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import * as v from 'valibot';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson, digestOf } from './canonical.js';
import { isDigest, isId, isInstant, isJurisdiction, isMspId, isSalt, isSubject } from './formats.js';
import { MAX_JSON_DEPTH, parseJson } from './parse.js';
import { checkShape, closed, shapes, text, wholeNumber } from './shape.js';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785 §3.2.3', () => {
    const value = {
      numbers: JSON.parse(
        '[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]',
      ) as number[],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    };
    const expected =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    assert.equal(canonicalJson(value), expected);
  });

  it('orders members by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const text = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    const order = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    assert.deepEqual(
      [...text.matchAll(/("[^"]+"):0/g)].map(([, name]) => JSON.parse(name!) as string),
      order,
    );
  });

  it('orders names too that objects order in a way of their own, or that set no member', () => {
    const value = JSON.parse('{"b":{"10":1,"9":[{"d":1,"c":2}]},"__proto__":{"f":1,"e":2},"a":0}') as object;
    const expected = '{"__proto__":{"e":2,"f":1},"a":0,"b":{"10":1,"9":[{"c":2,"d":1}]}}';
    assert.equal(canonicalJson(value), expected);
    assert.equal(canonicalJson(JSON.parse(expected)), expected);
    assert.equal(JSON.stringify(value).slice(0, 8), '{"b":{"9', 'it changes nothing in what it is given');
  });

  it('looks at few members more than once, however deep what is out of order lies', () => {
    let value: object = { b: 1, a: 2 };
    let looks = 0;
    for (let depth = 1; depth < MAX_JSON_DEPTH; depth++) {
      const inner = value;
      const get = () => {
        looks += 1;
        assert.ok(looks <= 5 * MAX_JSON_DEPTH, 'looks at the same again and again');
        return inner;
      };
      value = Object.defineProperties(
        {},
        { a: { get, enumerable: true }, z: { value: 1, enumerable: true } },
      );
    }
    assert.match(canonicalJson(value), /^(?:\{"a":)+2,"b":1\}(?:,"z":1\})+$/);
  });

  it('gives the same text for equal values, whatever the order of their members', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        fc.pre(!/\p{Surrogate}/u.test(JSON.stringify(value)));
        const reversed = JSON.parse(JSON.stringify(value), (_, part: unknown) =>
          typeof part === 'object' && part !== null && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        ) as unknown;
        assert.equal(canonicalJson(reversed), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('writes what the reference implementation of RFC 8785 writes', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('10', '9', '__proto__x', '€', '\\ud800'),
    );
    const { value: values } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, true, false, 0, -0, 1e21, '\\ud800', '\u2028'),
        fc.array(tie('value')),
        fc.dictionary(names, tie('value')),
      ),
    }));
    fc.assert(
      fc.property(values, (value) => {
        assert.equal(canonicalJson(value), canonicalize(value));
      }),
    );
  });

  const bad: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['an undefined member', { a: undefined }],
    ['a hole', new Array(1)],
    ['NaN', [NaN]],
    ['an infinity', -Infinity],
    ['a function', { a: () => 1 }],
    ['a bigint', 1n],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a member name', { '\udc00': 1 }],
  ];
  for (const [what, value] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => canonicalJson(value), TypeError);
    });
  }
});

describe('digestOf', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it('hashes text as UTF-8, bytes as they are and values in canonical form', () => {
    assert.equal(digestOf(''), empty);
    assert.equal(digestOf(new Uint8Array()), empty);
    assert.equal(digestOf('é'), digestOf(Buffer.from([0xc3, 0xa9])));
    assert.equal(digestOf({ b: 1, a: 2 }), digestOf('{"a":2,"b":1}'));
  });
});

describe('formats', () => {
  const hex = (length: number) => '0123456789abcdef'.repeat(16).slice(0, length);
  const examples: readonly (readonly [
    (value: unknown) => boolean,
    readonly unknown[],
    readonly unknown[],
  ])[] = [
    [isId, [hex(32)], [hex(31), hex(33), hex(32).toUpperCase(), `${hex(32)}\n`, 5]],
    [
      isSalt,
      [hex(32), hex(64), hex(128), hex(32).toUpperCase()],
      [hex(31), hex(33), hex(30), hex(130), '', null],
    ],
    [isDigest, [hex(64)], [hex(63), hex(64).toUpperCase(), undefined]],
    [
      isInstant,
      ['2026-03-01T12:00:00.000Z', '2024-02-29T23:59:59.999Z'],
      [
        '2026-03-01T12:00:00Z',
        '2026-02-29T12:00:00.000Z',
        '2026-03-01T24:00:00.000Z',
        '2026-03-01T12:00:00.000+00:00',
      ],
    ],
    [isMspId, ['HospitalMSP', 'org-1.example'], ['', 'a/b', 'a b', '-a', 'x'.repeat(65)]],
    [isSubject, ['a1', 'urn:uuid:6b9d'], ['', 'a/b', 'a b', 'x'.repeat(129)]],
    [isJurisdiction, ['DE', 'US-CA', 'CA-ON'], ['de', 'USA', 'US-', 'US-CALI']],
  ];
  for (const [accepts, good, bad] of examples) {
    it(`${accepts.name} accepts what it should and nothing else`, () => {
      for (const value of good) assert.equal(accepts(value), true, String(value));
      for (const value of bad) assert.equal(accepts(value), false, String(value));
    });
  }
});

describe('parseJson', () => {
  it('refuses members that every object inherits, however they are written', () => {
    for (const name of ['__proto__', '\\u005f_proto__', 'constructor', 'prototype', 'toString']) {
      assert.throws(
        () => parseJson(`{"a":[{"${name}":{"admin":true}}]}`, 'input'),
        { code: 'INVALID_ARGUMENT', details: { path: 'input' } },
        name,
      );
    }
    assert.deepEqual(parseJson('{"a":"__proto__"}', 'input'), { a: '__proto__' });
  });

  it('reads JSON', () => {
    assert.deepEqual(parseJson('{"a":["\\"]}"]}', 'input'), { a: ['"]}'] });
  });

  it('refuses what is not JSON without quoting it', () => {
    assert.throws(() => parseJson('{"name": JaneDoe}', 'input'), {
      message: 'input is not well-formed JSON',
    });
  });

  it('refuses nesting that recursive readers could not bear', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    parseJson(nested(MAX_JSON_DEPTH), 'input');
    assert.throws(() => parseJson(nested(MAX_JSON_DEPTH + 1), 'input'), { code: 'INVALID_ARGUMENT' });
    assert.throws(() => parseJson('['.repeat(1_000_000), 'input'), { code: 'INVALID_ARGUMENT' });
  });

  it('does not count brackets within strings', () => {
    const long = JSON.stringify(`\\"${'['.repeat(1000)}`);
    assert.equal(parseJson(long, 'input'), JSON.parse(long));
  });
});

describe('checkShape', () => {
  const shape = closed({
    id: shapes.id,
    count: v.exactOptional(wholeNumber(1, 5)),
    list: v.exactOptional(v.array(closed({ color: v.picklist(['red', 'blue'], 'must be red or blue') }))),
    map: v.exactOptional(
      v.record(
        shapes.mspId,
        text((value) => value !== 'no', 'must be something else'),
      ),
    ),
  });
  const id = '0'.repeat(32);
  const examples: readonly (readonly [unknown, string])[] = [
    [undefined, 'thing is required'],
    [null, 'thing must be an object'],
    [[], 'thing must be an object'],
    [{}, 'thing.id is required'],
    [{ id: 'JaneDoe' }, 'thing.id must be 128 bits in 32 lower-case hexadecimal digits'],
    [{ id, JaneDoe: 1 }, 'thing has a member that is not known here'],
    [{ id, count: 6 }, 'thing.count must be a whole number from 1 to 5'],
    [{ id, count: '1' }, 'thing.count must be a whole number from 1 to 5'],
    [{ id, list: {} }, 'thing.list must be an array'],
    [{ id, list: [{ color: 'red' }, { color: 'JaneDoe' }] }, 'thing.list[1].color must be red or blue'],
    [{ id, list: [[]] }, 'thing.list[0] must be an object'],
    [{ id, list: [{}] }, 'thing.list[0].color is required'],
    [{ id, map: { A: 'no' } }, 'thing.map.A must be something else'],
    [{ id, map: { 'Jane Doe': 'x' } }, 'thing.map must be an MSP id'],
  ];
  for (const [value, message] of examples) {
    it(`says "${message}"`, () => {
      assert.throws(
        () => checkShape(shape, value, 'thing'),
        (error) =>
          error instanceof VitaledgerError && error.message === message && error.code === 'INVALID_ARGUMENT',
      );
    });
  }

  it('returns what has the shape', () => {
    const value = { id, count: 5, list: [{ color: 'blue' }], map: { A: 'yes' } };
    assert.deepEqual(checkShape(shape, value, 'thing'), value);
  });
});
