import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { TransactionError, type PublicCall } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { TrialDocuments } from './trial-documents.js';

const content = Buffer.from('the protocol');
const digest = createHash('sha256').update(content).digest('hex');
const draft = {
  kind: 'protocol',
  title: 'Protocol',
  language: 'en',
  mediaType: 'text/plain',
  content,
} as const;

describe('the documents of a trial', () => {
  const folder = temporaryFolder();
  let session: ScriptedSession;
  const documents = (script: Script): TrialDocuments => {
    session = new ScriptedSession(script, new FileVault(folder()));
    return new TrialDocuments(session);
  };
  const registered: Script = () => ({ trial: 'VL-1', document: 'VD-1', version: 1 });
  const refuse = (error: Error): Script => {
    return () => {
      throw error;
    };
  };
  const files = async (): Promise<readonly string[]> =>
    (await readdir(folder(), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name));
  const objects = async (): Promise<readonly string[]> =>
    (await files()).filter((path) => path.startsWith(join(folder(), 'objects')));
  const read = async (from: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of from) parts.push(part);
    return Buffer.concat(parts);
  };

  it('send the digest and size of the content, and not the content', async () => {
    const { digest: sent } = await documents(registered).register('t', draft);
    assert.equal(sent, digest);
    const [call] = session.calls as PublicCall[];
    const { kind, title, language, mediaType } = draft;
    const described = { kind, title, language, mediaType, digest, size: content.length };
    assert.deepEqual(JSON.parse(call!.arguments[1]!), described);
    assert.deepEqual(await files(), []);
  });

  it('keep the content encrypted in the own vault, if they are told to', async () => {
    const own = documents(registered);
    await own.register('t', draft, { keep: true });
    assert.deepEqual(await read(own.content(digest)), content);
    for (const path of await objects()) assert.ok(!(await readFile(path)).includes(content), path);
    await assert.rejects(read(own.content('0'.repeat(64))), { code: 'NOT_FOUND' });
  });

  it('say so when what the vault keeps was altered', async () => {
    const own = documents(registered);
    await own.register('t', draft, { keep: true });
    const [path = ''] = await objects();
    const bytes = await readFile(path);
    await writeFile(
      path,
      bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte)),
    );
    await assert.rejects(read(own.content(digest)), { code: 'INTEGRITY' });
  });

  it('leave nothing in the vault of what the registry refused, and keep what was there before', async () => {
    const refused = new VitaledgerError('PERMISSION_DENIED', 'no');
    await assert.rejects(documents(refuse(refused)).register('t', draft, { keep: true }), refused);
    assert.deepEqual(await files(), []);
    await documents(registered).register('t', draft, { keep: true });
    const again = documents(refuse(new VitaledgerError('ALREADY_EXISTS', 'again')));
    await assert.rejects(again.register('t', draft, { keep: true }), { code: 'ALREADY_EXISTS' });
    assert.deepEqual(await read(again.content(digest)), content);
    assert.equal((await objects()).length, 1);
  });

  it('keep the content while it is not known whether it was registered', async () => {
    const attempt = { phase: 'commit', fate: 'unknown', transactionId: 'tx', attempts: 1 } as const;
    const unknown = documents(refuse(new TransactionError('UNAVAILABLE', 'no', {}, attempt)));
    await assert.rejects(unknown.register('t', draft, { keep: true }), { code: 'UNAVAILABLE' });
    assert.deepEqual(await read(unknown.content(digest)), content);
  });

  it('tell a file that was registered from one that was not', async () => {
    const version = { document: 'VD-1', version: 1, digest };
    const one = documents((call) => (call.function.endsWith('history') ? [version] : version));
    assert.deepEqual(await one.verify('t', content), version);
    assert.deepEqual(await one.verify('t', content, { document: 'VD-1', version: 1 }), version);
    const altered = Buffer.from('another protocol');
    await assert.rejects(one.verify('t', altered, { document: 'VD-1' }), (error: VitaledgerError) => {
      assert.equal(error.code, 'INTEGRITY');
      assert.equal(error.details.registered, digest);
      return true;
    });
    await assert.rejects(one.verify('t', content, { document: 'VD-1', version: 2 }), { code: 'NOT_FOUND' });
    const noDocument = new VitaledgerError('NOT_FOUND', 'no', { what: 'document' });
    await assert.rejects(documents(refuse(noDocument)).verify('t', altered), { code: 'INTEGRITY' });
    const noTrial = new VitaledgerError('NOT_FOUND', 'no', { what: 'trial' });
    await assert.rejects(documents(refuse(noTrial)).verify('t', altered), noTrial);
  });
});
