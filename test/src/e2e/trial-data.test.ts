import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { succeeded, vitaledger, type Run } from '../harness/command.js';
import { all } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
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

  it('is worked with by the command, from the offer to the end of an approval', async function () {
    this.timeout(180_000);
    const run = (organization: string, user: string, ...args: readonly string[]) =>
      vitaledger(organization, user, 'trial', 'data', ...args);
    const bySponsor = (...args: readonly string[]) => run('research', 'sponsor', ...args);
    const byResearcher = (...args: readonly string[]) => run('research', 'researcher', ...args);
    const byCommittee = (...args: readonly string[]) => run('ethics', 'ethics', ...args);
    const json = async <T>(running: Promise<Run>): Promise<T> => JSON.parse(await succeeded(running)) as T;
    const folder = mkdtempSync(join(tmpdir(), 'data-set-'));
    const file = (name: string, content: string): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    try {
      const own = (await sponsor.trials.register(newTrial().registered)).trial;
      const content = file('participants.csv', CONTENT.toString());
      const described = ['--kind', 'data-set', '--title', 'Participants', '--media-type', 'text/csv'];
      const { document: set, digest } = await json<{ document: string; digest: string }>(
        vitaledger(
          'research',
          'sponsor',
          'trial',
          'document',
          'register',
          own,
          content,
          ...described,
          '--keep',
        ),
      );
      const terms = file('terms.json', '{"permission":{"code":"HMB"},"modifiers":[{"code":"PUB"}]}');
      await succeeded(bySponsor('offer', own, set, '--terms', terms, '--committee', 'EthicsMSP'));
      const other = file('other.csv', 'something else');
      assert.equal((await bySponsor('hold', own, set, other)).code, 4);
      assert.equal((await bySponsor('hold', own, set, join(folder, 'absent.csv'))).code, 4);
      await succeeded(bySponsor('hold', own, set, content));

      const purpose = file('purpose.json', '{"aims":["health"],"undertakings":["PUB"]}');
      const { request, outcome } = await json<{ request: string; outcome: string }>(
        byResearcher('request', own, set, '--title', 'A third study', '--purpose', purpose),
      );
      assert.equal(outcome, 'approve');
      assert.equal((await byCommittee('decide', request)).code, 2);
      const output = join(folder, 'data.csv');
      assert.equal((await byResearcher('collect', request, '--output', output)).code, 5);
      assert.ok(!existsSync(output), 'nothing of what was refused');
      const decided = await json<{ state: string }>(byCommittee('decide', request, '--until', until));
      assert.equal(decided.state, 'approved');
      await succeeded(byResearcher('collect', request, '--output', output));
      assert.deepEqual(readFileSync(output), CONTENT);
      assert.match((await byResearcher('collect', request, '--output', output)).err, /there already/);
      const kept = join(folder, 'kept.csv');
      await succeeded(
        vitaledger('research', 'sponsor', 'trial', 'document', 'content', digest, '--output', kept),
      );
      assert.deepEqual(readFileSync(kept), CONTENT);

      await succeeded(bySponsor('revoke', request, '--reason', 'The plan was not kept'));
      const again = join(folder, 'again.csv');
      assert.equal((await byResearcher('collect', request, '--output', again)).code, 5);
      assert.equal((await json<{ state: string }>(byResearcher('get', request))).state, 'revoked');
      const { requests } = await json<{ requests: { collected?: unknown[] }[] }>(
        byCommittee('log', own, set),
      );
      assert.deepEqual(
        requests.map(({ collected }) => collected?.length),
        [1],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
