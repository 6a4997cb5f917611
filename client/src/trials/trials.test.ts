import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '@vitaledger/domain';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { TransactionError, type Call } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { Trials } from './trials.js';

interface Contact {
  readonly name?: string;
  readonly digest?: string;
}

interface Study {
  readonly protocolSection: { readonly contactsLocationsModule: { readonly overallOfficials: Contact[] } };
}

function study(...names: readonly string[]): Study {
  const text = readFileSync(join(__dirname, '../../../demo/data/trial.json'), 'utf8');
  const record = JSON.parse(text) as Study;
  const officials = names.map((name) => ({ name, affiliation: 'University', role: 'STUDY_CHAIR' }));
  record.protocolSection.contactsLocationsModule.overallOfficials.splice(0, Infinity, ...officials);
  return record;
}

function failure(fate: 'failed' | 'unknown'): TransactionError {
  return new TransactionError(
    'UNAVAILABLE',
    'no',
    {},
    { phase: 'commit', fate, transactionId: 'tx', attempts: 1 },
  );
}

describe('trials', () => {
  const folder = temporaryFolder();
  const contacts = (): Promise<readonly string[]> => new FileVault(folder()).store('contacts').names();
  let published: Study;

  /** A registry that takes every record. */
  const registry: Script = (call: Call) => {
    const { arguments: args } = call as { arguments: readonly string[] };
    const position = { 'TrialRegistryContract:register': 0, 'TrialRegistryContract:amend': 2 }[call.function];
    if (position === undefined) {
      return { id: 't', version: 1, record: published };
    }
    published = JSON.parse(args[position]!) as Study;
    return { trial: 't', version: 1, changes: [] };
  };
  const trials = (script: Script = registry): Trials =>
    new Trials(new ScriptedSession(script, new FileVault(folder())));
  const officials = (record: unknown): readonly Contact[] =>
    (record as Study).protocolSection.contactsLocationsModule.overallOfficials;

  it('publish digests in place of contacts, and put the contacts back for who has them', async () => {
    const record = study('Dr. Anna Beispiel', 'Dr. Bo Exempel');
    await trials().register(record);
    assert.doesNotMatch(canonicalJson(published), /Beispiel|Exempel/);
    assert.match(officials(published)[0]!.digest!, /^[0-9a-f]{64}$/);
    assert.deepEqual((await trials().get('t')).record, record);
    const stranger = new Trials(new ScriptedSession(registry));
    assert.deepEqual((await stranger.get('t')).record, published);
  });

  it('keep the digest of who stays when a record is amended', async () => {
    await trials().register(study('Dr. Anna Beispiel', 'Dr. Bo Exempel'));
    const before = officials(published);
    await trials().amend('t', {
      version: 1,
      record: study('Dr. Anna Beispiel', 'Dr. Cy Eksempel'),
      reason: 'new chair',
    });
    assert.equal(officials(published)[0]!.digest, before[0]!.digest);
    assert.notEqual(officials(published)[1]!.digest, before[1]!.digest);
  });

  it('forget contacts again when the registry did not take the record, and not while that is unknown', async () => {
    const record = study('Dr. Anna Beispiel');
    await assert.rejects(
      trials(() => {
        throw failure('failed');
      }).register(record),
    );
    assert.deepEqual(await contacts(), []);
    await assert.rejects(
      trials(() => {
        throw failure('unknown');
      }).register(record),
    );
    assert.notEqual((await contacts()).length, 0);
  });

  it('erase a contact from every version when asked to, and leave the others', async () => {
    const [anna, bo] = ['Dr. Anna Beispiel', 'Dr. Bo Exempel'];
    await trials().register(study(anna, bo));
    const versions = [published];
    await trials().amend('t', { version: 1, record: study(bo), reason: 'chair left' });
    versions.push(published);
    const script: Script = (call, kind) =>
      call.function === 'TrialRegistryContract:history'
        ? versions.map((record) => ({ record }))
        : registry(call, kind);
    const before = (await contacts()).length;
    assert.equal(await trials(script).eraseContacts('t', ({ name }) => name === anna), 1);
    assert.equal((await contacts()).length, before - 1);
    const { record } = await trials(() => ({ record: versions[0] })).get('t');
    assert.match(officials(record)[0]!.digest!, /^[0-9a-f]{64}$/);
    assert.equal(officials(record)[1]!.name, bo);
    assert.equal(await trials(script).eraseContacts('t'), before - 1);
    assert.equal(await trials(script).eraseContacts('t'), 0);
    assert.deepEqual(await contacts(), []);
  });

  it('read pages behind bookmarks, one by one or all of them', async () => {
    const asked: unknown[] = [];
    const script: Script = (call) => {
      const [query = ''] = (call as { arguments: readonly string[] }).arguments;
      const page = JSON.parse(query) as { readonly bookmark?: string };
      asked.push(page);
      const bookmark = page.bookmark === undefined ? 'b' : '';
      return { at: '2026-01-01T00:00:00.000Z', trials: [{ id: 'a' }], duties: [{ clock: 'c' }], bookmark };
    };
    const at = '2026-01-01T00:00:00.000Z';
    const first = await trials(script).searchPage({ phase: 'PHASE3' }, { pageSize: 1 });
    assert.deepEqual(first.bookmark, 'b');
    await trials(script).searchPage({ phase: 'PHASE3' }, { pageSize: 1, bookmark: first.bookmark });
    await trials(script).dutiesPage({ at, coming: true, within: 3 }, { bookmark: 'x' });
    const due: unknown[] = [];
    for await (const duty of trials(script).due(30, { at, clock: 'us-results' })) due.push(duty);
    assert.equal(due.length, 2);
    assert.deepEqual(asked, [
      { phase: 'PHASE3', pageSize: 1 },
      { phase: 'PHASE3', pageSize: 1, bookmark: 'b' },
      { at, coming: true, within: 3, bookmark: 'x' },
      { at, clock: 'us-results', within: 30, coming: true },
      { at, clock: 'us-results', within: 30, coming: true, bookmark: 'b' },
    ]);
  });

  it('send nothing that is incomplete or names persons in its text', async () => {
    const session = new ScriptedSession(registry, new FileVault(folder()));
    await assert.rejects(new Trials(session).register({ protocolSection: {} }), { code: 'INVALID_ARGUMENT' });
    const record = structuredClone(study('Dr. Anna Beispiel')) as unknown as {
      protocolSection: { descriptionModule: { briefSummary: string } };
    };
    record.protocolSection.descriptionModule.briefSummary = 'Write to anna@beispiel.example for more.';
    await assert.rejects(new Trials(session).register(record), (error) => {
      assert.equal((error as { code?: string }).code, 'INVALID_ARGUMENT');
      assert.doesNotMatch(String(error), /anna@/);
      return true;
    });
    assert.equal(session.calls.length, 0);
    assert.deepEqual(await contacts(), []);
  });
});
