import { fileSource, type Vitaledger } from '@vitaledger/client';
import type { FhirResource } from 'fhir/r4';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { vitaledger as run } from '../harness/command.js';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, observation } from '../harness/patient.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const BIN = join(__dirname, '../../../client/bin/vitaledger.js');
const kills = 3;

interface Imported {
  readonly registered: number;
  readonly there: number;
  readonly failed: number;
  readonly leftOut: number;
  readonly faults: readonly { readonly place: string; readonly message: string }[];
  readonly unsettled: number;
}

describe('FHIR in and out', function () {
  this.timeout(120_000);
  let folder: string;
  let vault: string;
  let registrar: Vitaledger;
  const patients: string[] = [];
  let whoIsWho: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fhir-exchange-'));
    registrar = await as('hospital', 'registrar');
    for (let n = 0; n < 2; n++)
      patients.push((await enrol(['hospital', 'HospitalMSP'])).at.HospitalMSP!.patient);
    whoIsWho = file('who-is-who.txt', patients.map((id, n) => `Patient/p${String(n)} ${id}\n`).join(''));
    const profile = (await suiteNetwork()).profile('hospital');
    const { vitaledger } = JSON.parse(readFileSync(profile, 'utf8')) as {
      vitaledger: { organizations: { HospitalMSP: { vault: string } } };
    };
    vault = join(dirname(profile), vitaledger.organizations.HospitalMSP.vault);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function file(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }
  const filesIn = (part: string): readonly string[] =>
    !existsSync(join(vault, part))
      ? []
      : readdirSync(join(vault, part), { recursive: true, withFileTypes: true })
          .filter((one) => one.isFile())
          .map(({ name }) => name);
  const of = (resource: FhirResource, id: string, patient: number): string =>
    JSON.stringify({ ...resource, id, subject: { reference: `Patient/p${String(patient)}` } });
  const importing = async (path: string, ...more: readonly string[]): Promise<[number, Imported]> => {
    const args = ['record', 'import', path, '--patients', whoIsWho, '--json', ...more];
    const { code, out, err } = await run('hospital', 'registrar', ...args);
    const { imported } = JSON.parse(out || assert.fail(err)) as { imported: readonly [Imported] };
    return [code, imported[0]];
  };

  it(`an import that is killed ${String(kills)} times goes on: nothing is lost, nothing there twice, nothing left over`, async () => {
    const lines = Array.from({ length: 240 }, (_, n) => of(observation(n), `o${String(n)}`, n % 2));
    lines[100] = of({ ...observation(), status: 'done' as never }, 'bad', 0);
    const path = file('Observation.ndjson', lines.join('\n'));
    const before = filesIn('objects').length;
    const network = await suiteNetwork();
    const env = {
      ...process.env,
      VITALEDGER_PROFILE: network.profile('hospital'),
      VITALEDGER_IDENTITY: network.identity('hospital', 'registrar').mspDirectory,
    };
    const args = ['record', 'import', path, '--patients', whoIsWho, '--batch', '8', '--resume'];
    for (let kill = 0; kill < kills; kill++) {
      const held = filesIn('objects').length;
      const running = spawn(process.execPath, [BIN, ...args], { env, stdio: 'ignore' });
      const ended = once(running, 'exit');
      // Once it writes contents, at a random moment.
      await eventually(
        () => Promise.resolve(filesIn('objects').length),
        (now) => now > held,
      );
      await pause(Math.random() * 200);
      running.kill('SIGKILL');
      assert.deepEqual(await ended, [null, 'SIGKILL'], 'it was done before it was killed');
    }
    const [code, report] = await importing(path, '--resume');
    assert.equal(code, 2);
    assert.deepEqual(
      [report.registered + report.there, report.failed, report.leftOut, report.unsettled],
      [239, 1, 0, 0],
    );
    assert.match(String(report.faults[0]?.message), /^line 101: resource\.status must be one of/);
    const listed = (await Promise.all(patients.map((one) => all(registrar.records.list(one))))).flat();
    assert.equal(listed.length, 239);
    assert.equal(
      new Set(listed.map(({ manifest }) => manifest.digest)).size,
      239,
      'each has its own content',
    );
    const objects = filesIn('objects');
    assert.equal(objects.length - before, 239, 'the vault holds what is registered, and nothing else');
    const shares = new Set(filesIn('shares'));
    for (const { manifest } of listed)
      assert.ok(shares.has(manifest.object) && objects.includes(manifest.object));
    assert.deepEqual(filesIn('stores/imports'), []);
    const [, again] = await importing(path);
    assert.deepEqual([again.registered, again.there], [0, 239]);
  });

  it('a transaction goes in whole or not at all, a collection each for itself, and a dry run not at all', async () => {
    const entry = (id: string, status = 'final') => ({
      request: { method: 'PUT', url: `Observation/${id}` },
      resource: JSON.parse(of({ ...observation(), status: status as 'final' }, id, 0)) as object,
    });
    const bundle = (type: string, ...entries: readonly object[]) =>
      file(`${type}.json`, JSON.stringify({ resourceType: 'Bundle', type, entry: entries }));
    const count = async () => (await all(registrar.records.list(patients[0]!))).length;
    const before = await count();
    const broken = bundle('transaction', entry('t1'), entry('t2', 'done'));
    const refused = await run('hospital', 'registrar', 'record', 'import', broken, '--patients', whoIsWho);
    assert.equal(refused.code, 2);
    assert.match(refused.err, /Bundle\.entry\[1\]\.resource\.status must be one of/);
    const whole = bundle('transaction', entry('t1'), entry('t2'));
    assert.equal((await importing(whole, '--dry-run'))[1].registered, 2);
    assert.equal(await count(), before);
    assert.equal((await importing(whole))[1].registered, 2);
    assert.equal((await importing(whole))[1].there, 2);
    const [code, { registered, faults }] = await importing(
      bundle('collection', { resource: condition() }, entry('c1'), entry('c2', 'done')),
    );
    assert.deepEqual(
      [code, registered, faults.map(({ place }) => place)],
      [4, 1, ['Bundle.entry[0]', 'Bundle.entry[2]']],
    );
    assert.equal(await count(), before + 3);
  });

  it('an export holds every key of the ledger, says what the vault has lost, and is held against the ledger later', async () => {
    const { at, key } = await enrol(['hospital', 'HospitalMSP']);
    const token = at.HospitalMSP!;
    const scan = Readable.from([Buffer.alloc(9 * 1024 * 1024, 7)]);
    await registrar.records.registerDocument(token.patient, {
      content: scan,
      mediaType: 'application/dicom',
    });
    for (let n = 0; n < 3; n++) await registrar.records.register(token.patient, observation(n));
    const [output, documents] = [join(folder, 'patient.json'), join(folder, 'scans')];
    const args = ['record', 'export', token.patient, '-o', output, '--documents', documents, '--json'];
    const whole = await run('hospital', 'auditor', ...args);
    assert.equal(whole.code, 0, whole.err);
    const { reconciliation } = JSON.parse(whole.out) as { reconciliation: object };
    assert.deepEqual(reconciliation, {
      onLedger: 4,
      matched: 4,
      apart: 1,
      missing: [],
      different: [],
      extra: [],
    });
    const [document = ''] = readdirSync(documents);
    assert.equal(statSync(join(documents, document)).size, 9 * 1024 * 1024);

    const own = registrar.fhir.export(registrar.access.open(await registrar.access.requestOwn(token, key)));
    const bytes = await buffer(Readable.from(own));
    assert.deepEqual(
      [own.report.exported.length, own.report.missing.length],
      [3, 1],
      'nobody took the document',
    );
    const theirs = file('own.json', bytes.toString());
    await registrar.records.register(token.patient, observation(4));
    const { missing } = await registrar.fhir.reconcile(token.patient, fileSource(theirs));
    assert.equal(missing.length, 2, 'the document, and what was registered since');

    const { manifest } = (await all(registrar.records.list(token.patient))).find(
      ({ class: type }) => type === 'Observation',
    )!;
    rmSync(join(vault, 'shares', manifest.object.slice(0, 2), manifest.object));
    const lost = registrar.fhir.export(registrar.access.open(await registrar.access.requestOwn(token, key)));
    await buffer(Readable.from(lost));
    assert.deepEqual(lost.report.missing.map(({ code }) => code).sort(), ['NOT_FOUND', 'NOT_FOUND']);
  });
});
