import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

const program = join(__dirname, '../../../client/bin/vitaledger.js');

async function read(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

describe('the documents of a trial', () => {
  let sponsor: Vitaledger;
  let ethics: Vitaledger;
  let reader: Vitaledger;
  let trial: string;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vitaledger-documents-'));
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
    reader = await as('hospital', 'service');
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const draft = (content: string, kind: 'protocol' | 'ethics-letter' = 'protocol') =>
    ({
      kind,
      title: 'Document',
      language: 'en',
      mediaType: 'text/plain',
      content: Buffer.from(content),
    }) as const;

  it('are registered by their digests, and a file is held against them', async () => {
    const { document, version, digest } = await sponsor.trialDocuments.register(trial, draft('one'));
    assert.equal(version, 1);
    const found = await reader.trialDocuments.verify(trial, Buffer.from('one'));
    assert.deepEqual([found.document, found.version, found.organization], [document, 1, 'ResearchMSP']);
    await refused('INTEGRITY', reader.trialDocuments.verify(trial, Buffer.from('two')));

    const revision = { document, version: 1, reason: 'Corrected' };
    await sponsor.trialDocuments.revise(trial, revision, draft('two'));
    await refused('CONFLICT', sponsor.trialDocuments.revise(trial, revision, draft('three')));
    const history = await reader.trialDocuments.history(trial, document);
    assert.deepEqual(
      history.map((entry) => [entry.version, entry.reason]),
      [
        [1, undefined],
        [2, 'Corrected'],
      ],
    );
    const wrong = await refused(
      'INTEGRITY',
      reader.trialDocuments.verify(trial, Buffer.from('one'), { document }),
    );
    assert.equal(wrong.details.registered, history[1]?.digest);
    assert.equal((await reader.trialDocuments.find(trial, digest)).version, 1);
    await refused('ALREADY_EXISTS', sponsor.trialDocuments.register(trial, draft('one')));
  });

  it('are the sponsor’s; an ethics board registers its letters', async () => {
    await ethics.trialDocuments.register(trial, draft('approved', 'ethics-letter'));
    await refused('PERMISSION_DENIED', ethics.trialDocuments.register(trial, draft('ours')));
    await refused('PERMISSION_DENIED', reader.trialDocuments.register(trial, draft('ours')));
  });

  it('come back from the vault of who kept them', async () => {
    const { digest } = await sponsor.trialDocuments.register(trial, draft('kept'), { keep: true });
    const bytes = await read(sponsor.trialDocuments.content(digest));
    assert.equal(bytes.toString(), 'kept');
    await refused('NOT_FOUND', read(reader.trialDocuments.content(digest)));
  });

  it('are worked with by the command', async () => {
    const network = await suiteNetwork();
    const run = (...args: readonly string[]) =>
      spawnSync(process.execPath, [program, 'trial', 'document', ...args], {
        encoding: 'utf8',
        env: {
          ...process.env,
          VITALEDGER_PROFILE: network.profile('research'),
          VITALEDGER_IDENTITY: network.identity('research', 'sponsor').mspDirectory,
        },
      });
    const [plan, another] = [join(folder, 'plan.txt'), join(folder, 'another.txt')];
    writeFileSync(plan, 'the analysis plan');
    writeFileSync(another, 'another plan');
    const described = [
      '--kind',
      'statistical-analysis-plan',
      '--title',
      'Plan',
      '--media-type',
      'text/plain',
    ];
    const registered = run('register', trial, plan, ...described);
    assert.equal(registered.status, 0, registered.stderr);
    const { document } = JSON.parse(registered.stdout) as { document: string };
    assert.equal(run('verify', trial, plan, '--document', document).status, 0);
    const wrong = run('verify', trial, another, '--document', document);
    assert.equal(wrong.status, 7);
    assert.match(wrong.stderr, /digest differs \[INTEGRITY\]/);
    const revised = run('revise', trial, document, another, '--version', '1', '--reason', 'Better');
    assert.equal(revised.status, 0, revised.stderr);
    assert.equal((JSON.parse(run('history', trial, document).stdout) as unknown[]).length, 2);
    assert.match(run('list', trial).stdout, new RegExp(document));
    assert.equal(run('verify', trial, join(folder, 'absent.txt')).status, 4);
  });
});
