import assert from 'node:assert/strict';
import { caller, random, type Call } from '../testing/bench.js';
import { RecordsBench } from '../testing/records-bench.js';
import { ErasureContract } from './erasure-contract.js';

const erasures = new ErasureContract();
const registrar = caller('HospitalMSP', 'registrar');
const auditor = caller('HospitalMSP', 'auditor');
// The hospital of the tests is in DE, and it is March 2026.
const lapsed = '2015-12-31';

describe('ErasureContract', () => {
  let hospital: RecordsBench;

  beforeEach(async () => {
    hospital = await RecordsBench.open();
  });

  const preview = async (record: string) =>
    JSON.parse(
      await hospital.bench.evaluate(erasures, 'preview', {
        as: registrar,
        input: { patient: hospital.patient.id, record },
      }),
    ) as { objects: string[]; registered: string; retentions: { citation: string }[]; holds: number };

  const order = (name: 'hold' | 'release', hold: string, more: object = {}, call: Partial<Call> = {}) =>
    hospital.bench.submit(erasures, name, {
      as: auditor,
      input: {
        patient: hospital.patient.id,
        hold,
        reason: { text: 'litigation' },
        salt: random(),
        ...more,
      },
      ...call,
    });

  it('purges every version with its proof, and keeps who erased how much, on which ground and why', async () => {
    const { id, manifest } = await hospital.register({ date: lapsed });
    const { bench, patient } = hospital;
    const amended = await hospital.amend(id);
    await hospital.retract(id, { version: 2 });
    const spared = await hospital.register();
    const { objects, registered } = await preview(id);
    const objectOf = (of: unknown) => (of as { object: string }).object;
    assert.deepEqual(objects, [objectOf(manifest), objectOf(amended.manifest)]);
    assert.equal(registered, bench.now);
    assert.equal(await hospital.erase(id, 'unlawful'), '');
    const left = bench.channel
      .keys('HospitalMSP')
      .filter((key) => /^(record|version|proof|erasure)/.test(key));
    assert.deepEqual(
      left.map((key) => key.split('/')[0]),
      ['erasure', 'proof', 'record'],
    );
    assert.ok(left.includes(`record/${patient.id}/${spared.id}`));
    const erasure = hospital.stored(`erasure/${patient.id}/${id}`)!;
    assert.deepEqual(
      { ...erasure, salt: '' },
      {
        patient: patient.id,
        record: id,
        versions: 2,
        instant: bench.now,
        by: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
        ground: 'unlawful',
        reason: 'asked for',
        salt: '',
      },
    );
    await assert.rejects(hospital.erase(id, 'unlawful'), { code: 'NOT_FOUND' });
  });

  it('§ 630f Abs. 3 BGB: refuses, with the citation, what must still be kept; without the date, which is personal', async () => {
    const { id } = await hospital.register({ date: '2020-05-04' });
    await assert.rejects(hospital.erase(id, 'consent-withdrawn'), (error: Error & { details?: unknown }) => {
      assert.deepEqual(error.details, {
        reason: 'RETENTION',
        rule: 'de-bgb-630f',
        citation: '§ 630f Abs. 3 BGB',
      });
      assert.doesNotMatch(error.message, /20[23]\d-/);
      return true;
    });
    assert.deepEqual((await preview(id)).retentions, [
      { rule: 'de-bgb-630f', citation: '§ 630f Abs. 3 BGB', until: '2030-05-04T23:59:59.999Z' },
    ]);
    await hospital.erase(id, 'wrong-person');
  });

  it('keeps a record as long as the version that must be kept longest, also once it was retracted', async () => {
    const old = await hospital.register({ date: lapsed });
    await hospital.erase(old.id, 'no-longer-necessary');
    const { id } = await hospital.register({ date: lapsed });
    await hospital.amend(id); // of 2026
    await hospital.retract(id, { version: 2 });
    await assert.rejects(hospital.erase(id, 'no-longer-necessary'), { message: /§ 630f/ });
  });

  it('a legal hold keeps what it names whatever the ground, until an auditor releases it', async () => {
    const [held, free] = [await hospital.register(), await hospital.register()];
    const hold = random();
    await order('hold', hold, { records: [held.id] });
    await assert.rejects(hospital.erase(held.id, 'unlawful'), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'LEGAL_HOLD', citation: 'Regulation (EU) 2016/679 art. 17(3)(e)' },
    });
    assert.deepEqual([(await preview(held.id)).holds, (await preview(free.id)).holds], [1, 0]);
    await hospital.erase(free.id, 'unlawful');
    await order('release', hold);
    await assert.rejects(order('release', hold), { details: { reason: 'RELEASED' } });
    await hospital.erase(held.id, 'unlawful');
  });

  it('a hold on a patient keeps everything; orders are the auditor’s, and each has its own id', async () => {
    const { id } = await hospital.register();
    const hold = random();
    await order('hold', hold);
    await assert.rejects(hospital.erase(id, 'unlawful'), { message: /legal hold/ });
    await assert.rejects(order('hold', hold), { code: 'ALREADY_EXISTS' });
    await assert.rejects(order('release', random()), { code: 'NOT_FOUND' });
    await assert.rejects(order('release', hold, {}, { as: registrar }), { code: 'PERMISSION_DENIED' });
  });

  it('a hold that is placed while an erasure is on its way invalidates it', async () => {
    const { id } = await hospital.register();
    const { bench, patient } = hospital;
    const input = { patient: patient.id, record: id, ground: 'unlawful', reason: 'x', salt: random() };
    const call = { as: registrar, input };
    const held = bench.begin(call);
    await bench.execute(erasures, 'erase', call, held);
    await order('hold', random());
    assert.equal(held.commit(), false);
  });

  it('is a registrar’s, for a ground that the law knows', async () => {
    const { id } = await hospital.register();
    for (const as of [caller('HospitalMSP', 'practitioner'), auditor]) {
      await assert.rejects(hospital.erase(id, 'unlawful', { as }), { code: 'PERMISSION_DENIED' });
    }
    await assert.rejects(hospital.erase(id, 'because' as never), { details: { path: 'input.ground' } });
  });
});
