import assert from 'node:assert/strict';
import { join } from 'node:path';
import { proofHash, proofSalt, validateRecords, VitaledgerError, type PublicJwk } from '@vitaledger/domain';
import { sealed } from '../testing/sealed-answer.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { TransactionError, type CustodianCall } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { storeContent } from '../vault/objects.js';
import type { Vault } from '../vault/vault.js';
import { Records } from './records.js';

const from = { custodian: 'ClinicMSP', patient: 'ab'.repeat(16) };
const patient = 'cd'.repeat(16);
const id = 'ef'.repeat(16);
const salt = '01'.repeat(16);
const content = Buffer.from('a scan');

describe('a transfer', () => {
  const folder = temporaryFolder();

  /** A session of a hospital; the clinic has one record, whose proof says what `proof` says. */
  async function hospital(
    register: Script,
    proof: { digest?: string; status?: 'current' | 'retracted' } = {},
  ) {
    const theirs = new FileVault(join(folder(), `clinic-${String(Math.random())}`));
    const own = new FileVault(join(folder(), 'hospital'));
    const stored = await storeContent(theirs, content, { record: id, version: 1 });
    const released = {
      id,
      version: 1,
      salt,
      class: 'Media',
      category: [],
      codes: [],
      labels: [],
      mediaType: 'image/png',
    };
    let key: PublicJwk | undefined;
    const session = new ScriptedSession(async (call, kind) => {
      if (call.function === 'AccessContract:request') {
        key = (call as CustodianCall & { input: { encryptionKey: PublicJwk } }).input.encryptionKey;
        return { receipt: 'r1' };
      }
      if (call.function === 'AccessContract:open') {
        const disclosure = { receipt: 'r1', decision: {}, records: [{ ...released, ...stored }] };
        return { jwe: await sealed(disclosure, key!), bookmark: '' };
      }
      if (call.function === 'RecordContract:contentHash') {
        const { digest = stored.manifest.digest, status = 'current' } = proof;
        return { hash: proofHash({ digest, status, salt: proofSalt(salt) }) };
      }
      return register(call, kind);
    });
    session.findVault = (mspId?: string): Vault => (mspId === 'ClinicMSP' ? theirs : own);
    return { session, records: new Records(session), own };
  }

  async function all(records: Records) {
    const done = [];
    for await (const one of records.transfer({ from, patient })) done.push(one);
    return done;
  }

  it('registers the same content under a new id, with where it comes from', async () => {
    const { session, records } = await hospital(() => '');
    const [copied] = await all(records);
    const [record] = validateRecords(session.inputs('RecordContract:register')[0]!.records);
    assert.equal(record!.id, copied!.record);
    assert.notEqual(record!.id, id);
    assert.notEqual(record!.salt, salt);
    assert.deepEqual(record!.copiedFrom, {
      custodian: 'ClinicMSP',
      record: id,
      version: 1,
      proof: proofSalt(salt),
    });
  });

  it('goes on after an interruption under the id that it had begun with, and copies nothing twice', async () => {
    const lost = new TransactionError(
      'UNAVAILABLE',
      'no',
      {},
      {
        phase: 'commit',
        fate: 'unknown',
        transactionId: 'tx',
        attempts: 1,
      },
    );
    const first = await hospital(() => {
      throw lost;
    });
    await assert.rejects(all(first.records), { fate: 'unknown' });
    const idOf = ({ session }: typeof first) =>
      validateRecords(session.inputs('RecordContract:register')[0]!.records)[0]!.id;
    const second = await hospital(() => {
      throw new VitaledgerError('ALREADY_EXISTS', 'taken');
    });
    const [there] = await all(second.records);
    assert.equal(there!.record, idOf(first));
    assert.equal(idOf(second), idOf(first));
    assert.equal(there!.transactionId, undefined);
    const third = await hospital(() => assert.fail('it is there'));
    assert.deepEqual(await all(third.records), [there]);
  });

  it('takes over nothing that its custodian did not register, or retracted meanwhile', async () => {
    const other = await hospital(() => assert.fail('it is not proved'), { digest: '0'.repeat(64) });
    await assert.rejects(all(other.records), { code: 'INTEGRITY' });
    const retracted = await hospital(() => assert.fail('it is retracted'), { status: 'retracted' });
    await assert.rejects(all(retracted.records), { code: 'CONFLICT' });
    const own = new ScriptedSession(() => '', retracted.own);
    const moving = new Records(own).transfer({ from: { ...from, custodian: 'HospitalMSP' }, patient });
    await assert.rejects(moving.next(), { code: 'INVALID_ARGUMENT' });
  });
});
