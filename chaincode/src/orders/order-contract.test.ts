import assert from 'node:assert/strict';
import type { OrderSide } from '@vitaledger/domain';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, consortiumDocument, random } from '../testing/bench.js';
import { TestOrder } from '../testing/order.js';
import { Patient } from '../testing/patient.js';
import { OrderContract } from './order-contract.js';

const orders = new OrderContract();
const doctor = caller('HospitalMSP', 'practitioner');
const technician = caller('LabMSP', 'laboratory');
const stranger = caller('ClinicMSP', 'practitioner');

describe('OrderContract', () => {
  let bench: Bench;
  let order: TestOrder;

  const enrol = async (custodian: string): Promise<Patient> => {
    const patient = new Patient(bench, custodian);
    const as = caller(custodian, 'registrar');
    await bench.submit(new RecordContract(), 'enrol', { as, input: patient.enrolment() });
    return patient;
  };

  beforeEach(async () => {
    const { organizations } = consortiumDocument();
    const lab = {
      name: 'Lab',
      kinds: ['laboratory', 'clinic'] as const,
      jurisdiction: 'DE',
      status: 'active' as const,
    };
    bench = await Bench.founded(consortiumDocument({ organizations: { ...organizations, LabMSP: lab } }));
    order = new TestOrder(bench, { requester: await enrol('HospitalMSP'), performer: await enrol('LabMSP') });
  });

  const show = async (
    side: OrderSide,
    as = side === 'request' ? technician : doctor,
    change: object = {},
  ) => {
    const at = side === 'request' ? 'HospitalMSP' : 'LabMSP';
    const answer = await bench.submit(orders, 'show', { as, at, input: order.showing(side, change) });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  };
  const open = async (side: OrderSide, receipt: string, as = side === 'request' ? technician : doctor) => {
    const at = side === 'request' ? 'HospitalMSP' : 'LabMSP';
    const answer = await bench.evaluate(orders, 'open', { as, at, input: { receipt } });
    return (await order.key.read((JSON.parse(answer) as { jwe: string }).jwe)) as {
      critical: boolean;
      records: { id: string; keyShare?: string }[];
    };
  };
  const asking = (change: object = {}) => ({ order: order.id, secret: order.secrets.report, ...change });
  const status = async (as = doctor, change: object = {}) =>
    JSON.parse(await bench.evaluate(orders, 'status', { as, at: 'LabMSP', input: asking(change) })) as object;
  const acknowledge = (as = doctor, change: object = {}) =>
    bench.submit(orders, 'acknowledge', { as, at: 'LabMSP', input: asking({ salt: random(), ...change }) });
  const awaited = async (question: object = {}) =>
    (
      JSON.parse(await bench.evaluate(orders, 'awaited', { as: technician, input: question })) as {
        results: { order: string; critical: boolean }[];
      }
    ).results;

  it('hands the order with what travels along to its performer, and logs it for the patient', async () => {
    await order.accepted();
    const receipt = await show('request');
    const { records } = await open('request', receipt);
    assert.deepEqual(
      records.map(({ id }) => id),
      order.request,
    );
    assert.ok(records.every(({ keyShare }) => keyShare));
    const [log = ''] = bench.channel.keys('HospitalMSP').filter((key) => key.startsWith('log/'));
    const entry = JSON.parse(bench.channel.committed('HospitalMSP', log)!.toString()) as Record<
      string,
      unknown
    >;
    assert.deepEqual([entry.order, entry.receipt, entry.outcome], [order.id, receipt, 'permit']);
  });

  it('goes from accepted to resulted to acknowledged, each once and in this order', async () => {
    await order.accepted();
    assert.deepEqual(await status(), { state: 'accepted', critical: false });
    const early = { code: 'PRECONDITION_FAILED', details: { reason: 'NO_RESULT' } };
    await assert.rejects(show('report'), early);
    await assert.rejects(acknowledge(), early);
    const result = { as: technician, input: order.result({ critical: true }) };
    await bench.submit(orders, 'result', result);
    assert.deepEqual(await status(), { state: 'resulted', critical: true });
    await assert.rejects(bench.submit(orders, 'result', result), { details: { reason: 'RESULTED' } });
    const { critical, records } = await open('report', await show('report'));
    assert.deepEqual([critical, records.map(({ id }) => id)], [true, order.report]);
    await acknowledge();
    assert.deepEqual(await status(), { state: 'acknowledged', critical: true });
    await assert.rejects(acknowledge(), { details: { reason: 'ACKNOWLEDGED' } });
  });

  it('expires by ledger time: then it is neither shown nor accepted, and listed as expired; one that was accepted is performed', async () => {
    const placements = async (question: object = {}) => {
      const answer = await bench.evaluate(orders, 'placements', { as: doctor, input: question });
      return (JSON.parse(answer) as { orders: { order: string; state: string; validUntil: string }[] })
        .orders;
    };
    const expired = { code: 'EXPIRED' };
    const accepted = new TestOrder(bench, order.parties);
    await accepted.accepted();
    await order.register();
    const placing = { as: doctor, input: order.placing() };
    const late = { as: doctor, input: order.placing({ validUntil: bench.now }) };
    await assert.rejects(bench.submit(orders, 'place', late), { code: 'INVALID_ARGUMENT' });
    await bench.submit(orders, 'place', placing);
    assert.deepEqual(
      (await placements()).map(({ state }) => state),
      ['placed', 'placed'],
    );
    await bench.pass(Date.parse(order.validUntil) - Date.parse(bench.now) - 1000);
    await show('request');
    bench.skip(1000);
    await assert.rejects(show('request'), expired);
    const accepting = { as: technician, input: order.acceptance() };
    await assert.rejects(bench.submit(orders, 'accept', accepting), expired);
    const listed = await placements({ state: 'expired' });
    assert.deepEqual(
      new Set(listed.map(({ order: id }) => id)),
      new Set([order.id, accepted.id]),
      'who placed it asks the performer whether it was accepted',
    );
    assert.deepEqual(await placements({ state: 'placed' }), []);
    await bench.submit(orders, 'result', { as: technician, input: accepted.result() });
    const answer = { as: doctor, at: 'LabMSP', input: accepted.showing('report') };
    await bench.submit(orders, 'show', answer);
  });

  it('lists results until they are acknowledged, the critical and overdue ones by themselves', async () => {
    await order.resulted({ critical: true });
    const { parties } = order;
    bench.skip(3_600_000);
    await bench.submit(bench.consortium, 'beat', { as: caller('HospitalMSP', 'admin') });
    const other = await new TestOrder(bench, parties).resulted();
    const named = async (question: object) => (await awaited(question)).map((one) => one.order).sort();
    assert.deepEqual(await named({}), [order.id, other.id].sort());
    assert.deepEqual(await named({ critical: true }), [order.id]);
    const hourAgo = new Date(Date.parse(bench.now) - 1_800_000).toISOString();
    assert.deepEqual(await named({ before: hourAgo }), [order.id]);
    assert.deepEqual(await named({ critical: false, before: hourAgo }), []);
    await acknowledge();
    assert.deepEqual(await named({}), [other.id]);
  });

  it('notifies the patient of a result', async () => {
    await order.accepted();
    const transaction = bench.begin({ as: technician, input: order.result() });
    await bench.execute(orders, 'result', { as: technician, input: order.result() }, transaction);
    assert.match(transaction.announced ?? '', /^[0-9a-f]{64}$/);
  });

  it('opens each side to the other organization only, by its own secret only', async () => {
    await order.resulted();
    for (const [side, other] of [
      ['request', 'report'],
      ['report', 'request'],
    ] as const) {
      await assert.rejects(show(side, stranger), { details: { reason: 'NOT_THE_PARTNER' } });
      const wrong = { secret: order.secrets[other] };
      await assert.rejects(show(side, undefined, wrong), { details: { reason: 'BAD_SECRET' } });
    }
    await assert.rejects(status(stranger), { details: { reason: 'NOT_THE_PARTNER' } });
    await assert.rejects(status(doctor, { secret: order.secrets.request }), {
      details: { reason: 'BAD_SECRET' },
    });
    await assert.rejects(acknowledge(stranger), { details: { reason: 'NOT_THE_PARTNER' } });
    await assert.rejects(acknowledge(doctor, { secret: random(256) }), { details: { reason: 'BAD_SECRET' } });
  });

  it('opens a receipt to who got it, for ten minutes', async () => {
    await order.resulted();
    const receipt = await show('report');
    const colleague = caller('HospitalMSP', 'practitioner', 'practitioner-2');
    await assert.rejects(open('report', receipt, colleague), { code: 'PERMISSION_DENIED' });
    await assert.rejects(open('report', random(256)), { code: 'NOT_FOUND' });
    bench.skip(600_000);
    await assert.rejects(open('report', receipt), { code: 'EXPIRED' });
  });

  it('refuses orders of the wrong classes, of unknown records and patients, and ids that are taken', async () => {
    await order.register(['Observation']);
    const place = (change: object) =>
      bench.submit(orders, 'place', { as: doctor, input: order.placing(change) });
    await assert.rejects(place({ records: order.request.toReversed() }), {
      details: { path: 'input.records[0]' },
    });
    await assert.rejects(place({ records: [order.request[0], random()] }), { details: { what: 'record' } });
    await assert.rejects(place({ patient: random() }), { details: { what: 'patient' } });
    await assert.rejects(place({ records: [] }), { details: { path: 'input.records' } });
    await place({});
    await assert.rejects(place({}), { code: 'ALREADY_EXISTS' });
    const accept = (change: object) =>
      bench.submit(orders, 'accept', { as: technician, input: order.acceptance(change) });
    await accept({});
    await assert.rejects(accept({}), { code: 'ALREADY_EXISTS' });
    const result = { as: technician, input: order.result() };
    await assert.rejects(bench.submit(orders, 'result', result), { details: { path: 'input.records' } });
    const unknown = { as: technician, input: order.result({ order: random() }) };
    await assert.rejects(bench.submit(orders, 'result', unknown), { code: 'NOT_FOUND' });
  });

  it('refers with the records that travel along, and takes any record for what came of it', async () => {
    const referral = new TestOrder(bench, { ...order.parties, kind: 'referral' });
    await referral.register(['Encounter']);
    await bench.submit(orders, 'place', { as: doctor, input: referral.placing() });
    await bench.submit(orders, 'accept', { as: technician, input: referral.acceptance() });
    const resulted = { as: technician, input: referral.result() };
    assert.equal(await bench.submit(orders, 'result', resulted), '');
  });

  it('writes nothing in public, and gives the requester’s staff the secret back', async () => {
    const before = bench.channel.keys('public');
    await order.resulted();
    await show('report');
    await acknowledge();
    assert.deepEqual(bench.channel.keys('public'), before);
    const placed = await bench.evaluate(orders, 'placed', { as: doctor, input: { order: order.id } });
    assert.equal((JSON.parse(placed) as { secret: string }).secret, order.secret);
  });
});
