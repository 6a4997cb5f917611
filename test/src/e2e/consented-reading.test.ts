import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import {
  all,
  condition,
  enrol,
  grantToClinic,
  medication,
  observation,
  type TestPatient,
} from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('reading with a patient’s consent', () => {
  let hospital: Vitaledger;
  let specialist: Vitaledger;
  let patient: TestPatient;
  const doctor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;

  const ask = (more = {}) => ({ ...patient.at.HospitalMSP!, purpose: 'TREAT', ...more });

  beforeEach(async () => {
    hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: 'c4d1a7a0b6f94d0e9a1b2c3d4e5f6071' },
    });
    specialist = await as('clinic', 'service', { actor: doctor });
    patient = await enrol(['hospital', 'HospitalMSP']);
  });

  it('releases the classes that the patient granted, decrypted, and nothing else', async () => {
    const at = patient.at.HospitalMSP!;
    await hospital.records.register(at.patient, condition());
    await hospital.records.register(at.patient, observation());
    await hospital.records.register(at.patient, medication());
    await grantToClinic(hospital, patient, { classes: ['Condition', 'Observation'] });

    const records = await all(specialist.access.read(ask()));
    assert.deepEqual(records.map(({ metadata }) => metadata.class).sort(), ['Condition', 'Observation']);
    const read = await records.find(({ metadata }) => metadata.class === 'Condition')!.json();
    assert.deepEqual((read as { code: unknown }).code, condition().code);
  });

  it('denies where nothing is granted, with a receipt that explains, and logs it for the patient', async () => {
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
    const receipt = await specialist.access.request(ask());
    const outcome = await specialist.access.outcome(receipt);
    assert.equal(outcome.decision.outcome, 'deny');
    const error = await refused('CONSENT_DENIED', all(specialist.access.open(receipt)));
    assert.equal(error.details.receipt, receipt.receipt);

    const log = await all(specialist.access.log(patient.at.HospitalMSP!, patient.key));
    assert.equal(log.length, 1);
    const entry = JSON.stringify(log[0]);
    for (const expected of ['ClinicMSP', doctor.subject, 'practitioner', 'TREAT', 'deny', receipt.receipt]) {
      assert.ok(entry.includes(expected), `${expected} is not in the log entry ${entry}`);
    }
  });

  it('shows metadata without keys when only that was asked for', async () => {
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
    await grantToClinic(hospital, patient);
    const [record] = await all(specialist.access.read(ask({ scope: 'metadata' })));
    assert.equal(record?.metadata.class, 'Condition');
    assert.equal(record.metadata.keyShare, undefined);
    assert.equal(record.metadata.manifest, undefined);
    await refused('PRECONDITION_FAILED', record.bytes());
  });

  it('keeps a receipt for the one who asked', async () => {
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
    await grantToClinic(hospital, patient);
    const receipt = await specialist.access.request(ask());
    const pharmacist = await as('pharmacy', 'service', {
      actor: { role: 'pharmacist', subject: doctor.subject },
    });
    await refused('PERMISSION_DENIED', all(pharmacist.access.open(receipt)));
    const colleague = await as('clinic', 'service', {
      actor: { role: 'practitioner', subject: '00000000000000000000000000000001' },
    });
    await refused('PERMISSION_DENIED', all(colleague.access.open(receipt)));
    assert.equal((await all(specialist.access.open(receipt))).length, 1);
  });

  it('does not release what was registered after the request', async () => {
    const { patient: id } = patient.at.HospitalMSP!;
    await hospital.records.register(id, condition());
    await grantToClinic(hospital, patient);
    const receipt = await specialist.access.request(ask());
    await hospital.records.register(id, observation());
    assert.deepEqual(
      (await all(specialist.access.open(receipt))).map(({ metadata }) => metadata.class),
      ['Condition'],
    );
  });

  it('pages through many records', async () => {
    const { patient: id } = patient.at.HospitalMSP!;
    const entry = Array.from({ length: 25 }, (_, n) => ({
      fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      resource: observation(100 + n),
      request: { method: 'POST' as const, url: 'Observation' },
    }));
    const { records } = await hospital.records.registerBundle(id, {
      resourceType: 'Bundle',
      type: 'transaction',
      entry,
    });
    assert.equal(new Set(records).size, 25);
    await grantToClinic(hospital, patient);
    const receipt = await specialist.access.request(ask());
    const released = await all(specialist.access.open(receipt, { pageSize: 10 }));
    assert.deepEqual(released.map(({ metadata }) => metadata.id).sort(), [...records].sort());
    const registrar = await as('hospital', 'registrar');
    assert.equal((await all(registrar.records.list(id, { pageSize: 7 }))).length, 25);
  });

  it('erases a record: it can no longer be read, listed or released', async () => {
    const { patient: id } = patient.at.HospitalMSP!;
    const { records } = await hospital.records.register(id, condition());
    await grantToClinic(hospital, patient);
    const receipt = await specialist.access.request(ask());
    const [released] = await all(specialist.access.open(receipt));
    const registrar = await as('hospital', 'registrar');
    const erasure = await registrar.records.erase(id, records[0]!, 'entered for the wrong person', {
      ground: 'wrong-person',
    });
    assert.ok(erasure.transactionId);
    assert.ok(erasure.remains.length > 0, 'an honest receipt says what is left');
    await refused('NOT_FOUND', released!.bytes());
    assert.deepEqual(await all(registrar.records.list(id)), []);
    assert.deepEqual(await all(specialist.access.open(receipt)), []);
    await refused('NOT_FOUND', registrar.records.erase(id, 'ab'.repeat(16), 'no such record'));
  });

  it('lets the researcher, a member without a peer, ask through a custodian’s gateway', async () => {
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
    const researcher = await as('research', 'service', {
      actor: { role: 'researcher', subject: '9a8b7c6d5e4f30211203f4e5d6c7b8a9' },
    });
    await refused('CONSENT_DENIED', all(researcher.access.read(ask({ purpose: 'HRESCH' }))));
    await refused('PERMISSION_DENIED', researcher.access.request(ask({ purpose: 'TREAT' })));
  });
});
