import assert from 'node:assert/strict';
import { nextNotificationKey, notificationTag, type Notice } from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random, type Call } from '../testing/bench.js';
import { delegationTo } from '../testing/declaration.js';
import { KeyPair, Patient } from '../testing/patient.js';
import { NotificationContract } from './notification-contract.js';

const notifications = new NotificationContract();
const consents = new ConsentContract();
const relay = caller('PharmacyMSP', 'service');
const doctor = caller('ClinicMSP', 'practitioner');

describe('NotificationContract', () => {
  let bench: Bench;
  let patient: Patient;
  let key: string;

  const enrol = async (notificationKey: string): Promise<Patient> => {
    const enrolled = new Patient(bench);
    const input = enrolled.enrolment({ notificationKey });
    await bench.submit(new RecordContract(), 'enrol', { as: caller('HospitalMSP', 'registrar'), input });
    return enrolled;
  };

  beforeEach(async () => {
    bench = await Bench.founded();
    key = random(256);
    patient = await enrol(key);
  });

  /** Submits and returns the transaction. */
  const transact = async (
    contract: Parameters<Bench['execute']>[0],
    name: string,
    call: Call,
  ): Promise<{ id: string; tag: string | undefined }> => {
    const transaction = bench.begin(call);
    await bench.execute(contract, name, call, transaction);
    assert.ok(transaction.commit());
    return { id: transaction.transactionId, tag: transaction.announced };
  };
  const request = (of: Patient) =>
    transact(new AccessContract(), 'request', {
      as: doctor,
      at: 'HospitalMSP',
      input: {
        patient: of.id,
        scope: 'metadata',
        purpose: 'TREAT',
        filter: {},
        encryptionKey: new KeyPair().jwk,
        salt: random(),
      },
    });
  const grant = () =>
    transact(consents, 'grant', {
      as: relay,
      at: 'HospitalMSP',
      input: { patient: patient.id, statement: patient.consent(), salt: random() },
    });
  const changeKey = (statement: string) =>
    transact(notifications, 'changeKey', {
      as: relay,
      at: 'HospitalMSP',
      input: { patient: patient.id, statement, salt: random() },
    });
  const read = async (name: 'key' | 'notice', statement: string, of = patient): Promise<unknown> => {
    const call = { as: relay, at: 'HospitalMSP', input: { patient: of.id, statement } };
    return of.key.read(await bench.evaluate(notifications, name, call));
  };
  const notice = async (transaction: string, of = patient) =>
    (await read('notice', of.read('notice', { transaction }), of)) as Notice;

  it('tags what concerns the patient so that only who has the key recognizes it', async () => {
    for (const { id, tag } of [await request(patient), await grant()]) {
      assert.equal(tag, notificationTag(key, id));
    }
    const other = await enrol(random(256));
    const { id, tag } = await request(other);
    assert.ok(tag);
    assert.notEqual(tag, notificationTag(key, id));
  });

  it('tells the patient who asked, also when it was denied', async () => {
    const { id } = await request(patient);
    const { entry, ...rest } = await notice(id);
    assert.deepEqual(rest, { transaction: id, kind: 'access', instant: bench.now });
    assert.deepEqual([entry?.receipt, entry?.outcome, entry?.purpose], [id, 'deny', 'TREAT']);
    assert.equal(entry?.actor.subject, 'practitioner-1');
  });

  it('tells the patient of consents accepted and closed', async () => {
    const { id } = await grant();
    assert.deepEqual(await notice(id), { transaction: id, kind: 'consent', instant: bench.now });
    const [[consent, secret] = ['', '']] = [...patient.secrets];
    const closed = await transact(consents, 'close', {
      as: relay,
      at: 'HospitalMSP',
      input: { patient: patient.id, consent, secret, salt: random() },
    });
    assert.equal(closed.tag, notificationTag(key, closed.id));
    assert.equal((await notice(closed.id)).kind, 'closed');
  });

  it('tells nobody of another patient’s notices', async () => {
    const other = await enrol(random(256));
    const { id } = await request(patient);
    await assert.rejects(notice(id, other), { code: 'NOT_FOUND' });
    const foreign = other.read('notice', { transaction: id });
    await assert.rejects(read('notice', foreign), { code: 'PERMISSION_DENIED' });
    await assert.rejects(notice(random(256)), { code: 'NOT_FOUND' });
  });

  it('needs a statement that says which transaction, and was made for this', async () => {
    await assert.rejects(read('notice', patient.read('notice')), {
      code: 'INVALID_ARGUMENT',
      details: { path: 'statement.body.transaction' },
    });
    const { id } = await request(patient);
    await assert.rejects(read('notice', patient.read('log', { transaction: id })), {
      code: 'INVALID_ARGUMENT',
    });
    await assert.rejects(read('key', patient.read('consents')), { code: 'INVALID_ARGUMENT' });
    const old = patient.read('notification-key');
    bench.skip(300_001);
    await assert.rejects(read('key', old), { code: 'EXPIRED' });
  });

  describe('to a delegate', () => {
    const delegate = async (proxy: KeyPair, terms: Parameters<typeof delegationTo>[1] = {}) => {
      const declaration = delegationTo(proxy, terms);
      const input = { patient: patient.id, statement: patient.declare(declaration), salt: random() };
      await bench.submit(consents, 'declare', { as: relay, at: 'HospitalMSP', input });
      bench.skip(1000);
    };
    const asDelegate = (proxy: KeyPair, name: 'key' | 'notice', transaction?: string) => {
      const what = name === 'key' ? 'notification-key' : 'notice';
      const about = transaction === undefined ? {} : { transaction };
      const statement = patient.read(what, { encryptionKey: proxy.jwk, ...about }, undefined, proxy);
      const call = { as: relay, at: 'HospitalMSP', input: { patient: patient.id, statement } };
      return bench.evaluate(notifications, name, call).then((jwe) => proxy.read(jwe));
    };

    it('who may read the log: they recognize what happens, and read what it was', async () => {
      const proxy = new KeyPair();
      await delegate(proxy, { acts: ['log'] });
      assert.equal(((await asDelegate(proxy, 'key')) as { notificationKey: string }).notificationKey, key);
      const { id } = await request(patient);
      assert.equal(((await asDelegate(proxy, 'notice', id)) as Notice).entry?.outcome, 'deny');
    });

    it('who may not, or from whom something is hidden, they tell nothing', async () => {
      const [other, guardian] = [new KeyPair(), new KeyPair()];
      await delegate(other, { acts: ['consent'] });
      await delegate(guardian, { acts: ['log'], hidden: ['SEX'] });
      const { id } = await request(patient);
      for (const one of [other, guardian, new KeyPair()]) {
        await assert.rejects(asDelegate(one, 'key'), { code: 'PERMISSION_DENIED' });
        await assert.rejects(asDelegate(one, 'notice', id), { code: 'PERMISSION_DENIED' });
      }
    });
  });

  it('changes the key by a statement whose relay does not learn the new one', async () => {
    const fresh = random(256);
    const { id, tag } = await changeKey(patient.newNotificationKey(fresh));
    assert.equal(tag, notificationTag(key, id), 'devices with the old key hear of it');
    assert.equal((await notice(id)).kind, 'key');
    const next = nextNotificationKey(key, fresh);
    const answer = (await read('key', patient.read('notification-key'))) as Record<string, unknown>;
    assert.deepEqual([answer.notificationKey, answer.sequence], [next, 1]);
    const later = await request(patient);
    assert.equal(later.tag, notificationTag(next, later.id));
  });

  it('keeps the change of key in the chain: no replay, no other kind, no stranger', async () => {
    const statement = patient.newNotificationKey();
    await changeKey(statement);
    await assert.rejects(changeKey(statement), { code: 'CONFLICT' });
    await assert.rejects(changeKey(patient.consent()), {
      code: 'INVALID_ARGUMENT',
      details: { path: 'statement.kind' },
    });
    await assert.rejects(changeKey(new Patient(bench).newNotificationKey()), { code: 'PERMISSION_DENIED' });
    const kept = bench.channel.keys('HospitalMSP').filter((name) => name.startsWith('statement/'));
    assert.equal(kept.length, 1);
  });

  it('is not heard of transactions that concern no single patient’s log or consents', async () => {
    const as = caller('HospitalMSP', 'registrar');
    const call = { as, input: new Patient(bench).enrolment() };
    const { tag } = await transact(new RecordContract(), 'enrol', call);
    assert.equal(tag, undefined);
  });
});
