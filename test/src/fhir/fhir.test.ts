import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { samples } from './samples.js';
import { hapiValidator } from './validator.js';

/** Every kind of resource that the project makes itself; records are what their authors made. */
const KINDS = [
  'AuditEvent',
  'Binary',
  'Bundle',
  'CareTeam',
  'Consent',
  'Patient',
  'Provenance',
  'ResearchStudy',
];

describe('what is written as FHIR', function () {
  this.timeout(300_000);
  let folder: string;
  let written: Readonly<Record<string, string>>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-fhir-samples-'));
    written = await samples(folder);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is tried with every kind of resource that there is', () => {
    const all = Object.values(written).join();
    const kinds = new Set([...all.matchAll(/"resourceType":"([A-Za-z]+)"/g)].map(([, kind]) => kind));
    assert.deepEqual(
      KINDS.filter((kind) => !kinds.has(kind)),
      [],
    );
    for (const kind of ['DocumentReference', 'ImagingStudy', 'Media']) assert.ok(kinds.has(kind), kind);
  });

  it('has no fault in the eyes of HAPI’s validator, which sees faults', async function () {
    const validate = await hapiValidator();
    if (!validate) return this.skip();
    const broken = JSON.parse(written['consent-bare.json'] ?? '{}') as Record<string, unknown>;
    const findings = await validate({
      ...written,
      'broken.json': JSON.stringify({ ...broken, status: 'signed' }),
    });
    const errors = findings.filter(({ severity }) => ['ERROR', 'FATAL'].includes(severity));
    assert.ok(
      errors.some(({ file }) => file === 'broken.json'),
      'the validator accepts anything',
    );
    const real = errors.filter(({ file }) => file !== 'broken.json');
    // One is enough of each kind.
    const kinds = new Map(real.map((one) => [`${one.file} ${one.message}`, one] as const));
    const told = [...kinds.values()].map(({ file, place, message }) => `${file} ${place}: ${message}`);
    assert.deepEqual(told, [], `${String(real.length)} errors`);
    console.log(`      ${String(Object.keys(written).length)} files judged by HAPI 8.8.1: no error`);
  });
});
