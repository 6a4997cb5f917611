import assert from 'node:assert/strict';
import { handleOf, statementDigest } from '@vitaledger/domain';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random, type Call } from '../testing/bench.js';
import { KeyPair, Patient } from '../testing/patient.js';
import { ConsentContract } from './consent-contract.js';

const consents = new ConsentContract();
const relay = caller('PharmacyMSP', 'service');

describe('ConsentContract', () => {
  let bench: Bench;
  let patient: Patient;

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = new Patient(bench);
    const as = caller('HospitalMSP', 'registrar');
    await bench.submit(new RecordContract(), 'enrol', { as, input: patient.enrolment() });
  });

  const grant = (statement: string, call: Partial<Call> = {}) =>
    bench.submit(consents, 'grant', {
      as: relay,
      at: 'HospitalMSP',
      input: { patient: patient.id, statement, salt: random() },
      ...call,
    });
  const head = () =>
    JSON.parse(bench.channel.committed('HospitalMSP', `patient/${patient.id}`)!.toString()) as {
      consents: { consent: string; jws: string; handle: string }[];
      sequence: number;
      previous: string | null;
      salt: string;
    };

  describe('grant', () => {
    it('puts the signed statement into the head and keeps the original with who relayed it', async () => {
      const statement = patient.consent();
      assert.equal(await grant(statement), '');
      const { consents: active, sequence, previous, salt } = head();
      assert.deepEqual(
        active.map(({ jws }) => jws),
        [statement],
      );
      assert.deepEqual({ sequence, previous }, { sequence: 1, previous: statementDigest(statement) });
      const original = JSON.parse(
        bench.channel.committed('HospitalMSP', `statement/${patient.id}/00000001`)!.toString(),
      ) as Record<string, unknown>;
      assert.equal(original.jws, statement);
      assert.deepEqual(original.relay, { mspId: 'PharmacyMSP', role: 'service', subject: 'service-1' });
      assert.notEqual(original.salt, salt);
    });

    it('is refused for a statement of another key, altered by the relay, replayed, or for another custodian', async () => {
      const statement = patient.consent();
      const [header = '', payload = '', signature = ''] = statement.split('.');
      const altered = Buffer.from(payload, 'base64url').toString().replace('ClinicMSP', 'EthicsMSP');
      const forged = [header, Buffer.from(altered).toString('base64url'), signature].join('.');
      await assert.rejects(grant(forged), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'BAD_SIGNATURE' },
      });

      const stranger = new Patient(bench);
      await assert.rejects(grant(stranger.consent()), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'UNKNOWN_KEY' },
      });

      await grant(statement);
      await assert.rejects(grant(statement), { code: 'CONFLICT' });

      const as = caller('ClinicMSP', 'registrar');
      const enrolment = { ...patient.enrolment(), patient: patient.id };
      await bench.submit(new RecordContract(), 'enrol', { as, input: enrolment });
      await assert.rejects(grant(statement, { at: 'ClinicMSP' }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'NOT_ADDRESSED' },
      });
    });

    it('is refused for another patient with the same key, whose chain it would fit', async () => {
      const sibling = random();
      const as = caller('HospitalMSP', 'registrar');
      await bench.submit(new RecordContract(), 'enrol', {
        as,
        input: patient.enrolment({ patient: sibling }),
      });
      const statement = patient.consent();
      const input = { patient: sibling, statement, salt: random() };
      await assert.rejects(grant(statement, { input }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'OTHER_PATIENT' },
      });
      await grant(statement);
      const reading = { patient: sibling, statement: patient.read('consents') };
      await assert.rejects(
        bench.evaluate(consents, 'list', { as: relay, at: 'HospitalMSP', input: reading }),
        {
          code: 'PERMISSION_DENIED',
          details: { reason: 'OTHER_PATIENT' },
        },
      );
    });

    it('is refused for relays that are no active member, and for an unknown patient', async () => {
      const statement = patient.consent();
      await assert.rejects(grant(statement, { as: caller('StrangerMSP', 'service') }), {
        code: 'PERMISSION_DENIED',
      });
      const input = { patient: random(), statement, salt: random() };
      await assert.rejects(grant(statement, { input }), { code: 'NOT_FOUND' });
    });

    it('lets one of two changes of the same head win', async () => {
      const call = {
        as: relay,
        at: 'HospitalMSP',
        input: { patient: patient.id, statement: patient.consent(), salt: random() },
      };
      const held = bench.begin(call);
      await bench.execute(consents, 'grant', call, held);
      await bench.submit(consents, 'grant', call);
      assert.equal(held.commit(), false);
    });
  });

  describe('revoke', () => {
    it('records the handle’s instant once, for any member’s relay, with a stale clock too', async () => {
      const secret = random(256);
      bench.skip(3_600_000);
      const first = bench.now;
      const revoke = { as: relay, args: [secret] };
      assert.equal(await bench.submit(consents, 'revoke', revoke), '');
      bench.skip(1000);
      await bench.submit(consents, 'revoke', { as: caller('EthicsMSP', 'service'), args: [secret] });
      const other = handleOf(random(256));
      const handles = [handleOf(secret), other];
      const revoked = await bench.evaluate(consents, 'revoked', {
        as: relay,
        args: [JSON.stringify(handles)],
      });
      assert.deepEqual(JSON.parse(revoked), { [handleOf(secret)]: first });
    });

    it('writes nothing private', async () => {
      const before = bench.channel.keys('HospitalMSP');
      await bench.submit(consents, 'revoke', { as: relay, at: 'HospitalMSP', args: [random(256)] });
      assert.deepEqual(bench.channel.keys('HospitalMSP'), before);
    });

    it('refuses what is no secret, and callers of no active member', async () => {
      await assert.rejects(bench.submit(consents, 'revoke', { as: relay, args: ['abc'] }), {
        code: 'INVALID_ARGUMENT',
      });
      const stranger = { as: caller('StrangerMSP', 'service'), at: 'HospitalMSP', args: [random(256)] };
      await assert.rejects(bench.submit(consents, 'revoke', stranger), { code: 'PERMISSION_DENIED' });
    });

    it('refuses a question that is no list of handles', async () => {
      for (const question of ['{}', '["x"]', JSON.stringify(Array(1001).fill(random(256)))]) {
        await assert.rejects(bench.evaluate(consents, 'revoked', { as: relay, args: [question] }), {
          code: 'INVALID_ARGUMENT',
        });
      }
    });
  });

  describe('close', () => {
    it('takes the consent out of the head for who holds its secret', async () => {
      await grant(patient.consent());
      const { consent } = head().consents[0]!;
      const close = (secret: string) =>
        bench.submit(consents, 'close', {
          as: relay,
          at: 'HospitalMSP',
          input: { patient: patient.id, consent, secret, salt: random() },
        });
      await assert.rejects(close(random(256)), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'WRONG_SECRET' },
      });
      const before = head();
      assert.equal(await close(patient.secrets.get(consent)!), '');
      assert.deepEqual(head().consents, []);
      assert.equal(head().sequence, 1);
      assert.notEqual(head().salt, before.salt);
      await assert.rejects(close(patient.secrets.get(consent)!), { code: 'NOT_FOUND' });
    });
  });

  describe('list', () => {
    const list = (statement: string, call: Partial<Call> = {}) =>
      bench.evaluate(consents, 'list', {
        as: relay,
        at: 'HospitalMSP',
        input: { patient: patient.id, statement },
        ...call,
      });

    it('answers to the patient’s key alone, with the consents and where the chain stands', async () => {
      await grant(patient.consent());
      const jwe = await list(patient.read('consents'));
      const { consents: active, sequence, previous } = head();
      const { keys, ...held } = (await patient.key.read(jwe)) as { keys: { kid: string }[] };
      assert.deepEqual(
        keys.map(({ kid }) => kid),
        [patient.key.kid],
      );
      assert.deepEqual(held, { consents: active, prohibitions: [], delegations: [], sequence, previous });
      await assert.rejects(new KeyPair().read(jwe));
    });

    it('refuses a statement of another key, for another custodian, for another use, or too old', async () => {
      await assert.rejects(list(new Patient(bench).read('consents')), { code: 'PERMISSION_DENIED' });
      await assert.rejects(list(patient.read('consents', {}, 'ClinicMSP')), { code: 'PERMISSION_DENIED' });
      await assert.rejects(list(patient.read('log')), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(list(patient.consent()), { code: 'INVALID_ARGUMENT' });
      const old = patient.read('consents');
      bench.skip(300_001);
      await assert.rejects(list(old), { code: 'EXPIRED' });
    });
  });

  describe('history', () => {
    const history = async (change: object = {}) => {
      const input = { patient: patient.id, statement: patient.read('history', change) };
      const jwe = await bench.evaluate(consents, 'history', { as: relay, at: 'HospitalMSP', input });
      return (await patient.key.read(jwe)) as { entries: { jws: string }[]; bookmark: string };
    };

    it('has every statement as it was signed, first one first, also those no longer in force, in pages', async () => {
      const statements = [patient.consent(), patient.consent(), patient.consent()];
      for (const statement of statements) await grant(statement);
      const [consent = ''] = [...patient.secrets.keys()];
      const secret = patient.secrets.get(consent);
      const input = { patient: patient.id, consent, secret, salt: random() };
      await bench.submit(consents, 'close', { as: relay, at: 'HospitalMSP', input });
      const first = await history({ pageSize: 2 });
      const second = await history({ pageSize: 2, bookmark: first.bookmark });
      assert.deepEqual(
        [...first.entries, ...second.entries].map(({ jws }) => jws),
        statements,
      );
      assert.deepEqual([first.bookmark, second.bookmark], ['00000002', '']);
    });

    it('refuses a bookmark that is none, and a statement for another use or of another key', async () => {
      await assert.rejects(history({ bookmark: '../x' }), { code: 'INVALID_ARGUMENT' });
      for (const [statement, code] of [
        [patient.read('log'), 'INVALID_ARGUMENT'],
        [new Patient(bench).read('history'), 'PERMISSION_DENIED'],
      ]) {
        const input = { patient: patient.id, statement };
        await assert.rejects(bench.evaluate(consents, 'history', { as: relay, at: 'HospitalMSP', input }), {
          code,
        });
      }
    });
  });
});
