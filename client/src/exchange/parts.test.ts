import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bundleParts, type BundlePart } from './bundle-parts.js';
import { linesOf, type Line } from './lines.js';

/** The bytes of a text in chunks of a length, so that every cut is tried. */
async function* chunks(text: string, length: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) {
    await Promise.resolve();
    yield bytes.subarray(at, at + length);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('the lines of a text', () => {
  const lines = (text: string, length = 3, most = 100): Promise<Line[]> =>
    all(linesOf(chunks(text, length), most));

  it('are numbered as people count them, empty ones included, however the text is cut', async () => {
    const expected = [
      { number: 1, text: 'ä€😀' },
      { number: 4, text: '{"a": 1}' },
      { number: 5, text: 'end' },
    ];
    for (let length = 1; length < 12; length++)
      assert.deepEqual(await lines('\ufeffä€😀\n\n  \n{"a": 1}\r\nend', length), expected, String(length));
    assert.deepEqual(await lines('a\n'), [{ number: 1, text: 'a' }]);
    assert.deepEqual(await lines(''), []);
  });

  it('are dropped where they are too long, and the next are not', async () => {
    assert.deepEqual(await lines(`${'x'.repeat(101)}\n${'y'.repeat(100)}\n`, 7), [
      { number: 1, text: undefined },
      { number: 2, text: 'y'.repeat(100) },
    ]);
  });

  it('are not read from what is compressed', async () => {
    const gzip = (async function* () {
      yield await Promise.resolve(Buffer.from([0x1f, 0x8b, 8, 0]));
    })();
    await assert.rejects(all(linesOf(gzip, 10)), { code: 'INVALID_ARGUMENT', message: /gzip/ });
  });
});

describe('the parts of a bundle', () => {
  const parts = (text: string, length = 5, most = 1000): Promise<BundlePart[]> =>
    all(bundleParts(chunks(text, length), most));
  const read = (found: readonly BundlePart[]) => {
    const bundle: Record<string, unknown> & { entry: unknown[] } = { entry: [] };
    for (const part of found) {
      if (part.kind === 'entry') bundle.entry.push(JSON.parse(part.text ?? 'null'));
      else Object.assign(bundle, JSON.parse(`{${part.text}}`));
    }
    return bundle;
  };

  it('make up any bundle again, however it is written and cut', async () => {
    const bundles = fc.record({
      resourceType: fc.constant('Bundle'),
      type: fc.string(),
      meta: fc.jsonValue({ maxDepth: 3 }),
      entry: fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))),
      link: fc.array(fc.jsonValue({ maxDepth: 2 })),
    });
    await fc.assert(
      fc.asyncProperty(
        bundles,
        fc.integer({ min: 1, max: 40 }),
        fc.nat(2),
        async (bundle, length, indent) => {
          const text = JSON.stringify(bundle, undefined, indent);
          assert.deepEqual(read(await parts(text, length, 1e6)), JSON.parse(text));
        },
      ),
    );
  });

  it('are entries with their places; one that is too long is dropped alone', async () => {
    const text = `{"entry":[{"a":"${'x'.repeat(90)}"}, {"b":"]},{"} ],"type":"batch"}`;
    assert.deepEqual(await parts(text, 4, 50), [
      { kind: 'entry', index: 0, text: undefined },
      { kind: 'entry', index: 1, text: ' {"b":"]},{"} ' },
      { kind: 'member', text: '"type":"batch"' },
    ]);
  });

  it('leave out another member that is too long', async () => {
    const found = await parts(`{"text":{"a":["${'x'.repeat(90)}"]},"type":"batch","entry":[]}`, 4, 50);
    assert.deepEqual(found, [{ kind: 'member', text: '"type":"batch"' }]);
  });

  it('are none where it ends too early or is no single object', async () => {
    const refusal = (message: RegExp) => ({ code: 'INVALID_ARGUMENT', message });
    for (const text of ['{"entry":[{"a":1}', '{"entry":[{"a":"', '{'])
      await assert.rejects(parts(text), refusal(/middle of the JSON/), text);
    for (const text of ['', '[]', '{}{}', '{} x', 'x {}', '"a"'])
      await assert.rejects(parts(text), refusal(/one JSON object/), text);
    assert.deepEqual(await parts('\ufeff {"entry":{}} \n'), [{ kind: 'member', text: '"entry":{}' }]);
  });
});
