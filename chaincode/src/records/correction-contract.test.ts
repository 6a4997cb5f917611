import assert from 'node:assert/strict';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { caller, random } from '../testing/bench.js';
import { recordInput } from '../testing/patient.js';
import { RecordsBench } from '../testing/records-bench.js';
import { CorrectionContract } from './correction-contract.js';

const all = { status: ['current', 'superseded', 'retracted'] };
const doctor = { mspId: 'HospitalMSP', role: 'practitioner', subject: 'practitioner-1' };

describe('CorrectionContract', () => {
  let hospital: RecordsBench;

  beforeEach(async () => {
    hospital = await RecordsBench.open();
  });

  /** What a clinic's practitioner gets to see under the patient's consent. */
  const released = async (): Promise<Record<string, unknown>[]> => {
    const { bench, patient, reader } = hospital;
    const as = caller('ClinicMSP', 'practitioner');
    const consent = { patient: patient.id, statement: patient.consent(), salt: random() };
    await bench.submit(new ConsentContract(), 'grant', { as, at: 'HospitalMSP', input: consent });
    const asked = { scope: 'content', purpose: 'TREAT', filter: {}, encryptionKey: reader.jwk };
    const input = { patient: patient.id, ...asked, salt: random() };
    const access = new AccessContract();
    const at = 'HospitalMSP';
    const { receipt } = JSON.parse(await bench.submit(access, 'request', { as, at, input })) as {
      receipt: string;
    };
    const { jwe } = JSON.parse(await bench.evaluate(access, 'open', { as, at, input: { receipt } })) as {
      jwe: string;
    };
    return ((await reader.read(jwe)) as { records: Record<string, unknown>[] }).records;
  };

  describe('amend', () => {
    it('shows readers the new version with who, when and why, under the same id', async () => {
      const before = await hospital.register();
      const registered = hospital.bench.now;
      await hospital.bench.pass(60_000);
      const after = await hospital.amend(before.id);
      const [record, ...others] = await released();
      assert.deepEqual(others, []);
      const amendment = { instant: hospital.bench.now, by: doctor, reason: { text: 'typing error' } };
      assert.deepEqual(record, {
        ...after,
        patient: hospital.patient.id,
        registered,
        registeredBy: doctor,
        version: 2,
        amendment,
      });
    });

    it('keeps the old version for audit, under a salt of its own', async () => {
      const before = await hospital.register();
      await hospital.amend(before.id);
      const [old] = await hospital.audit({ status: ['superseded'] });
      assert.ok(old);
      assert.equal(old.keyShare, before.keyShare);
      assert.deepEqual(
        [old.version, old.status, (old.ended as { how: string }).how],
        [1, 'superseded', 'amended'],
      );
      assert.notEqual(old.salt, before.salt);
      assert.deepEqual(
        (await hospital.audit()).map(({ version, status }) => [version, status]),
        [[2, 'current']],
      );
    });

    it('lets one of two amendments of the same version win; the other one conflicts', async () => {
      const { id } = await hospital.register();
      const contract = new CorrectionContract();
      const { bench } = hospital;
      const calls = [1, 2].map(() => hospital.amending({ record: recordInput({ id }) }));
      const held = calls.map((call) => bench.begin(call));
      for (const [n, call] of calls.entries()) await bench.execute(contract, 'amend', call, held[n]!);
      assert.deepEqual(
        held.map((transaction) => transaction.commit()),
        [true, false],
      );
      await assert.rejects(hospital.amend(id), { code: 'CONFLICT', details: { reason: 'OVERTAKEN' } });
      await hospital.amend(id, { version: 2 });
      await assert.rejects(hospital.amend(id, { version: 4 }), { code: 'CONFLICT' });
    });

    it('corrects a record and does not make another of it', async () => {
      const before = await hospital.register();
      const { id } = before;
      await assert.rejects(hospital.amend(id, { record: recordInput({ id, class: 'Condition' }) }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.record.class' },
      });
      for (const kept of ['salt', 'keyShare']) {
        const record = recordInput({ id, [kept]: before[kept] });
        await assert.rejects(hospital.amend(id, { record }), { details: { path: 'input.record' } });
      }
      await assert.rejects(hospital.amend(random()), { code: 'NOT_FOUND' });
      await assert.rejects(hospital.amend(id, { reason: { text: 'two\nlines' } }), {
        details: { path: 'input.reason.text' },
      });
    });

    it('keeps the legal origin where the new version declares none', async () => {
      const origin = { organization: 'HospitalMSP', classes: ['part2-program'] };
      const { id } = await hospital.register({ origin });
      await hospital.amend(id);
      const [record] = await hospital.audit();
      assert.deepEqual(record?.origin, origin);
    });
  });

  describe('retract', () => {
    it('takes a record from every reader, and leaves in its place nothing of it', async () => {
      const wrong = await hospital.register();
      const right = await hospital.register();
      await hospital.retract(wrong.id);
      assert.deepEqual(
        (await released()).map(({ id }) => id),
        [right.id],
      );
      const { patient } = hospital;
      const left = hospital.stored(`record/${patient.id}/${wrong.id}`)!;
      assert.deepEqual(Object.keys(left).sort(), ['id', 'patient', 'retracted', 'salt', 'version']);
    });

    it('keeps all versions for audit, page by page', async () => {
      const records = [await hospital.register(), await hospital.register()];
      for (const { id } of records) await hospital.amend(id);
      const [first] = records.map(({ id }) => id).sort();
      await hospital.retract(first!, { version: 2 });
      for (const pageSize of [1, 2, 3, 100]) {
        assert.deepEqual(
          (await hospital.audit(all, pageSize)).map(({ version, status }) => [version, status]),
          [
            [1, 'retracted'],
            [2, 'retracted'],
            [1, 'superseded'],
            [2, 'current'],
          ],
          `pages of ${pageSize}`,
        );
      }
      assert.equal((await hospital.audit({ ...all, records: [first] }, 1)).length, 2);
    });

    it('cannot be taken back: not by retracting, amending or registering again', async () => {
      const { id } = await hospital.register();
      await hospital.retract(id);
      const refused = { code: 'PRECONDITION_FAILED', details: { reason: 'RETRACTED' } };
      await assert.rejects(hospital.retract(id), refused);
      await assert.rejects(hospital.amend(id), refused);
      await assert.rejects(hospital.register({ id }), { code: 'ALREADY_EXISTS' });
    });

    it('is for a version that was read, and for the custodian’s own staff', async () => {
      const { id } = await hospital.register();
      await hospital.amend(id);
      await assert.rejects(hospital.retract(id), { code: 'CONFLICT', details: { reason: 'OVERTAKEN' } });
      const foreign = { as: caller('ClinicMSP', 'practitioner'), at: 'HospitalMSP' };
      await assert.rejects(hospital.retract(id, { version: 2 }, foreign), { code: 'PERMISSION_DENIED' });
    });
  });
});
