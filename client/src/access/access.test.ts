import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { thumbprint, verifyStatement, type PublicJwk } from '@vitaledger/domain';
import { PatientKey } from '../patient/patient-key.js';
import { sealed } from '../testing/sealed-answer.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileVault } from '../vault/file-vault.js';
import { storeContent } from '../vault/objects.js';
import { Access } from './access.js';
import type { ReleasedRecord } from './released-record.js';

const token = { custodian: 'ClinicMSP', patient: 'ab'.repeat(16) };
const question = { ...token, purpose: 'TREAT' };

/** A custodian that permits: it answers to the key that the last request named, in pages of one record. */
function custodian(records: readonly object[], receiptInAnswer = 'r1'): Script {
  let reader: PublicJwk | undefined;
  return async (call) => {
    const input = (call as unknown as { input: { encryptionKey: PublicJwk; bookmark?: string } }).input;
    if (call.function === 'AccessContract:request') {
      reader = input.encryptionKey;
      return { receipt: 'r1' };
    }
    const index = Number(input.bookmark ?? 0);
    const answer = { receipt: receiptInAnswer, decision: {}, records: [records[index]] };
    return {
      jwe: await sealed(answer, reader!),
      bookmark: index + 1 < records.length ? String(index + 1) : '',
    };
  };
}

describe('access', () => {
  const folder = temporaryFolder();

  it('reads what is permitted: request, pages, contents', async () => {
    const vault = new FileVault(folder());
    const contents = [
      { resourceType: 'Condition', id: '1' },
      { resourceType: 'Condition', id: '2' },
    ];
    const records = await Promise.all(
      contents.map(async (content) => {
        const id = randomBytes(16).toString('hex');
        const stored = await storeContent(vault, Buffer.from(JSON.stringify(content)), {
          record: id,
          version: 1,
        });
        return { id, class: 'Condition', version: 1, ...stored };
      }),
    );
    const session = new ScriptedSession(custodian(records), vault);
    const found: unknown[] = [];
    for await (const record of new Access(session).read(question)) {
      found.push(await record.json());
    }
    assert.deepEqual(found, contents);
    const names = session.calls.map((call) => call.function);
    assert.deepEqual(names, ['AccessContract:request', 'AccessContract:open', 'AccessContract:open']);
  });

  it('makes a new key for every request', async () => {
    const session = new ScriptedSession(custodian([]));
    const access = new Access(session);
    await access.request(question);
    await access.request(question);
    const keys = session
      .inputs('AccessContract:request')
      .map((input) => thumbprint(input.encryptionKey as PublicJwk));
    assert.notEqual(keys[0], keys[1]);
  });

  it('refuses an answer that belongs to another receipt', async () => {
    const access = new Access(new ScriptedSession(custodian([{ id: '1' }], 'r2')));
    const receipt = await access.request(question);
    await assert.rejects(access.open(receipt).next(), { code: 'INTEGRITY' });
  });

  it('has no content to read where only metadata was asked for, or no vault is known', async () => {
    const access = new Access(
      new ScriptedSession(custodian([{ id: '1' }, { id: '2', manifest: {}, keyShare: '' }])),
    );
    const released: ReleasedRecord[] = [];
    for await (const record of access.read({ ...question, scope: 'metadata' })) {
      released.push(record);
    }
    const [metadata, content] = released;
    await assert.rejects(metadata!.bytes(), { code: 'PRECONDITION_FAILED', message: /scope "content"/ });
    await assert.rejects(content!.bytes(), { code: 'PRECONDITION_FAILED', message: /vault of ClinicMSP/ });
  });

  it("shows the patient's log, each page by a statement that the patient signs anew", async () => {
    const key = await PatientKey.generate();
    const [signing, encryption] = key.publicKeys;
    const keys = [{ ...signing!, kid: thumbprint(signing!.jwk), from: '2020-01-01T00:00:00.000Z' }];
    const session = new ScriptedSession(async (call) => {
      const { statement } = (call as unknown as { input: { statement: string } }).input;
      const { body } = verifyStatement(statement, keys, new Date().toISOString()).statement as {
        body: { bookmark?: string; what: string };
      };
      assert.equal(body.what, 'log');
      const page =
        body.bookmark === 'b'
          ? { entries: [{ receipt: '2' }], bookmark: '' }
          : { entries: [{ receipt: '1' }], bookmark: 'b' };
      return sealed(page, encryption!.jwk);
    });
    const receipts: string[] = [];
    for await (const entry of new Access(session).log(token, key, { pageSize: 1 })) {
      receipts.push(entry.receipt);
    }
    assert.deepEqual(receipts, ['1', '2']);
  });
});
