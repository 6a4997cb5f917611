import type { OutcomesReport, TrialClocks, Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { succeeded as ok, vitaledger, type Run } from '../harness/command.js';
import { eventually } from '../harness/eventually.js';
import { as } from '../harness/suite-network.js';
import { newTrial, type TestTrial } from '../harness/trial.js';

const REAL_RECORDS = join(__dirname, '../../../../shared/data/clinicaltrials');

/** What the dates of the real records say of their clocks, worked out by hand from the records. */
const CLOCKS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'NCT00716976.json': {
    'us-registration': 'met-late 2008-07-14',
    'us-results': 'met-late 2016-04-14',
    'us-results-secondary': 'undetermined 2022-06-30',
    'icmje-prospective': 'met-late 2008-06-23',
  },
  'NCT01987596.json': {
    'us-registration': 'met-late 2013-09-21',
    'us-results': 'met-late 2019-06-30',
    'us-results-secondary': 'not-started ',
    'icmje-prospective': 'met-late 2013-08-31',
  },
};

/** The real records under numbers of their own, since another test registers them under theirs. */
function realRecords(folder: string): readonly string[] {
  const names = readdirSync(REAL_RECORDS).filter((name) => name.endsWith('.json'));
  return names.map((name, index) => {
    const record = JSON.parse(readFileSync(join(REAL_RECORDS, name), 'utf8')) as TestTrial;
    const module: Record<string, unknown> = record.protocolSection.identificationModule;
    Object.assign(module, {
      nctId: `NCT9990000${String(index)}`,
      orgStudyIdInfo: { id: `COMMAND-${String(index)}` },
    });
    const others = module.secondaryIdInfos as readonly { readonly id: string }[] | undefined;
    if (others) module.secondaryIdInfos = others.map((one) => ({ ...one, id: `${one.id}-COMMAND` }));
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(record));
    return path;
  });
}

describe('vitaledger trial', function () {
  // Each command is a process of its own.
  this.timeout(180_000);
  let folder: string;
  let reader: Vitaledger;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trial-command-'));
    reader = await as('hospital', 'service');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (organization: string, user: string, ...args: readonly string[]) =>
    vitaledger(organization, user, 'trial', ...args);
  const sponsor = (...args: readonly string[]) => run('research', 'sponsor', ...args);
  const json = async <T>(running: Promise<Run>): Promise<T> => JSON.parse(await ok(running)) as T;
  const file = (name: string, record: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(record));
    return path;
  };

  it('takes a trial from its registration to a switched outcome that everyone can read', async () => {
    const { registered, amended } = newTrial();
    const first = file('first.json', registered);
    assert.match(await ok(sponsor('register', first, '--dry-run')), /^Would be accepted/);
    const { trial } = await json<{ trial: string }>(sponsor('register', first, '--json'));
    const number = registered.protocolSection.identificationModule.orgStudyIdInfo!.id;
    const { digest } = await json<{ digest: string }>(sponsor('get', `ResearchMSP/${number}`, '--json'));
    await ok(run('ethics', 'ethics', 'approve', trial, '--digest', digest));
    assert.match(
      await ok(sponsor('advance', trial, 'recruit', '--reason', 'First participant')),
      /is recruiting/,
    );
    const since = new Date(Date.now() + 86_400_000).toISOString();
    const second = [
      'amend',
      trial,
      file('second.json', amended),
      '--reason',
      'New sites',
      '--effective',
      since,
    ];
    const changed = await ok(sponsor(...second));
    assert.match(changed, /version 2[^]*outcomesModule/);

    const seen = await ok(run('hospital', 'service', 'outcomes', trial, '--html', join(folder, 'page.html')));
    assert.match(seen, /primary → secondary[^]*demoted[^]*silently/);
    assert.match(seen, /switched silently\. The trial had begun before it was registered/);
    const page = readFileSync(join(folder, 'page.html'), 'utf8');
    assert.match(page, /^<!doctype html>[^]*switched silently[^]*<del>/);
    assert.doesNotMatch(page, /<script|https?:|src=/);
    const report = await json<{ trials: { trial: string; verdict: string }[] }>(
      run('hospital', 'service', 'outcomes', '--sponsor', 'ResearchMSP', '--json'),
    );
    assert.equal(report.trials.find((one) => one.trial === trial)?.verdict, 'switched silently');

    const history = await ok(run('hospital', 'service', 'history', trial));
    for (const step of ['submit', 'approve', 'recruit', 'amend']) assert.ok(history.includes(step), step);
    const [version] = await reader.trials.history(trial);
    const before = await json<{ version: number; digest: string }>(
      sponsor('get', trial, '--at', version!.instant, '--json'),
    );
    assert.deepEqual([before.version, before.digest], [1, digest]);
    const inForce = async (at: string) =>
      (await json<{ version: number }>(sponsor('get', trial, '--effective', at, '--json'))).version;
    assert.deepEqual([await inForce(new Date().toISOString()), await inForce(since)], [1, 2]);
    const delayed = await ok(sponsor('delay', trial, '--kind', 'new-use', '--reason', 'Application filed'));
    assert.match(delayed, /delay 1/);
    assert.match(await ok(run('hospital', 'service', 'delays', trial)), /^1 +new-use .*Application filed/m);
    assert.match(await ok(sponsor('clocks', trial, '--at', '2040-01-01')), /us-results/);
    await ok(
      sponsor(
        'end-delay',
        trial,
        '1',
        '--event',
        'approved',
        '--date',
        new Date().toISOString().slice(0, 10),
      ),
    );
  });

  it('imports a folder with progress, says which files it could not take, and skips what is there when repeated', async () => {
    const records = join(folder, 'records');
    mkdirSync(records);
    const word = `zurfel${String(process.pid)}`;
    const named = (index: number): TestTrial => {
      const { registered } = newTrial();
      registered.protocolSection.identificationModule.briefTitle = `${word} ${String(index)}`;
      return registered;
    };
    for (const index of [0, 1])
      writeFileSync(join(records, `${String(index)}.json`), JSON.stringify(named(index)));
    const lines = [named(2), named(3)].map((record) => JSON.stringify(record));
    writeFileSync(join(records, 'more.ndjson'), `${lines.join('\n')}\n\n{"half\n`);
    const { registered } = newTrial();
    registered.protocolSection.outcomesModule.primaryOutcomes = [];
    writeFileSync(join(records, 'incomplete.json'), JSON.stringify(registered));
    writeFileSync(join(records, 'no.json'), 'not JSON');

    const tried = await sponsor('import', records, '--dry-run');
    assert.match(tried.out, /4 would be registered, 0 there already, 3 failed/);
    assert.match(await ok(sponsor('search', '--title', word)), /^None\.$/m);
    const imported = await sponsor('import', records);
    assert.equal(imported.code, 2);
    assert.match(imported.out, /4 registered, 0 there already, 3 failed/);
    for (const failure of [/incomplete\.json: .*WHO item 19/, /no\.json: /, /more\.ndjson:4: /])
      assert.match(imported.out, failure);
    assert.match(imported.err, /7 records/);
    const repeated = await sponsor('import', join(records, '0.json'), join(records, 'more.ndjson'), '--json');
    const again = JSON.parse(repeated.out) as { imported: { result: string }[] };
    assert.deepEqual(again.imported.map(({ result }) => result).sort(), [
      'failed',
      'there already',
      'there already',
      'there already',
    ]);
    const found = await json<{ trials: unknown[]; more: boolean }>(
      sponsor('search', '--title', word, '--limit', '3', '--json'),
    );
    assert.deepEqual([found.trials.length, found.more], [3, true]);
    assert.match(
      await ok(sponsor('overdue', '--at', '2040-01-01', '--clock', 'us-verification')),
      /us-verification +\S*overdue/,
    );
  });

  it('finds trials by several filters at once, and duties that come due, by sponsor, country and clock', async () => {
    const [word, country] = [`wimbel${String(process.pid)}`, `Borduria ${String(process.pid)}`];
    const study = (condition: string, ...countries: readonly string[]): TestTrial => {
      const { registered } = newTrial();
      const { protocolSection } = registered;
      protocolSection.identificationModule.briefTitle = `A study of ${word}`;
      protocolSection.conditionsModule = { conditions: [condition] };
      const locations = ['United States', ...countries].map((one) => ({
        facility: 'Hospital',
        country: one,
      }));
      Object.assign(protocolSection.contactsLocationsModule, { locations });
      return registered;
    };
    const studies = [study('Migraine', country), study('Gout', country), study('Migraine')];
    const { imported } = await json<{ imported: { trial: string }[] }>(
      sponsor('import', file('studies.json', studies), '--json'),
    );
    const [first = '', second = '', third = ''] = imported.map(({ trial }) => trial);
    const found = async (...filters: readonly string[]): Promise<readonly string[]> => {
      const asked = run('hospital', 'service', 'search', '--title', word, ...filters, '--json');
      return (await json<{ trials: { id: string }[] }>(asked)).trials.map(({ id }) => id);
    };
    await eventually(
      () => reader.trials.get(third),
      () => true,
    );
    const all = ['--condition', 'migraine', '--phase', 'PHASE3', '--intervention', 'belvasartan'];
    const times = ['--start-from', '2026-03', '--start-to', '2026-03-31', '--completion-from', '2028-01'];
    const others = [
      '--sponsor',
      'ResearchMSP',
      '--status',
      'submitted',
      '--recruitment',
      'NOT_YET_RECRUITING',
    ];
    const lead = ['--lead-sponsor', 'translational medicine'];
    const filters = [...all, ...others, ...lead, ...times];
    const page = run('hospital', 'service', 'search', '--title', word, '--limit', '2', '--json');
    const answers = await Promise.all([
      found(...filters),
      found(...filters, '--country', country),
      found(...all, '--start-from', '2026-04'),
      json<{ bookmark: string }>(page).then(({ bookmark }) => found('--bookmark', bookmark)),
    ]);
    const [, , last = ''] = [first, second, third].sort();
    assert.deepEqual(answers, [[first, third].sort(), [first], [], [last]]);

    // Results are due on some day of December 2028.
    const duties = async (command: readonly string[], at: string): Promise<readonly string[]> => {
      const by = ['--clock', 'us-results', '--sponsor', 'ResearchMSP', '--country', country];
      const asked = run('hospital', 'service', ...command, '--at', at, ...by, '--json');
      const answer = await json<{ duties: { status: string; trial: { id: string } }[] }>(asked);
      return answer.duties.map(({ status, trial }) => `${trial.id} ${status}`);
    };
    const bothAre = (status: string) => [first, second].sort().map((id) => `${id} ${status}`);
    const listed = await Promise.all([
      duties(['overdue'], '2028-11-20'),
      duties(['overdue', '--within', '30'], '2028-11-20'),
      duties(['due', '30'], '2028-11-20'),
      duties(['due', '30'], '2029-01-01'),
      duties(['overdue', '--within', '30'], '2029-01-01'),
    ]);
    assert.deepEqual(listed, [[], bothAre('due'), bothAre('due'), [], bothAre('possibly-overdue')]);
  });

  it('erases contacts on request, in the own store: the registry never had them', async () => {
    const { registered } = newTrial();
    const { centralContacts } = registered.protocolSection.contactsLocationsModule;
    const path = file('contacts.json', registered);
    const { trial } = await json<{ trial: string }>(sponsor('register', path, '--json'));
    const exported = async () => ok(sponsor('export', trial));
    const { name } = centralContacts[0]!;
    assert.ok((await exported()).includes(name));
    assert.match(await ok(sponsor('erase-contacts', trial, '--name', name)), /^[1-9]\d* contacts erased/);
    const left = await exported();
    assert.ok(!left.includes(name) && left.includes('Ottilie Brandvold'));
    await ok(sponsor('erase-contacts', trial));
    assert.doesNotMatch(await exported(), /Ottilie Brandvold/);
    assert.match(await ok(sponsor('delays', trial)), /^None\.$/m);
  });

  it('exports what was imported, contacts and all; the real records too', async function () {
    const { registered } = newTrial();
    const own = file('own.json', registered);
    const paths = [own];
    if (existsSync(REAL_RECORDS)) paths.push(...realRecords(folder));
    else console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
    const { imported } = await json<{ imported: { file: string; trial: string }[] }>(
      sponsor('import', ...paths, '--json'),
    );
    assert.equal(imported.length, paths.length);
    for (const { file: path, trial } of imported) {
      const target = join(folder, 'out.json');
      await ok(sponsor('export', trial, '-o', target));
      assert.deepEqual(
        JSON.parse(readFileSync(target, 'utf8')),
        JSON.parse(readFileSync(path, 'utf8')),
        path,
      );
      const report = await json<OutcomesReport>(run('hospital', 'service', 'outcomes', trial, '--json'));
      assert.equal(report.primarySwitched, false, path);
      assert.equal(report.reported?.primarySwitched ?? false, false, path);
      const { clocks } = await json<TrialClocks>(
        run('hospital', 'service', 'clocks', trial, '--at', '2026-06-01', '--json'),
      );
      const told = Object.fromEntries(
        clocks.map(({ clock, asRecorded, due }) => [clock, `${asRecorded} ${due?.last ?? ''}`]),
      );
      for (const [clock, expected] of Object.entries(CLOCKS[basename(path)] ?? {}))
        assert.equal(told[clock], expected, `${path} ${clock}`);
    }
    const foreign = await json<TestTrial>(run('hospital', 'service', 'export', imported[0]!.trial));
    assert.notDeepEqual(foreign, registered);
  });

  it('tells by its exit code what went wrong, and by its text what to do', async () => {
    const missing = await sponsor('get', 'VL-0000000000000000');
    assert.deepEqual([missing.code, missing.out], [4, '']);
    assert.match(missing.err, /\[NOT_FOUND\]/);
    assert.equal((await run('ethics', 'ethics', 'register', file('x.json', newTrial().registered))).code, 3);
    assert.equal((await sponsor('register', join(folder, 'nothing.json'))).code, 4);
    assert.equal((await sponsor('outcomes')).code, 2);
    assert.equal((await sponsor('get', 'x', '--at', 'soon')).code, 2);
    const { registered } = newTrial();
    const path = file('twice.json', registered);
    const { trial } = await json<{ trial: string }>(sponsor('register', path, '--json'));
    assert.equal((await sponsor('register', path)).code, 5);
    assert.equal((await sponsor('advance', trial, 'recruit', '--reason', 'Early')).code, 5);
    const { out } = await sponsor('amend', '--help');
    assert.match(out, /--dry-run[^]*Example/);
  });
});
