import assert from 'node:assert/strict';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, consortiumDocument, random } from '../testing/bench.js';
import { TestOrder } from '../testing/order.js';
import { Patient } from '../testing/patient.js';
import { OrderCancellationContract } from './order-cancellation-contract.js';
import { OrderContract } from './order-contract.js';

const orders = new OrderContract();
const cancellations = new OrderCancellationContract();
const doctor = caller('HospitalMSP', 'practitioner');
const technician = caller('LabMSP', 'laboratory');
const stranger = caller('ClinicMSP', 'practitioner');
const CANCELLED = { details: { reason: 'CANCELLED' } };

describe('OrderCancellationContract', () => {
  let bench: Bench;
  let order: TestOrder;

  beforeEach(async () => {
    const { organizations } = consortiumDocument();
    const kinds = ['laboratory'] as const;
    const lab = { name: 'Lab', kinds, jurisdiction: 'DE', status: 'active' as const };
    bench = await Bench.founded(consortiumDocument({ organizations: { ...organizations, LabMSP: lab } }));
    const [requester, performer] = [new Patient(bench, 'HospitalMSP'), new Patient(bench, 'LabMSP')];
    for (const patient of [requester, performer]) {
      const as = caller(patient.custodian, 'registrar');
      await bench.submit(new RecordContract(), 'enrol', { as, input: patient.enrolment() });
    }
    order = new TestOrder(bench, { requester, performer });
  });

  const cancelling = (change: object = {}, as = doctor) => ({
    as,
    at: 'LabMSP',
    input: order.cancelling(change),
  });
  const cancel = (change: object = {}, as = doctor) =>
    bench.submit(cancellations, 'cancel', cancelling(change, as));
  const revoke = (as = doctor) => bench.submit(cancellations, 'revoke', { as, input: order.revoking() });
  const accepting = (change: object = {}) => ({ as: technician, input: order.acceptance(change) });
  const accept = (change: object = {}) => bench.submit(orders, 'accept', accepting(change));
  const place = async () => {
    await order.register();
    await bench.submit(orders, 'place', { as: doctor, input: order.placing() });
  };
  const task = async () => {
    const input = { order: order.id };
    return JSON.parse(await bench.evaluate(orders, 'task', { as: technician, input })) as {
      state: string;
      cancelled?: { reason: object; actor: object };
    };
  };
  const status = async () => {
    const input = { order: order.id, secret: order.secrets.report };
    const answer = await bench.evaluate(orders, 'status', { as: doctor, at: 'LabMSP', input });
    return (JSON.parse(answer) as { state: string }).state;
  };

  it('calls an order off before it is accepted, for good', async () => {
    await place();
    await cancel();
    await assert.rejects(accept(), CANCELLED);
    assert.deepEqual([await status(), (await task()).state], ['cancelled', 'cancelled']);
    await assert.rejects(cancel(), CANCELLED);
    await assert.rejects(
      bench.submit(orders, 'result', { as: technician, input: order.result() }),
      CANCELLED,
    );
  });

  it('calls an accepted one off until there is a result, and says why and by whom', async () => {
    await order.accepted();
    await cancel();
    const { state, cancelled } = await task();
    assert.equal(state, 'cancelled');
    assert.deepEqual(cancelled?.reason, { text: 'the patient moved' });
    assert.deepEqual(cancelled.actor, {
      mspId: 'HospitalMSP',
      role: 'practitioner',
      subject: 'practitioner-1',
    });
    await assert.rejects(
      bench.submit(orders, 'result', { as: technician, input: order.result() }),
      CANCELLED,
    );
    await assert.rejects(cancel(), CANCELLED);
  });

  it('leaves one that has its result', async () => {
    await order.resulted();
    await assert.rejects(cancel(), { details: { reason: 'RESULTED' } });
    assert.equal(await status(), 'resulted');
  });

  it('lets one of an acceptance and a cancellation win, and the other be decided anew', async () => {
    for (const first of ['accept', 'cancel'] as const) {
      order = new TestOrder(bench, order.parties);
      await place();
      const calls = { accept: accepting(), cancel: cancelling() };
      const both = { accept: bench.begin(calls.accept), cancel: bench.begin(calls.cancel) };
      await bench.execute(orders, 'accept', calls.accept, both.accept);
      await bench.execute(cancellations, 'cancel', calls.cancel, both.cancel);
      const second = first === 'accept' ? 'cancel' : 'accept';
      assert.equal(both[first].commit(), true);
      assert.equal(both[second].commit(), false);
      if (second === 'cancel') await cancel();
      else await assert.rejects(accept(), CANCELLED);
      assert.equal(await status(), 'cancelled');
    }
  });

  it('keeps the requester’s organization from handing the order out', async () => {
    await place();
    const showing = { as: technician, at: 'HospitalMSP', input: order.showing('request') };
    const shown = JSON.parse(await bench.submit(orders, 'show', showing)) as { receipt: string };
    await revoke();
    const opening = { as: technician, at: 'HospitalMSP', input: shown };
    await assert.rejects(bench.evaluate(orders, 'open', opening), CANCELLED);
    const again = { ...showing, input: order.showing('request') };
    await assert.rejects(bench.submit(orders, 'show', again), CANCELLED);
    await assert.rejects(revoke(), CANCELLED);
  });

  it('is the requester’s alone: nobody else’s word stops an acceptance', async () => {
    await assert.rejects(revoke(), { code: 'NOT_FOUND' });
    await place();
    await assert.rejects(revoke(stranger), { code: 'NOT_FOUND' });
    await assert.rejects(revoke(caller('HospitalMSP', 'registrar')), { code: 'PERMISSION_DENIED' });
    await cancel({ secret: random(256) }, stranger);
    await accept();
    assert.equal(await status(), 'accepted');
    await assert.rejects(cancel({}, stranger), { details: { reason: 'NOT_THE_PARTNER' } });
    await assert.rejects(cancel({ secret: random(256) }), { code: 'PERMISSION_DENIED' });
  });
});
