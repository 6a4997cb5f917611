import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { validateBulk, VitaledgerError, type PatientRecords } from '@vitaledger/domain';
import type { FhirResource, Observation } from 'fhir/r4';
import { readContent } from '../vault/objects.js';
import { ScriptedSession, type CallKind } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import type { Call, CustodianCall } from '../transaction/index.js';
import { TransactionError } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { FhirExchange } from './fhir-exchange.js';
import type { FhirImportOptions } from './import.js';
import type { ImportSource } from './import-source.js';

const [ann, bob, gone] = ['ab'.repeat(16), 'cd'.repeat(16), 'ef'.repeat(16)] as const;
const ids = new Map([
  ['Patient/ann', ann],
  ['Patient/bob', bob],
  ['Patient/gone', gone],
]);

/** A custodian's contract: what is registered stays registered; one patient is not enrolled. */
class Custodian {
  readonly held = new Map<string, { patient: string; object: string }>();
  batches = 0;
  /** What is to go wrong with a submitted batch. */
  fault: ((batch: number) => Error | undefined) | undefined;

  answer = (call: Call, kind: CallKind): unknown => {
    const { input } = call as CustodianCall & { input: Record<string, unknown> };
    if (call.function === 'ErasureContract:preview')
      return { objects: [this.held.get(String(input.record))?.object ?? 'none'] };
    if (call.function === 'RecordContract:register') {
      this.#check([{ patient: String(input.patient), records: input.records as PatientRecords['records'] }]);
      return '';
    }
    assert.equal(call.function, 'RecordContract:registerBatch');
    const patients = validateBulk(input.patients);
    this.#check(patients);
    if (kind === 'evaluate') return '';
    const fault = this.fault?.(++this.batches);
    if (fault) throw fault;
    for (const { patient, records } of patients)
      for (const { id, manifest } of records) this.held.set(id, { patient, object: manifest.object });
    return '';
  };

  #check(patients: readonly PatientRecords[]): void {
    for (const { patient, records } of patients) {
      if (patient === gone) throw new VitaledgerError('NOT_FOUND', 'There is no such patient here');
      for (const { id, class: type } of records) {
        if (this.held.has(id)) throw new VitaledgerError('ALREADY_EXISTS', 'taken');
        if (type === 'Goal') throw new VitaledgerError('INVALID_ARGUMENT', 'this contract takes no goals');
      }
    }
  }
}

const observation = (id: string, patient = 'ann', more: object = {}): object => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
  subject: { reference: `Patient/${patient}` },
  ...more,
});

function ndjson(...resources: readonly (object | string)[]): ImportSource {
  const text = resources.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  return sourceOf('ndjson', text);
}

function bundle(type: string, ...entry: readonly object[]): ImportSource {
  return sourceOf('bundle', JSON.stringify({ resourceType: 'Bundle', entry, type }));
}

function sourceOf(format: ImportSource['format'], text: string): ImportSource {
  return {
    format,
    open: async function* () {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}

/** What is expected of an object, whatever else it has. */
function has(actual: object | undefined, expected: object): void {
  const named = Object.keys(expected).map((name) => [name, (actual as Record<string, unknown>)[name]]);
  assert.deepEqual(Object.fromEntries(named), expected);
}

describe('an import', () => {
  const folder = temporaryFolder();
  let custodian: Custodian;
  let session: ScriptedSession;
  let vault: FileVault;

  beforeEach(() => {
    custodian = new Custodian();
    vault = new FileVault(folder());
    session = new ScriptedSession(custodian.answer, vault);
  });

  const patients = (subject: string): string | undefined => ids.get(subject);
  const run = (source: ImportSource, options: Partial<FhirImportOptions> = {}) =>
    new FhirExchange(session).import(source, { patients, ...options });
  const files = async (): Promise<string[]> =>
    (await readdir(folder(), { recursive: true, withFileTypes: true }))
      .filter((one) => one.isFile())
      .map((one) => one.name);
  /** Two files for each record, and nothing else. */
  const isTidy = async (): Promise<void> => {
    assert.equal((await files()).length, 2 * custodian.held.size);
  };
  /** The contents of what was registered last. */
  const contents = async (): Promise<FhirResource[]> => {
    const input = session.inputs('RecordContract:registerBatch').at(-1);
    const found: FhirResource[] = [];
    for (const { id, manifest, keyShare } of validateBulk(input?.patients).flatMap(
      ({ records }) => records,
    )) {
      const parts: Uint8Array[] = [];
      for await (const part of readContent(vault, { manifest, keyShare }, { record: id, version: 1 }))
        parts.push(part);
      found.push(JSON.parse(Buffer.concat(parts).toString()) as FhirResource);
    }
    return found;
  };

  it('of NDJSON registers what can be registered, and names what cannot, by its line', async () => {
    const good = Array.from({ length: 300 }, (_, n) => observation(`o${n}`, n % 2 ? 'ann' : 'bob'));
    const source = ndjson(
      ...good.slice(0, 170),
      observation('bad', 'ann', { status: 'Ann Smith' }),
      '{"resourceType": "Observation", ',
      '',
      ...good.slice(170),
      { resourceType: 'Organization', id: 'h1', name: 'Hospital' },
      observation('who', 'unknown'),
      observation('left', 'gone'),
      {
        resourceType: 'Goal',
        id: 'g',
        lifecycleStatus: 'active',
        description: {},
        subject: { reference: 'Patient/ann' },
      },
    );
    const report = await run(source, { batchSize: 100 });
    const { faults, ...counts } = report;
    assert.deepEqual(counts, {
      registered: 300,
      there: 0,
      failed: 5,
      leftOut: 1,
      total: 306,
      resumedAt: 0,
      unsettled: 0,
    });
    assert.deepEqual(
      faults.map(({ place, result, code }) => [place, result, code]),
      [
        ['line 171', 'failed', 'INVALID_ARGUMENT'],
        ['line 172', 'failed', 'INVALID_ARGUMENT'],
        ['line 304', 'left out', 'INVALID_ARGUMENT'],
        ['line 305', 'failed', 'NOT_FOUND'],
        ['line 306', 'failed', 'NOT_FOUND'],
        ['line 307', 'failed', 'INVALID_ARGUMENT'],
      ],
    );
    assert.match(String(faults[0]?.message), /^line 171: resource\.status must be one of/);
    assert.doesNotMatch(JSON.stringify(report), /Smith|unknown'|gone/);
    assert.equal(custodian.held.size, 300);
    await isTidy();
  });

  it('registers nothing twice, in one source or when it is repeated', async () => {
    const source = ndjson(observation('a'), observation('b'), observation('a'), observation('a', 'bob'));
    has(await run(source, { batchSize: 2 }), { registered: 3, there: 1 });
    has(await run(source), { registered: 0, there: 4 });
    const more = ndjson(observation('b'), observation('c'));
    has(await run(more), { registered: 1, there: 1 });
    assert.equal(custodian.held.size, 4);
    await isTidy();
  });

  it('names a resource that has the id of another, however the input is cut and wherever it goes on', async () => {
    const source = ndjson(
      observation('a', 'ann', { valueString: 'first' }),
      observation('a', 'ann', { valueString: 'second' }),
      observation('b'),
      observation('a', 'ann', { valueString: 'first' }),
      observation('c', 'gone'),
      observation('c', 'gone'),
      observation('b', 'ann', { valueString: 'other' }),
    );
    for (const batchSize of [1, 2, 3, 100]) {
      custodian.held.clear();
      for (const again of [false, true]) {
        const { faults, ...counts } = await run(source, { batchSize });
        has(counts, { registered: again ? 0 : 2, there: again ? 3 : 1, failed: 4 });
        assert.deepEqual(
          faults.map(({ place, code }) => `${place} ${code}`).sort(),
          ['line 2 CONFLICT', 'line 5 NOT_FOUND', 'line 6 NOT_FOUND', 'line 7 CONFLICT'],
          String(batchSize),
        );
        for (const { place, message } of faults) assert.ok(message.startsWith(place), message);
      }
    }
    custodian.held.clear();
    custodian.batches = 0;
    custodian.fault = (batch) => (batch === 2 ? new VitaledgerError('UNAVAILABLE', 'gone') : undefined);
    const cut = { batchSize: 1, concurrency: 1 };
    await assert.rejects(run(source, cut), { code: 'UNAVAILABLE' });
    custodian.fault = undefined;
    has(await run(source, { ...cut, resume: true }), { registered: 2, there: 1, failed: 4 });
    const { faults } = await run(source, { dryRun: true });
    assert.deepEqual(
      faults.filter(({ code }) => code === 'CONFLICT').map(({ place }) => place),
      ['line 2', 'line 7'],
    );
  });

  it('keeps apart what several systems call by the same name, also in references and when it goes on', async () => {
    const of = (value: string): ImportSource =>
      ndjson(
        observation('1', 'ann', { valueString: value }),
        observation('2', 'ann', { hasMember: [{ reference: 'Observation/1' }] }),
      );
    await run(of('lab'));
    has(await run(of('ward')), { registered: 0, there: 2 });
    has(await run(of('ward'), { system: 'https://ward.example/fhir' }), { registered: 2, there: 0 });
    const [first] = session.inputs('RecordContract:registerBatch').slice(-1);
    const [one] = validateBulk(first?.patients).flatMap(({ records }) => records);
    const member = (await contents()).map((each) => (each as Observation).hasMember?.[0]?.reference).at(-1);
    assert.equal(member, `Observation/${one?.id}`);
    has(await run(of('ward'), { system: 'https://ward.example/fhir' }), { registered: 0, there: 2 });
    await run(
      bundle('transaction', { resource: observation('1'), request: { method: 'POST', url: 'Observation' } }),
      {
        system: 'archive',
      },
    );
    assert.equal(custodian.held.size, 5);
    // What was begun for one patient, or of one system, is not gone on with for another.
    custodian.fault = (batch) => (batch === 2 ? new VitaledgerError('UNAVAILABLE', 'gone') : undefined);
    const source = of('new');
    await assert.rejects(run(source, { system: 'x', batchSize: 1, concurrency: 1 }), { code: 'UNAVAILABLE' });
    custodian.fault = undefined;
    has(await run(source, { system: 'y', resume: true }), { registered: 2, resumedAt: 0 });
    has(await run(source, { system: 'x', resume: true, patients: bob }), { registered: 2, resumedAt: 0 });
    has(await run(source, { system: 'x', resume: true }), { registered: 2, resumedAt: 1 });
  });

  it('goes on where it was interrupted, and sweeps what the interrupted attempt left', async () => {
    const source = ndjson(...Array.from({ length: 10 }, (_, n) => observation(`o${n}`)), 'bad');
    const unknown = new TransactionError(
      'UNAVAILABLE',
      'lost',
      {},
      {
        phase: 'commit',
        fate: 'unknown',
        transactionId: 'tx',
        attempts: 1,
      },
    );
    custodian.fault = (batch) => (batch === 3 ? unknown : undefined);
    const progress: number[] = [];
    const options = {
      batchSize: 2,
      concurrency: 1,
      onProgress: (p: { position: number }) => progress.push(p.position),
    };
    await assert.rejects(run(source, options), { fate: 'unknown' });
    assert.deepEqual(progress, [2, 4]);
    assert.equal(custodian.held.size, 4);

    const report = await run(source, { ...options, resume: true });
    has(report, {
      registered: 10,
      there: 0,
      failed: 1,
      resumedAt: 4,
      unsettled: 0,
    });
    assert.deepEqual(progress, [2, 4, 6, 8, 10, 11]);
    assert.equal(custodian.held.size, 10);
    await isTidy();
  });

  it('keeps what an interrupted attempt left where it may not know what belongs to a record', async () => {
    const source = ndjson(observation('a'));
    const { answer } = custodian;
    session = new ScriptedSession((call, kind) => {
      if (call.function === 'ErasureContract:preview')
        throw new VitaledgerError('PERMISSION_DENIED', 'registrars');
      return answer(call, kind);
    }, vault);
    custodian.fault = (batch) => {
      if (batch > 1) return undefined;
      return new TransactionError(
        'UNAVAILABLE',
        'lost',
        {},
        {
          phase: 'commit',
          fate: 'unknown',
          transactionId: 'tx',
          attempts: 1,
        },
      );
    };
    await assert.rejects(run(source));
    has(await run(source, { resume: true }), { registered: 1, unsettled: 1 });
    assert.equal((await files()).length, 5, 'two objects with their shares, and the note');
  });

  it('ends where it concerns all: nothing is skipped for lack of a ledger or of permission', async () => {
    for (const code of ['UNAVAILABLE', 'PERMISSION_DENIED'] as const) {
      custodian.fault = () => new VitaledgerError(code, 'no');
      await assert.rejects(run(ndjson(observation('a'))), { code });
    }
    await assert.rejects(run(ndjson(observation('a')), { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    });
  });

  it('only checks in a dry run', async () => {
    const report = await run(ndjson(observation('a'), 'bad', observation('b', 'gone')), { dryRun: true });
    has(report, { registered: 1, failed: 2, total: 3 });
    assert.ok(session.kinds.every((kind) => kind === 'evaluate'));
    assert.deepEqual(await files(), []);
  });

  it('of a collection finds whose each entry is, and makes references to what is the patient’s own', async () => {
    const urn = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
    const visit = 'urn:uuid:88f151c0-a954-468a-88bd-5ae15c08e059';
    const source = bundle(
      'collection',
      { fullUrl: urn, resource: { resourceType: 'Patient', id: 'ann' } },
      {
        fullUrl: visit,
        resource: { resourceType: 'Encounter', status: 'finished', class: {}, subject: { reference: urn } },
      },
      {
        resource: observation('o1', 'ann', { subject: { reference: urn }, encounter: { reference: visit } }),
      },
      { resource: observation('o2', 'bob') },
      { resource: observation('o3', 'ann', { subject: { reference: 'urn:uuid:not-there' } }) },
    );
    const report = await run(source);
    has(report, { registered: 4, failed: 1 });
    assert.equal(report.faults[0]?.place, 'Bundle.entry[4]');
    const [patient, encounter, first] = await contents();
    has(first, {
      subject: { reference: `Patient/${String(patient?.id)}` },
      encounter: { reference: `Encounter/${String(encounter?.id)}` },
    });
    has(await run(source), { registered: 0, there: 4 });
  });

  it('takes nobody for the patient of the same name on another server', async () => {
    const of = (id: string, reference: string) => observation(id, '', { subject: { reference } });
    const source = ndjson(
      of('1', 'Patient/ann'),
      of('2', 'https://a.example/fhir/Patient/ann'),
      of('3', 'https://b.example/fhir/Patient/ann'),
      of('4', 'https://b.example/fhir/Patient/bob/_history/2'),
      of('5', 'https://a.example/fhir/Patient/bob/_history/2'),
    );
    const { registered, faults } = await run(source, { batchSize: 1 });
    assert.equal(registered, 3);
    assert.deepEqual(
      faults.map(({ place, code }) => [place, code]),
      [
        ['line 3', 'CONFLICT'],
        ['line 4', 'CONFLICT'],
      ],
    );
    const patient = (server: string) => ({
      fullUrl: `https://${server}.example/Patient/ann`,
      resource: { resourceType: 'Patient', id: 'ann' },
    });
    has(await run(bundle('collection', patient('a'), patient('b'))), { registered: 1, failed: 1 });
    has(await run(source, { patients: ann, system: 'of one patient' }), { registered: 5 });
  });

  it('finds the entries also where their name is written with escapes', async () => {
    const plain = JSON.stringify({ resource: observation('a') });
    for (const name of ['entr\\u0079', '\\u0065ntry', '\\u0065\\u006e\\u0074\\u0072\\u0079']) {
      custodian.held.clear();
      const text = `{"resourceType":"Bundle","type":"collection", "${name}" : [${plain}]}`;
      has(await run(sourceOf('bundle', text)), { registered: 1, total: 1 });
    }
    const other = `{"resourceType":"Bundle","type":"collection","\\\\entry":[1],"entry":[${plain}]}`;
    has(await run(sourceOf('bundle', other)), { there: 1, total: 1 });
  });

  it('of a batch takes what is to be written, and nothing else', async () => {
    const source = bundle(
      'batch',
      { request: { method: 'PUT', url: 'Observation/a' }, resource: observation('a') },
      { request: { method: 'DELETE', url: 'Observation/b' }, resource: observation('b') },
      { resource: observation('c') },
    );
    const { registered, faults } = await run(source);
    assert.equal(registered, 1);
    assert.deepEqual(
      faults.map(({ message }) => message),
      [
        'Bundle.entry[1].request.method must be "POST" or "PUT"; register the other entries by calls of their own',
        'Bundle.entry[2].request is required in a transaction',
      ],
    );
  });

  it('of a transaction is whole or not at all, and done once', async () => {
    const post = (resource: object) => ({ request: { method: 'POST', url: 'Observation' }, resource });
    const source = bundle('transaction', post(observation('a')), post(observation('b')));
    await assert.rejects(
      run(bundle('transaction', post(observation('a')), post({ resourceType: 'Nothing' }))),
      {
        code: 'INVALID_ARGUMENT',
        details: { path: 'Bundle.entry[1].resource.resourceType', faults: 1 },
      },
    );
    assert.equal(custodian.held.size, 0);
    has(await run(source, { dryRun: true }), { registered: 2 });
    has(await run(source), { registered: 2, there: 0, total: 2 });
    has(await run(source), { registered: 0, there: 2 });
    await assert.rejects(run(bundle('transaction', post(observation('a')), post(observation('new')))), {
      code: 'ALREADY_EXISTS',
      details: { there: 1, resources: 2 },
    });
    assert.equal(custodian.held.size, 2);
    await assert.rejects(run(bundle('transaction', post(observation('z', 'nobody')))), { code: 'NOT_FOUND' });
    await isTidy();
  });

  it('refuses what is no such bundle', async () => {
    for (const type of ['history', 'document'])
      await assert.rejects(run(bundle(type)), { code: 'INVALID_ARGUMENT', details: { path: 'Bundle.type' } });
    for (const entry of ['{}', 'null', '"x"']) {
      const source = sourceOf('bundle', `{"resourceType":"Bundle","type":"collection","entry":${entry}}`);
      await assert.rejects(run(source), { code: 'INVALID_ARGUMENT', details: { path: 'Bundle.entry' } });
    }
    const resource = sourceOf('bundle', JSON.stringify(observation('a')));
    await assert.rejects(run(resource), { details: { path: 'Bundle.resourceType' } });
  });

  it('takes lines that name the patient and the record themselves', async () => {
    const id = '17'.repeat(16);
    const source = ndjson(
      { patient: 'Patient/bob', id, resource: { resourceType: 'Basic', code: { text: 'x' } } },
      { patient: 'Patient/bob', id: 'short', resource: { resourceType: 'Basic', code: { text: 'x' } } },
    );
    const { registered, faults } = await run(source);
    assert.equal(registered, 1);
    assert.deepEqual(custodian.held.get(id)?.patient, bob);
    assert.match(String(faults[0]?.message), /^line 2: id must be 32/);
  });

  it('notices that the source was changed under it', async () => {
    let opened = 0;
    const open = async function* () {
      yield await Promise.resolve(Buffer.from(`${JSON.stringify(observation('a'))}\n`.repeat(++opened)));
    };
    await assert.rejects(run({ format: 'ndjson', open }), { code: 'CONFLICT' });
  });
});
