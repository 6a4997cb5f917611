import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAs, succeeded as ok, vitaledger as run, type Run } from '../harness/command.js';
import { condition, observation } from '../harness/patient.js';
import { suiteNetwork } from '../harness/suite-network.js';

describe('vitaledger patient, record, consent and access', function () {
  // Each command is a process of its own.
  this.timeout(180_000);
  let folder: string;
  let key: string;
  let tokens: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'care-command-'));
    key = join(folder, 'alice.key.json');
    tokens = join(folder, 'alice.tokens');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const json = async <T>(running: Promise<Run>): Promise<T> => JSON.parse(await ok(running)) as T;
  const registrar = (...args: readonly string[]) => run('hospital', 'registrar', ...args);
  const clinic = (...args: readonly string[]) => run('clinic', 'service', ...args);
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const actor = ['--actor', `practitioner/${'8c'.repeat(16)}`];
  const reading = ['--purpose', 'TREAT', ...actor];
  const read = (...args: readonly string[]) =>
    clinic('access', 'read', '--patient', tokens, ...reading, ...args);

  it('enrols a patient whose keys stay on their device', async () => {
    await ok(clinic('patient', 'new', key));
    assert.equal(statSync(key).mode & 0o777, 0o600);
    const again = await clinic('patient', 'new', key);
    assert.equal(again.code, 5, again.err);
    const keys = file('alice.public.json', await ok(clinic('patient', 'public', key)));
    assert.doesNotMatch(readFileSync(keys, 'utf8'), /"d"/);

    const wrong = await registrar('patient', 'enrol', '--keys', key, '--jurisdiction', 'US-CA');
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /vitaledger patient public/);
    const token = await ok(registrar('patient', 'enrol', '--keys', keys, '--jurisdiction', 'US-CA'));
    assert.match(token, /^vitaledger:HospitalMSP:[0-9a-f]{32}\n$/);
    file('alice.tokens', token);
  });

  it('registers records, and says before what a file holds', async () => {
    const bundle = file('bundle.json', {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: condition() }, { resource: observation() }],
    });
    assert.match(
      await ok(registrar('record', 'register', tokens, bundle, '--dry-run')),
      /Condition +1[^]*Nothing was written/,
    );
    const { records } = await json<{ records: readonly string[] }>(
      registrar('record', 'register', tokens, bundle, '--json'),
    );
    assert.equal(records.length, 2);
    const listed = await ok(registrar('record', 'list', tokens, '--class', 'Condition'));
    assert.match(listed, new RegExp(`${String(records[0])} +1 .*Condition +2024-03-01 +59621000`));
    assert.doesNotMatch(listed, /Observation/);
    const foreign = await clinic('record', 'register', tokens, bundle);
    assert.equal(foreign.code, 2);
    assert.match(foreign.err, /patient of HospitalMSP/);
  });

  it('reads nothing without consent, and says why', async () => {
    const denied = await read();
    assert.equal(denied.code, 3);
    const hint = /vitaledger (access outcome [0-9a-f]+ --custodian HospitalMSP)/.exec(denied.err)?.[1];
    assert.ok(hint, denied.err);
    assert.match(await ok(clinic(...hint.split(' '), ...actor)), /^deny/);
  });

  it('declares a care team, whose members a consent would let in, and shows the patient who changed it', async () => {
    const [mspId, subject] = ['ClinicMSP', '8c'.repeat(16)];
    const member = `${mspId}/practitioner/${subject}`;
    const named = ['--organization', mspId, '--name', 'Diabetes team', '--reason', 'Admission'];
    const wrong = await registrar('patient', 'care-team', 'declare', tokens, ...named, '--member', subject);
    assert.equal(wrong.code, 2);
    const { team, reference } = await json<{ team: string; reference: string }>(
      registrar('patient', 'care-team', 'declare', tokens, ...named, '--member', member, '--json'),
    );
    assert.equal(reference, `HospitalMSP/${team}`);
    assert.match(
      await ok(registrar('patient', 'care-team', 'list', tokens)),
      new RegExp(`${team} +1 +Diabetes`),
    );
    const asked = ['--key', key, '--patient', tokens];
    const terms = ['--template', 'treatment-by-team', '--care-team', reference, '--name', 'Diabetes team'];
    const plan = ['consent', 'explain', ...asked, '--asker', mspId, ...terms, '--asker-subject'];
    assert.match(await ok(clinic(...plan, subject)), /all others +deny +permit +changes/);
    assert.match(await ok(clinic(...plan, '9d'.repeat(16))), /all others +deny +deny\n/);
    assert.match(
      await ok(clinic('consent', 'list', ...asked)),
      new RegExp(`${team}.*care team: Diabetes team`),
    );
    const moved = ['--version', '1', '--leave', member, '--reason', 'Shift ended'];
    await ok(registrar('patient', 'care-team', 'change', tokens, team, ...moved));
    await ok(
      registrar('patient', 'care-team', 'end', tokens, team, '--version', '2', '--reason', 'Discharge'),
    );
    const told = await ok(clinic('patient', 'care-team', 'history', ...asked));
    assert.match(told, /Admission[^]*Shift ended[^]*Discharge/);
  });

  it('explains a consent, gives it, reads under it, and takes it back', async () => {
    const who = ['--organization', 'ClinicMSP', '--name', 'City Clinic'];
    const terms = ['--template', 'treatment-of-some', ...who, '--class', 'Condition'];
    const asked = ['--key', key, '--patient', tokens];
    const plan = await ok(clinic('consent', 'explain', ...asked, '--asker', 'ClinicMSP', ...terms));
    assert.match(plan, /Condition +deny +permit +changes/);
    assert.match(plan, /all others +deny +deny\n/);
    assert.match(
      await ok(clinic('consent', 'grant', ...asked, ...terms, '--dry-run')),
      /City Clinic may read these[^]*Nothing was signed/,
    );

    const { consent } = await json<{ consent: string }>(
      clinic('consent', 'grant', ...asked, ...terms, '--json'),
    );
    assert.match(
      await ok(clinic('consent', 'list', ...asked)),
      new RegExp(`${consent} +1 .*permit ClinicMSP for TREAT on Condition`),
    );
    const output = join(folder, 'read');
    interface Read {
      readonly records: readonly {
        readonly file: string;
        readonly certificate: { readonly custodian: string; readonly salt: string };
      }[];
    }
    const { records } = await json<Read>(read('--output', output, '--json'));
    assert.deepEqual(
      readdirSync(output).map((name) => name.split('-')[0]),
      ['Condition'],
    );
    const [first] = records;
    assert.ok(first);
    assert.equal(
      (JSON.parse(readFileSync(first.file, 'utf8')) as { resourceType: string }).resourceType,
      'Condition',
    );
    assert.equal(statSync(first.file).mode & 0o777, 0o600);
    const certificate = ['--custodian', first.certificate.custodian, '--salt', first.certificate.salt];
    assert.match(
      await ok(run('pharmacy', 'service', 'record', 'verify', first.file, ...certificate)),
      /it is current/,
    );
    writeFileSync(first.file, 'altered', { flag: 'a' });
    assert.equal((await clinic('record', 'verify', first.file, ...certificate)).code, 7);

    assert.match(await ok(clinic('consent', 'revoke', consent, ...asked)), /1 of 1 custodians have it/);
    assert.equal((await read()).code, 3);
    // The next statement follows the first: the file of the keys remembers where the chain stands.
    await ok(clinic('consent', 'grant', ...asked, '--template', 'never', ...who));
    assert.match(
      await ok(clinic('consent', 'history', ...asked)),
      /1 +\S+Z +consent +patient[^]*2 +\S+Z +consent +patient/,
    );
    const log = await ok(clinic('access', 'log', ...asked));
    assert.match(log, /ClinicMSP +practitioner +TREAT .* deny[^]* permit[^]* deny/);
    assert.match(log, /the custodian itself looked/);
  });

  it('amends and retracts records, and previews an erasure', async () => {
    const [{ id }] = await json<readonly [{ id: string }]>(
      registrar('record', 'list', tokens, '--class', 'Observation', '--json'),
    );
    const change = [tokens, id, '--reason', 'Read off wrongly', '--version'];
    const corrected = file('corrected.json', observation(124));
    assert.match(await ok(registrar('record', 'amend', ...change, '1', corrected)), /is at version 2/);
    assert.equal((await registrar('record', 'amend', ...change, '1', corrected)).code, 5);
    assert.match(await ok(registrar('record', 'retract', ...change, '2')), /is retracted/);
    assert.match(
      await ok(registrar('record', 'erase', tokens, id, '--reason', 'Request', '--dry-run')),
      /in 2 versions[^]*Nothing was erased/,
    );
  });

  it('imports records of many patients, line by line', async () => {
    const line = (resource: unknown) =>
      JSON.stringify({ patient: readFileSync(tokens, 'utf8').trim(), resource });
    const lines = file('many.ndjson', [line(condition('Asthma')), '', line(observation())].join('\n'));
    const { imported } = await json<{ imported: readonly { registered: number }[] }>(
      registrar('record', 'import', lines, '--batch', '1', '--json'),
    );
    assert.equal(imported[0]?.registered, 2);
    const broken = await registrar('record', 'import', file('broken.ndjson', '{"patient":'));
    assert.equal(broken.code, 2);
    assert.match(broken.out, /line 1 is not well-formed JSON/);
  });

  it('finds nothing wrong with this network, and says what is wrong with another', async () => {
    const healthy = await ok(clinic('doctor'));
    assert.match(healthy, /^ok +profile: ClinicMSP[^]*^ok +identity: valid[^]*^ok +clock of care/mu);
    assert.doesNotMatch(healthy, /FAILED/);
    const network = await suiteNetwork();
    const text = readFileSync(network.profile('clinic'), 'utf8').replaceAll(
      /(grpcs:\/\/[^:"]+):\d+/gu,
      '$1:1',
    );
    const { code, out } = await clinic('doctor', '--profile', file('unreachable.json', text));
    assert.equal(code, 6);
    assert.match(out, /^FAILED +peer0\S+: .*Nothing listens there[^]*^FAILED +contracts of care/mu);
  });

  it('is told once whereto and as whom, in a context', async () => {
    const config = file('config.json', '{}');
    chmodSync(config, 0o600);
    const network = await suiteNetwork();
    const bare = (...args: readonly string[]) =>
      runAs({ VITALEDGER_CONFIG: config, VITALEDGER_PROFILE: '', VITALEDGER_IDENTITY: '' }, ...args);
    assert.match((await bare('record', 'list', tokens)).err, /vitaledger config set/);
    const at = ['--profile', network.profile('hospital')];
    const registrarAt = network.identity('hospital', 'registrar').mspDirectory;
    await ok(bare('config', 'set', 'hospital', ...at, '--identity', registrarAt));
    assert.match(await ok(bare('record', 'list', tokens)), /Condition/);
    await ok(bare('config', 'set', 'clinic', '--profile', network.profile('clinic')));
    const { code, err } = await bare(
      'record',
      'list',
      tokens,
      '--context',
      'clinic',
      '--identity',
      registrarAt,
    );
    assert.notEqual(code, 0, err);
    assert.match(await ok(bare('doctor')), /^ok +configuration: .*hospital, clinic; hospital is used\n/);
  });

  it('uses no key that others may read', async () => {
    chmodSync(key, 0o644);
    const { code, err } = await clinic('consent', 'list', '--key', key, '--patient', tokens);
    assert.equal(code, 5);
    assert.match(err, /chmod 600/);
    chmodSync(key, 0o600);
  });
});
