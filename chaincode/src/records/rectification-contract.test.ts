import assert from 'node:assert/strict';
import type { Rectification } from '@vitaledger/domain';
import { caller, random } from '../testing/bench.js';
import { recordInput } from '../testing/patient.js';
import { RecordsBench } from '../testing/records-bench.js';
import { RectificationContract } from './rectification-contract.js';

const contract = new RectificationContract();
const registrar = caller('HospitalMSP', 'registrar');

describe('RectificationContract', () => {
  let hospital: RecordsBench;
  let record: string;

  beforeEach(async () => {
    hospital = await RecordsBench.open();
    ({ id: record } = await hospital.register());
  });

  const submit = (name: 'request' | 'refuse', request: string, more: object = {}) =>
    hospital.bench.submit(contract, name, {
      as: registrar,
      input: {
        patient: hospital.patient.id,
        request,
        record,
        reason: { text: 'the side is wrong' },
        salt: random(),
        ...more,
      },
    });
  const ask = async () => {
    const request = random();
    await submit('request', request);
    return request;
  };
  /** What the patient reads. */
  const answers = async (bookmark?: string, pageSize = 100) => {
    const { bench, patient } = hospital;
    const statement = patient.read('rectifications', { pageSize, ...(bookmark ? { bookmark } : {}) });
    const as = caller('ClinicMSP', 'service');
    const input = { patient: patient.id, statement };
    const jwe = await bench.evaluate(contract, 'answers', { as, at: 'HospitalMSP', input });
    return (await patient.key.read(jwe)) as { requests: Rectification[]; bookmark: string };
  };

  it('writes down what the patient asks, and that an answer is due in a month', async () => {
    const request = await ask();
    const [asked] = (await answers()).requests;
    assert.equal(
      asked?.due,
      '2026-04-01T12:00:00.000Z'.replace('12:00:00.000Z', hospital.bench.now.slice(11)),
    );
    assert.deepEqual(asked.asked, {
      instant: hospital.bench.now,
      by: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
      reason: { text: 'the side is wrong' },
    });
    await assert.rejects(submit('request', request), { code: 'ALREADY_EXISTS' });
    await assert.rejects(submit('request', random(), { record: random() }), { code: 'NOT_FOUND' });
  });

  it('is answered by the amendment or the retraction that names it, once', async () => {
    const [first, second] = [await ask(), await ask()];
    await hospital.amend(record, { record: recordInput({ id: record }), rectification: first });
    const again = { record: recordInput({ id: record }), rectification: first, version: 2 };
    await assert.rejects(hospital.amend(record, again), {
      code: 'PRECONDITION_FAILED',
      details: { reason: 'ANSWERED' },
    });
    await hospital.retract(record, { version: 2, rectification: second });
    const found = new Map((await answers()).requests.map(({ request, answer }) => [request, answer]));
    assert.deepEqual([found.get(first)?.how, found.get(first)?.version], ['amended', 2]);
    assert.equal(found.get(second)?.how, 'retracted');
  });

  it('is refused with a reason and the rule, and then answered', async () => {
    const request = await ask();
    const refusal = { reason: { text: 'it is as the imaging shows' }, citation: '45 CFR 164.526(a)(2)(iv)' };
    await submit('refuse', request, refusal);
    const [asked] = (await answers()).requests;
    assert.deepEqual(
      [asked?.answer?.how, asked?.answer?.reason, asked?.answer?.citation],
      ['refused', refusal.reason, refusal.citation],
    );
    await assert.rejects(submit('refuse', request), { details: { reason: 'ANSWERED' } });
    await assert.rejects(submit('refuse', random()), { code: 'NOT_FOUND' });
  });

  it('cannot be answered by a correction of another record; nothing is written then', async () => {
    const request = await ask();
    const other = await hospital.register();
    await assert.rejects(hospital.retract(other.id, { rectification: request }), {
      details: { path: 'input.rectification' },
    });
    await assert.rejects(hospital.retract(other.id, { rectification: random() }), { code: 'NOT_FOUND' });
    assert.equal((await hospital.audit()).length, 2);
  });

  it('is read by the patient page by page, and by the custodian’s staff', async () => {
    const requests = [await ask(), await ask(), await ask()].sort();
    const first = await answers(undefined, 2);
    const second = await answers(first.bookmark, 2);
    assert.deepEqual(
      [...first.requests, ...second.requests].map(({ request }) => request),
      requests,
    );
    assert.equal(second.bookmark, '');
    const { bench, patient, reader } = hospital;
    const input = { patient: patient.id, encryptionKey: reader.jwk };
    const listing = JSON.parse(await bench.evaluate(contract, 'list', { as: registrar, input })) as {
      jwe: string;
    };
    const listed = (await reader.read(listing.jwe)) as { requests: Rectification[] };
    assert.equal(listed.requests.length, 3);
    await assert.rejects(answers('../record'), { code: 'INVALID_ARGUMENT' });
  });
});
