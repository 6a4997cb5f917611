import assert from 'node:assert/strict';
import fc from 'fast-check';
import { locateJsonFault } from './json-fault.js';

describe('locateJsonFault', () => {
  it('says nothing about any JSON text', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n\t'), (json, space) => {
        assert.equal(locateJsonFault(space + json + space), undefined);
      }),
    );
  });

  it('calls every proper beginning of an object truncated, at its end', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (object, cut) => {
        const json = JSON.stringify(object);
        const beginning = json.slice(0, cut % json.length);
        const fault = locateJsonFault(beginning);
        assert.equal(fault?.truncated, true);
        assert.equal(fault.offset, beginning.length);
      }),
    );
  });

  it('refuses exactly what JSON.parse refuses', () => {
    const anything = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', '.5', 'e', 'true', 'nul', ' ', '\\'),
          {
            maxLength: 12,
          },
        )
        .map((tokens) => tokens.join('')),
    );
    fc.assert(
      fc.property(anything, (text) => {
        assert.equal(locateJsonFault(text) === undefined, parses(text));
      }),
      { numRuns: 2000 },
    );
  });

  const faults: [text: string, line: number, column: number][] = [
    ['{"a": 1,}', 1, 9],
    ['{"a": 1\n "b": 2}', 2, 2],
    ['{"a": tru}', 1, 7],
    ['[1 2]', 1, 4],
    ['{"a": "x\ny"}', 1, 9],
    ['{"a": "\\x"}', 1, 8],
    ['[1]]', 1, 4],
    ['{a: 1}', 1, 2],
    ['[01]', 1, 3],
    ['{"a": 1]', 1, 8],
  ];
  for (const [text, line, column] of faults) {
    it(`finds the fault of ${JSON.stringify(text)} at line ${line}, column ${column}`, () => {
      const fault = locateJsonFault(text);
      assert.deepEqual([fault?.line, fault?.column, fault?.truncated], [line, column, false]);
    });
  }
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
