import assert from 'node:assert/strict';
import { join } from 'node:path';
import { notificationTag } from '@vitaledger/domain';
import type { LedgerEvent } from '../connection/channel-events.js';
import { PatientKey } from '../patient/patient-key.js';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { sealed } from '../testing/sealed-answer.js';
import { FileCheckpoint } from '../events/file-checkpoint.js';
import type { PatientToken } from '../patient/patient-token.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { isCustodianCall } from '../transaction/index.js';
import { Notifications, type ReceivedNotice } from './notifications.js';

const token = { custodian: 'ClinicMSP', patient: 'ab'.repeat(16) };
const [first, second] = ['0a'.repeat(32), '0b'.repeat(32)];
const transaction = (n: number): string => n.toString(16).padStart(64, '0');

describe('Notifications.watch', () => {
  const folder = temporaryFolder();
  let key: PatientKey;
  let session: ScriptedSession;
  let kinds: Record<string, string>;

  const event = (n: number, payload: string, name = 'notice'): LedgerEvent => ({
    block: BigInt(n),
    transactionId: transaction(n),
    name,
    payload: Buffer.from(payload),
  });
  const own = (n: number, notificationKey = first) =>
    event(n, notificationTag(notificationKey, transaction(n)));

  beforeEach(async () => {
    key = await PatientKey.generate();
    kinds = {};
    const keys = [first, second];
    const answerTo = key.publicKeys.find(({ use }) => use === 'enc')!.jwk;
    session = new ScriptedSession(async (call) => {
      assert.ok(isCustodianCall(call));
      const { statement } = call.input as { statement: string };
      const { body } = JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString()) as {
        body: { transaction: string };
      };
      return sealed(
        call.function === 'NotificationContract:key'
          ? { notificationKey: keys.shift(), sequence: 0, previous: null }
          : { transaction: body.transaction, kind: kinds[body.transaction] ?? 'access', instant: 'i' },
        answerTo,
      );
    });
  });

  const watched = async (): Promise<ReceivedNotice[]> => {
    const received: ReceivedNotice[] = [];
    for await (const notice of new Notifications(session).watch([token], key)) received.push(notice);
    return received;
  };

  it('picks the patient’s own events and asks what they were', async () => {
    session.happened.push(
      event(1, 'cd'.repeat(32)),
      own(2),
      event(3, notificationTag(first, transaction(2))),
    );
    session.happened.push(event(4, notificationTag(first, transaction(4)), 'other'), own(5));
    const received = await watched();
    assert.deepEqual(
      received.map(({ position, kind, token: about }) => [position.block, kind, about]),
      [
        [2n, 'access', token],
        [5n, 'access', token],
      ],
    );
  });

  it('follows a change of the key', async () => {
    kinds[transaction(1)] = 'key';
    session.happened.push(own(1), own(2), own(3, second));
    assert.deepEqual(
      (await watched()).map(({ position, kind }) => [position.block, kind]),
      [
        [1n, 'key'],
        [3n, 'access'],
      ],
    );
  });

  it('goes on behind its checkpoint: what was not handled to its end comes again, and nothing before it', async () => {
    session.happened.push(own(1), own(2), event(3, 'cd'.repeat(32)), own(4));
    const file = join(folder(), 'alice.checkpoint');
    const handled: bigint[] = [];
    const run = async (crashAt?: bigint): Promise<void> => {
      await using checkpoint = await FileCheckpoint.open(file);
      for await (const { position } of new Notifications(session).watch([token], key, { checkpoint })) {
        if (position.block === crashAt) throw new Error('the power fails');
        handled.push(position.block);
      }
    };
    await assert.rejects(run(2n), /power/);
    assert.deepEqual(handled, [1n]);
    // The key that it asks for now is another one, as after a change: what is left bears its tag.
    session.happened.splice(1, 3, own(2, second), event(3, 'cd'.repeat(32)), own(4, second));
    await run();
    assert.deepEqual(handled, [1n, 2n, 4n]);
  });

  it('refuses a checkpoint of other patients, of another channel, and of another process', async () => {
    const file = join(folder(), 'alice.checkpoint');
    const watch = async (tokens: readonly PatientToken[]): Promise<void> => {
      await using checkpoint = await FileCheckpoint.open(file);
      for await (const { position } of new Notifications(session).watch(tokens, key, { checkpoint }))
        assert.ok(position);
    };
    session.happened.push(own(1));
    await watch([token]);
    const other = { ...token, patient: 'ef'.repeat(16) };
    const refusal = { code: 'PRECONDITION_FAILED', details: { reason: 'OTHER_SOURCE' } };
    await assert.rejects(watch([other]), refusal);
    await using held = await FileCheckpoint.open(file);
    await assert.rejects(
      held.load({ networkId: '5b'.repeat(16), channel: 'registry', stream: 'trials' }),
      refusal,
    );
    await assert.rejects(watch([token]), { code: 'PRECONDITION_FAILED' });
  });
});
