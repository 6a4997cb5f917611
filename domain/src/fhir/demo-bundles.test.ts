import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { VitaledgerError } from '../errors/index.js';
import { MAX_CODINGS } from '../records/record.js';
import { bundleSubject } from './bundle-subject.js';
import { classify } from './classify.js';
import { readBundle, type RecordBundle } from './read-bundle.js';
import {
  isBundleLocal,
  isConditional,
  literalReferences,
  planReferences,
  referenceResolver,
  rewriteReferences,
} from './references.js';

const DATA = join(__dirname, '../../../demo/data');
const SNOMED = 'http://snomed.info/sct';

function load(name: string): string {
  return gunzipSync(readFileSync(join(DATA, `${name}.json.gz`))).toString('utf8');
}

function codesOf(bundle: RecordBundle, type: string): string[] {
  const resolve = referenceResolver(bundle.entries);
  return bundle.entries
    .filter(({ resource }) => resource.resourceType === type)
    .flatMap(({ resource }) =>
      classify(resource, resolve).codes.map(({ system, code }) => `${system}|${code}`),
    );
}

const patients: [file: string, entries: number, condition: string][] = [
  ['chronic-disease', 363, '44054006'], // type 2 diabetes mellitus
  ['substance-use', 416, '6525002'], // dependent drug abuse
  ['child-asthma', 431, '233678006'], // childhood asthma
];

for (const [file, count, condition] of patients) {
  describe(`the demo bundle ${file}`, () => {
    const text = load(file);
    const bundle = readBundle(text);

    it(`is a transaction of ${count} entries about one patient`, () => {
      assert.equal(bundle.type, 'transaction');
      assert.equal(bundle.entries.length, count);
      const subject = bundleSubject(bundle);
      assert.equal(subject.patient?.fullUrl, subject.reference);
    });

    it('tells the condition it was chosen for', () => {
      assert.ok(codesOf(bundle, 'Condition').includes(`${SNOMED}|${condition}`));
    });

    it('is classified with a subject, codes and a date wherever the resource is an event of care', () => {
      const resolve = referenceResolver(bundle.entries);
      const timeless = new Set(['Patient', 'Device']);
      for (const { resource, path } of bundle.entries) {
        const { codes, date, subject } = classify(resource, resolve);
        if (resource.resourceType !== 'Patient') assert.ok(subject, path);
        if (timeless.has(resource.resourceType)) continue;
        assert.ok(date, `${path} ${resource.resourceType} has no date`);
        assert.ok(codes.length > 0, `${path} ${resource.resourceType} has no code`);
        assert.ok(
          codes.length <= MAX_CODINGS,
          `${path} ${resource.resourceType} has too many codes to register`,
        );
      }
    });

    it('has no reference to an entry left once its references are rewritten', () => {
      const plan = planReferences(
        bundle,
        bundle.entries.map(({ index }) => `r${index}`),
      );
      const references = bundle.entries.flatMap(({ resource, path }) =>
        literalReferences(rewriteReferences(resource, plan), path),
      );
      assert.ok(references.some(({ reference }) => isConditional(reference)));
      assert.deepEqual(
        references.filter(({ reference }) => isBundleLocal(reference)),
        [],
      );
    });

    it('is refused when it is cut off anywhere', () => {
      for (const eighth of [1, 2, 3, 4, 5, 6, 7]) {
        assert.throws(
          () => readBundle(text.slice(0, Math.floor((text.length * eighth) / 8))),
          (error: VitaledgerError) =>
            error.code === 'INVALID_ARGUMENT' && error.message.includes('in the middle of'),
        );
      }
    });

    it('is refused whole when one of its entries is missing', () => {
      const broken = JSON.parse(text) as { entry: unknown[] };
      broken.entry.splice(1, 1);
      assert.throws(() => readBundle(broken), /points to an entry that is not in this bundle/);
    });
  });
}
