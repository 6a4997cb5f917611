import type { Vitaledger, VitaledgerError } from '@vitaledger/client';
import type { DiagnosticReport, ServiceRequest } from 'fhir/r4';
import assert from 'node:assert/strict';
import { all, condition, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const subject = { reference: 'Patient/example' };

const request: ServiceRequest = {
  resourceType: 'ServiceRequest',
  status: 'active',
  intent: 'order',
  subject,
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3', display: 'Potassium' }] },
};

const report: DiagnosticReport = {
  resourceType: 'DiagnosticReport',
  status: 'final',
  subject,
  code: { coding: [{ system: 'http://loinc.org', code: '2823-3' }] },
  conclusion: 'Potassium 6.9 mmol/L',
};

describe('orders', () => {
  let doctor: Vitaledger;
  let laboratory: Vitaledger;
  let pharmacist: Vitaledger;
  let patient: TestPatient;

  before(async () => {
    doctor = await as('clinic', 'service', { actor: { role: 'practitioner', subject: 'c1' } });
    laboratory = await as('hospital', 'service', { actor: { role: 'laboratory', subject: 'l1' } });
    pharmacist = await as('pharmacy', 'service');
  });

  beforeEach(async () => {
    patient = await enrol(['clinic', 'ClinicMSP'], ['hospital', 'HospitalMSP']);
  });

  const registered = async (ledger: Vitaledger, mspId: string, ...resources: object[]): Promise<string[]> => {
    const ids: string[] = [];
    for (const resource of resources) {
      const { records } = await ledger.records.register(patient.at[mspId]!.patient, resource as never);
      ids.push(...records);
    }
    return ids;
  };

  it('go from the doctor to the laboratory and back, and a critical result is listed until the doctor acknowledges it', async () => {
    const [ordered = ''] = await registered(doctor, 'ClinicMSP', request);
    const order = await doctor.orders.place({
      kind: 'laboratory',
      patient: patient.at.ClinicMSP!.patient,
      performer: 'HospitalMSP',
      request: ordered,
    });
    const opened = await laboratory.orders.request(order.ticket);
    assert.deepEqual(await opened.records[0]?.json(), { ...request, id: ordered });
    await laboratory.orders.accept(order.ticket, patient.at.HospitalMSP!.patient);
    assert.deepEqual(await doctor.orders.status(order), { state: 'accepted', critical: false });
    await refused('PRECONDITION_FAILED', doctor.orders.report(order));

    const results = await registered(laboratory, 'HospitalMSP', report, observation(6));
    await laboratory.orders.result(order.order, results, { critical: true });
    const listed = await all(laboratory.orders.unacknowledged({ critical: true, before: new Date() }));
    assert.ok(listed.some((one) => one.order === order.order && one.requester === 'ClinicMSP'));

    // Whoever of the clinic is on duty takes it from where it was placed.
    const colleague = doctor.as({ role: 'practitioner', subject: 'c2' });
    const found = await colleague.orders.placed(order.order);
    const { critical, records } = await colleague.orders.report(found);
    assert.equal(critical, true);
    assert.deepEqual(await records[0]?.json(), { ...report, id: results[0] });
    await colleague.orders.acknowledge(found);
    assert.deepEqual(await doctor.orders.status(order), { state: 'acknowledged', critical: true });
    assert.deepEqual(
      (await all(laboratory.orders.unacknowledged())).filter((one) => one.order === order.order),
      [],
    );

    for (const [mspId, organization] of [
      ['ClinicMSP', 'HospitalMSP'],
      ['HospitalMSP', 'ClinicMSP'],
    ] as const) {
      const log = await all(pharmacist.access.log(patient.at[mspId]!, patient.key));
      assert.deepEqual(
        log.map((entry) => [entry.order, entry.actor.mspId]),
        [[order.order, organization]],
      );
    }
  });

  it('refer a patient with the records that travel along, and open to nobody else', async () => {
    const [ordered = '', history = ''] = await registered(doctor, 'ClinicMSP', request, condition());
    const order = await doctor.orders.place({
      kind: 'referral',
      patient: patient.at.ClinicMSP!.patient,
      performer: 'HospitalMSP',
      request: ordered,
      records: [history],
    });
    const specialist = laboratory.as({ role: 'practitioner', subject: 's1' });
    const { records } = await specialist.orders.request(order.ticket);
    assert.deepEqual(await Promise.all(records.map((record) => record.json())), [
      { ...request, id: ordered },
      { ...condition(), id: history },
    ]);
    const error = await refused('PERMISSION_DENIED', doctor.orders.request(order.ticket));
    assert.equal(error.details.reason, 'NOT_THE_PARTNER');
    const guessed = { ...order.ticket, secret: 'ab'.repeat(32) };
    assert.equal(
      (await refused('PERMISSION_DENIED', specialist.orders.request(guessed))).details.reason,
      'BAD_SECRET',
    );
  });

  it('are called off with a reason; of that and an acceptance at the same moment the cancellation stands', async () => {
    const [ordered = ''] = await registered(doctor, 'ClinicMSP', request);
    const terms = {
      kind: 'laboratory' as const,
      patient: patient.at.ClinicMSP!.patient,
      performer: 'HospitalMSP',
      request: ordered,
    };
    const there = patient.at.HospitalMSP!.patient;
    const reason = { reason: 'The patient moved' };
    const raced = await doctor.orders.place(terms);
    const [acceptance] = await Promise.allSettled([
      laboratory.orders.accept(raced.ticket, there),
      doctor.orders.cancel(raced, reason),
    ]);
    if (acceptance.status === 'rejected') {
      const { code, details } = acceptance.reason as VitaledgerError;
      assert.deepEqual([code, details.reason], ['PRECONDITION_FAILED', 'CANCELLED']);
    }
    assert.equal((await doctor.orders.status(raced)).state, 'cancelled');
    const { state, cancelled } = await laboratory.orders.task(raced.order);
    assert.deepEqual([state, cancelled?.reason], ['cancelled', { text: 'The patient moved' }]);
    await refused('PRECONDITION_FAILED', laboratory.orders.request(raced.ticket));
    await doctor.orders.cancel(raced, reason);

    const late = await doctor.orders.place(terms);
    await laboratory.orders.accept(late.ticket, there);
    await laboratory.orders.result(late.order, await registered(laboratory, 'HospitalMSP', report));
    const error = await refused('PRECONDITION_FAILED', doctor.orders.cancel(late, reason));
    assert.equal(error.details.reason, 'RESULTED');
  });

  it('expire: then nobody opens or accepts them, and they are listed; what was accepted before is performed', async () => {
    const [ordered = ''] = await registered(doctor, 'ClinicMSP', request);
    const there = patient.at.HospitalMSP!.patient;
    const validUntil = new Date(Date.now() + 8000);
    const terms = {
      kind: 'laboratory' as const,
      patient: patient.at.ClinicMSP!.patient,
      performer: 'HospitalMSP',
      request: ordered,
      validUntil,
    };
    const missed = await doctor.orders.place(terms);
    const taken = await doctor.orders.place(terms);
    await laboratory.orders.accept(taken.ticket, there);
    await refused('NOT_FOUND', doctor.orders.status(missed));
    await new Promise((resolve) => setTimeout(resolve, validUntil.getTime() - Date.now() + 5));

    await refused('EXPIRED', laboratory.orders.request(missed.ticket));
    await refused('EXPIRED', laboratory.orders.accept(missed.ticket, there));
    assert.equal((await doctor.orders.status(missed)).state, 'unaccepted');
    const expired = (await all(doctor.orders.expired())).map(({ order }) => order);
    assert.ok(expired.includes(missed.order) && !expired.includes(taken.order));
    await laboratory.orders.result(taken.order, await registered(laboratory, 'HospitalMSP', report));
    assert.equal((await doctor.orders.status(taken)).state, 'resulted');
  });
});
