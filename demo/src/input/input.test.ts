import { VitaledgerError, type ErrorCode } from '@vitaledger/client';
import { compareOutcomes, type TrialRecord } from '@vitaledger/domain';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ownPatients, readPatientFile } from './patient-file.js';
import { switchPrimaryOutcome } from './switch-primary-outcome.js';
import { ownTrial, readTrialFile } from './trial-file.js';

describe('what the story is told with', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-demo-input-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const refused = async (code: ErrorCode, work: Promise<unknown>, text: RegExp): Promise<void> => {
    const error = await work.then(
      () => assert.fail('it was accepted'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof VitaledgerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
  };
  const condition = (code: string, text: string): object => ({
    resourceType: 'Condition',
    subject: { reference: 'Patient/1' },
    code: { coding: [{ system: 'http://snomed.info/sct', code }], text },
    onsetDateTime: '2024-01-01',
  });
  const bundle = (...resources: object[]): string =>
    JSON.stringify({
      resourceType: 'Bundle',
      type: 'collection',
      entry: resources.map((resource) => ({ resource })),
    });

  it('has three patients of its own, whose names and identifiers it knows to search', async () => {
    const patients = await Promise.all(ownPatients.map(readPatientFile));
    assert.deepEqual(
      patients.map(({ entries, topic }) => [entries, topic?.name]),
      [
        [363, 'intimate partner abuse'],
        [416, 'intimate partner abuse'],
        [431, 'Otitis media'],
      ],
    );
    for (const { name, identifying } of patients) {
      assert.match(name ?? '', /^\p{L}+ \p{L}+$/u);
      const kinds = identifying.map(({ what }) => what);
      for (const what of ['name', 'identifier', 'birth date']) assert.ok(kinds.includes(what), kinds.join());
    }
  });

  it('reads compressed and uncompressed files alike', async () => {
    const text = bundle(condition('1', 'one'), condition('2', 'two'));
    const [plain, compressed] = await Promise.all([
      readPatientFile(file('a.json', text)),
      readPatientFile(file('b.json', gzipSync(text))),
    ]);
    assert.deepEqual(plain.content, compressed.content);
  });

  it('excepts something from a consent only where something is left to read', async () => {
    const { topic: only } = await readPatientFile(file('a.json', bundle(condition('1', 'one'))));
    assert.equal(only, undefined);
    const { topic } = await readPatientFile(
      file(
        'b.json',
        bundle(condition('1', 'Stress (finding)'), condition('2', 'two'), condition('2', 'two')),
      ),
    );
    assert.equal(topic?.name, 'two');
  });

  it('says what is wrong with a bundle, and in which file', async () => {
    await refused('NOT_FOUND', readPatientFile(join(folder, 'none.json')), /none\.json.*ENOENT/);
    await refused(
      'INVALID_ARGUMENT',
      readPatientFile(file('cut.json', bundle(condition('1', 'x')).slice(0, -9))),
      /cut\.json.*middle/,
    );
    await refused(
      'INVALID_ARGUMENT',
      readPatientFile(file('cut.gz', gzipSync(bundle()).subarray(0, 20))),
      /cut\.gz.*gzip/,
    );
    await refused(
      'INVALID_ARGUMENT',
      readPatientFile(file('other.json', '{"resourceType":"Patient"}')),
      /other\.json.*Bundle/,
    );
    const two = bundle(condition('1', 'one'), {
      ...condition('2', 'two'),
      subject: { reference: 'Patient/2' },
    });
    await refused('INVALID_ARGUMENT', readPatientFile(file('two.json', two)), /two\.json.*another subject/);
  });

  it('says what is wrong with a trial, and in which file', async () => {
    await refused('NOT_FOUND', readTrialFile(folder), /EISDIR/);
    await refused(
      'INVALID_ARGUMENT',
      readTrialFile(file('t.json', '{"protocolSection":')),
      /t\.json.*middle/,
    );
    await refused(
      'INVALID_ARGUMENT',
      readTrialFile(file('u.json', '{"protocolSection":{}}')),
      /u\.json.*WHO item/,
    );
    const { registered } = await ownTrial();
    const named = structuredClone(registered) as { protocolSection: Record<string, unknown> };
    named.protocolSection.descriptionModule = { briefSummary: 'Write to jane.roe@example.org, please' };
    await refused('INVALID_ARGUMENT', readTrialFile(file('v.json', JSON.stringify(named))), /v\.json/);
  });

  it('makes up an amendment of somebody’s own trial that switches what it is judged by', async () => {
    const { registered } = await ownTrial();
    const own = await readTrialFile(file('t.json', JSON.stringify(registered)));
    assert.equal(own.madeUp, true);
    assert.equal(compareOutcomes(own.registered, own.amended).primarySwitched, true);
    const alone = structuredClone(registered) as {
      protocolSection: { outcomesModule: Record<string, unknown> };
    };
    delete alone.protocolSection.outcomesModule.secondaryOutcomes;
    const record = alone as unknown as TrialRecord;
    assert.equal(compareOutcomes(record, switchPrimaryOutcome(record)).primarySwitched, true);
  });
});
