import assert from 'node:assert/strict';
import { digestOf, type RecordMetadata } from '@vitaledger/domain';
import type { Bundle, FhirResource } from 'fhir/r4';
import { ReleasedRecord } from '../access/released-record.js';
import type { ListedRecord } from '../records/inspection.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileVault } from '../vault/file-vault.js';
import { storeContent } from '../vault/objects.js';
import { BundleExport, type FhirExportOptions } from './export.js';
import { reconcile } from './reconcile.js';

const id = (n: number): string => n.toString(16).padStart(32, '0');

describe('an export', () => {
  const folder = temporaryFolder();
  let vault: FileVault;
  let records: RecordMetadata[];

  beforeEach(() => {
    vault = new FileVault(folder());
    records = [];
  });

  async function register(
    content: string | Uint8Array,
    type = 'Observation',
    mediaType = 'application/fhir+json',
  ) {
    const record = id(records.length + 1);
    const stored = await storeContent(vault, Buffer.from(content), { record, version: 1 });
    records.push({
      id: record,
      salt: 'ab'.repeat(16),
      class: type,
      category: [],
      codes: [],
      labels: [],
      mediaType,
      ...stored,
      patient: 'cd'.repeat(16),
      registered: '2026-03-01T00:00:00.000Z',
      registeredBy: { mspId: 'HospitalMSP', subject: 's', role: 'registrar' },
      version: 1,
    });
    return record;
  }
  const observation = (value: string): string =>
    `{"resourceType":"Observation", "id":"${id(records.length + 1)}","valueQuantity":{"value":${value}}}`;
  async function* released(): AsyncGenerator<ReleasedRecord> {
    for (const record of records) yield await Promise.resolve(new ReleasedRecord(record, () => vault));
  }
  async function* listed(all = records): AsyncGenerator<ListedRecord> {
    for (const record of all) yield await Promise.resolve({ ...record, status: 'current' as const });
  }
  const exported = async (options: FhirExportOptions = {}) => {
    const bundle = new BundleExport(released(), options);
    const parts: Uint8Array[] = [];
    for await (const part of bundle) parts.push(part);
    return { text: Buffer.concat(parts).toString(), report: bundle.report };
  };
  const source = (text: string) => ({
    open: async function* () {
      yield await Promise.resolve(Buffer.from(text));
    },
  });
  const compared = (text: string, all = records) => reconcile(source(text), listed(all));

  it('holds each record as it was registered, byte by byte, with its Provenance, and fits the ledger key by key', async () => {
    const first = await register(observation('1.50'));
    const scan = await register(Buffer.from([0, 255, 1]), 'ImagingStudy', 'application/dicom');
    const { text, report } = await exported();
    assert.deepEqual(report, {
      exported: [
        { record: first, version: 1, class: 'Observation', as: 'resource' },
        { record: scan, version: 1, class: 'ImagingStudy', as: 'inline' },
      ],
      missing: [],
    });
    const bundle = JSON.parse(text) as Bundle;
    const resources = bundle.entry!.map(({ resource }) => resource!);
    assert.deepEqual(
      resources.map(({ resourceType, id: own }) => `${resourceType}/${String(own)}`),
      [`Observation/${first}`, `Provenance/${first}-1`, `Binary/${scan}`, `Provenance/${scan}-1`],
    );
    assert.ok(text.includes('"value":1.50'), 'no digit is lost');
    assert.equal(new Set(bundle.entry!.map(({ fullUrl }) => fullUrl)).size, 4);
    assert.equal((resources[2] as FhirResource & { data: string }).data, 'AP8B');
    assert.deepEqual(await compared(text), {
      onLedger: 2,
      matched: 2,
      apart: 0,
      missing: [],
      different: [],
      extra: [],
    });
  });

  it('of nobody’s records is a Bundle without entries', async () => {
    const { text } = await exported();
    assert.deepEqual(Object.keys(JSON.parse(text) as object), ['resourceType', 'type', 'timestamp']);
    assert.equal((await compared(text)).onLedger, 0);
  });

  it('names what could not be had, and goes on', async () => {
    await register(observation('1'));
    await register(observation('2'));
    await vault.erase(records[0]!.manifest.object);
    const { text, report } = await exported();
    assert.deepEqual(
      report.missing.map(({ record, code }) => [record, code]),
      [[id(1), 'NOT_FOUND']],
    );
    const { matched, missing } = await compared(text);
    assert.deepEqual([matched, missing], [1, [{ record: id(1), class: 'Observation', version: 1 }]]);
  });

  it('leaves large documents beside the Bundle, and tells their digest in it', async () => {
    const scan = await register('x'.repeat(100), 'ImagingStudy', 'application/dicom');
    assert.deepEqual((await exported({ mostInline: 99 })).report.missing[0]?.record, scan);
    const taken: string[] = [];
    const onDocument = async (record: ReleasedRecord): Promise<void> => {
      taken.push(Buffer.from(await record.bytes()).toString());
    };
    const { text, report } = await exported({ mostInline: 99, onDocument });
    assert.deepEqual([report.exported[0]?.as, taken], ['apart', ['x'.repeat(100)]]);
    assert.ok(text.includes(digestOf('x'.repeat(100))) && !text.includes('eHh4'));
    const { matched, apart } = await compared(text);
    assert.deepEqual([matched, apart], [1, 1]);
  });

  it('that was altered, or is older than the ledger, does not fit', async () => {
    for (const value of ['1', '2', '3']) await register(observation(value));
    const { text } = await exported();
    const [one, two] = [records[0]!, records[1]!];
    const altered = await compared(text.replace('"value":2', '"value":9'));
    assert.deepEqual(altered.different, [{ record: two.id, class: 'Observation', version: 1 }]);
    const later = await compared(text, [one, two, { ...records[2]!, id: id(9) }]);
    assert.deepEqual([later.missing[0]?.record, later.extra[0]?.record], [id(9), id(3)]);
    const twice = text.replace(
      '"entry":[',
      `"entry":[{"resource":${observation('1').replace(id(4), id(1))}},`,
    );
    assert.deepEqual((await compared(twice)).extra, [{ record: id(1), class: 'Observation' }]);
    await assert.rejects(compared('{"entry":[{"resource":{}}]}'), { code: 'INVALID_ARGUMENT' });
  });

  it('is read once, and tells what it holds at its end', async () => {
    const bundle = new BundleExport(released());
    assert.throws(() => bundle.report, { code: 'PRECONDITION_FAILED' });
    const read = async (): Promise<void> => {
      for await (const bytes of bundle) assert.ok(bytes);
    };
    await read();
    await assert.rejects(read, { code: 'PRECONDITION_FAILED' });
  });
});
