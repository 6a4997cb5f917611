import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

const CONTENT = Buffer.from(`arm,outcome\nA,1\n${String(process.pid)}`);

describe('the data set of a trial', () => {
  let sponsor: Vitaledger;
  let researcher: Vitaledger;
  let committee: Vitaledger;
  let trial: string;
  let document: string;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    researcher = await as('research', 'researcher');
    committee = await as('ethics', 'ethics');
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
    const registered = await sponsor.trialDocuments.register(trial, {
      kind: 'data-set',
      title: 'Individual participant data',
      language: 'en',
      mediaType: 'text/csv',
      content: CONTENT,
    });
    document = registered.document;
    const terms = { permission: { code: 'HMB' }, modifiers: [{ code: 'PUB' }] } as const;
    await sponsor.trialData.offer(trial, document, { terms, committee: 'EthicsMSP' });
  });

  const until = new Date(Date.now() + 86_400_000).toISOString();

  it('is asked for with a purpose, and granted by a committee for a time', async () => {
    const purpose = { aims: ['health'], undertakings: ['PUB'] } as const;
    const { request, outcome } = await researcher.trialData.request(trial, document, {
      title: 'Effects in the elderly',
      purpose,
    });
    assert.equal(outcome, 'approve');
    await refused('PERMISSION_DENIED', sponsor.trialData.decide(request, { approved: true, until }));
    await committee.trialData.decide(request, { approved: true, until });
    const { state, match } = await researcher.trialData.get(request);
    assert.equal(state, 'approved');
    assert.deepEqual(match.obligations, [{ term: 'PUB' }]);
  });

  it('is handed over, encrypted to who was approved, on the public log, until the approval is taken back', async () => {
    const { request } = await researcher.trialData.request(trial, document, {
      title: 'A meta-analysis',
      purpose: { aims: ['health'], undertakings: ['PUB'] },
    });
    const content = async () => Buffer.concat(await all(researcher.trialData.content(request)));
    assert.equal((await refused('PRECONDITION_FAILED', content())).details.reason, 'NOT_APPROVED');
    await committee.trialData.decide(request, { approved: true, until });
    const { id } = await sponsor.trials.get(trial);
    await refused('NOT_FOUND', sponsor.trialData.hold({ trial: id, document }, Buffer.from('another file')));
    await sponsor.trialData.hold({ trial: id, document }, CONTENT);
    const handed = await content();
    assert.deepEqual(handed, CONTENT);
    assert.equal((await researcher.trialDocuments.verify(trial, handed, { document })).document, document);
    assert.equal((await committee.trialData.get(request)).collected?.length, 1);
    await committee.trialData.revoke(request, 'The plan was not kept');
    assert.equal((await refused('PRECONDITION_FAILED', content())).details.reason, 'NOT_APPROVED');
    assert.equal((await committee.trialData.get(request)).state, 'revoked');
  });

  it('is not given for what its terms deny, and every request stays on record', async () => {
    const purpose = { aims: ['ancestry'], undertakings: ['PUB'] } as const;
    const { request } = await researcher.trialData.request(trial, document, { title: 'Origins', purpose });
    const approval = committee.trialData.decide(request, { approved: true, until });
    assert.equal((await refused('PRECONDITION_FAILED', approval)).details.reason, 'TERMS_DENY');
    await committee.trialData.decide(request, { approved: false, comment: 'Not what they were told' });
    const { requests } = await sponsor.trialData.log(trial, document);
    assert.deepEqual(
      requests.map(({ state }) => state),
      ['approved', 'revoked', 'refused'],
    );
  });

  it('shows its log to the command', async () => {
    const network = await suiteNetwork();
    const program = join(__dirname, '../../../client/bin/vitaledger.js');
    const env = {
      ...process.env,
      VITALEDGER_PROFILE: network.profile('ethics'),
      VITALEDGER_IDENTITY: network.identity('ethics', 'ethics').mspDirectory,
    };
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [program, 'trial', 'data', ...args], { encoding: 'utf8', env });
    const shown = run('log', trial, document);
    assert.equal(shown.status, 0, shown.stderr);
    assert.equal((JSON.parse(shown.stdout) as { requests: unknown[] }).requests.length, 3);
    const { request } = await researcher.trialData.request(trial, document, {
      title: 'A third study',
      purpose: { aims: ['health'], undertakings: ['PUB'] },
    });
    assert.equal(run('decide', request).status, 2);
    const decided = run('decide', request, '--until', until);
    assert.equal(decided.status, 0, decided.stderr);
    assert.equal((JSON.parse(decided.stdout) as { state: string }).state, 'approved');

    env.VITALEDGER_PROFILE = network.profile('research');
    env.VITALEDGER_IDENTITY = network.identity('research', 'researcher').mspDirectory;
    const folder = mkdtempSync(join(tmpdir(), 'data-set-'));
    try {
      const output = join(folder, 'data.csv');
      const collected = run('collect', request, '--output', output);
      assert.equal(collected.status, 0, collected.stderr);
      assert.deepEqual(readFileSync(output), CONTENT);
      assert.match(run('collect', request, '--output', output).stderr, /there already/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
