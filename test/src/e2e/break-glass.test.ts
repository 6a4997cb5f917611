import assert from 'node:assert/strict';
import { permission } from '@vitaledger/client';
import { all, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const reason = 'Found unconscious, no relative can be asked';

/** Denies the hospital's emergency staff to treat with the records. */
async function denyEmergencies(relay: Awaited<ReturnType<typeof as>>, patient: TestPatient): Promise<void> {
  const patients = Object.values(patient.at);
  const limits = permission({ to: [{ role: 'emergency' }], purposes: ['TREAT'] });
  const text = { content: 'No emergency staff may read my records.', language: 'en' };
  const consent = await patient.key.consent({ patients, provision: { ...limits, type: 'deny' }, text });
  const report = await relay.consents.grant({ consent, patients, key: patient.key });
  assert.ok(report.complete, String(report));
}

async function patientWithRecords() {
  const hospital = await as('hospital', 'service', {
    actor: { role: 'practitioner', subject: '6f1e0d9c8b7a4f5e9d8c7b6a5f4e3d2c' },
  });
  const patient = await enrol(['hospital', 'HospitalMSP']);
  const at = patient.at.HospitalMSP!;
  const origin = { classes: ['psychotherapy-notes' as const] };
  const [record = ''] = (await hospital.records.register(at.patient, observation())).records;
  await hospital.records.register(at.patient, observation(99), { origin });
  await denyEmergencies(hospital, patient);
  return { hospital, patient, at, record };
}

describe('breaking the glass', () => {
  it('opens what the patient denied, save psychotherapy notes, for five minutes, and stands in the log', async () => {
    const { hospital, patient, at, record } = await patientWithRecords();
    const emergency = await as('hospital', 'emergency');
    await refused('CONSENT_DENIED', all(emergency.access.read({ ...at, purpose: 'ETREAT' })));
    const receipt = await emergency.access.request({ ...at, purpose: 'BTG', emergency: { reason } });
    const { instant, expires, decision } = await emergency.access.outcome(receipt);
    assert.equal(Date.parse(expires) - Date.parse(instant), 5 * 60 * 1000);
    assert.ok(decision.policy?.rules.some(({ rule, effect }) => rule === 'emergency' && effect === 'duty'));
    const released = await all(emergency.access.open(receipt));
    assert.deepEqual(
      released.map(({ metadata }) => metadata.id),
      [record],
    );

    const log = await all(hospital.access.log(at, patient.key));
    const entry = log.find(({ receipt: own }) => own === receipt.receipt);
    assert.deepEqual([entry?.evidence, entry?.emergency], ['emergency', { reason }]);
  });

  it('is reviewed by a second person, who takes it up and closes it', async () => {
    const { at } = await patientWithRecords();
    const emergency = await as('hospital', 'emergency');
    const { receipt } = await emergency.access.request({ ...at, purpose: 'BTG', emergency: { reason } });
    const auditor = await as('hospital', 'auditor');
    const queue = await all(auditor.access.reviews.list());
    const review = queue.find(({ receipt: own }) => own === receipt)!;
    assert.deepEqual(
      [review.reason, review.outcome, review.purpose, review.patient],
      [reason, 'permit', 'BTG', at.patient],
    );
    const closing = { conclusion: 'justified' as const, note: 'Admitted after an accident.' };
    const early = await refused('PRECONDITION_FAILED', auditor.access.reviews.close(receipt, closing));
    assert.equal(early.details.reason, 'REVIEW_NOT_OPENED');
    await auditor.access.reviews.open(receipt);
    await refused('ALREADY_EXISTS', auditor.access.reviews.open(receipt));
    await auditor.access.reviews.close(receipt, closing);
    const open = await all(auditor.access.reviews.list());
    assert.equal(
      open.some(({ receipt: own }) => own === receipt),
      false,
    );
    const closed = await all(auditor.access.reviews.list({ state: 'closed', pageSize: 1 }));
    const found = closed.find(({ receipt: own }) => own === receipt)!;
    assert.deepEqual([found.closed?.conclusion, found.closed?.note], ['justified', closing.note]);
    const late = await refused('PRECONDITION_FAILED', auditor.access.reviews.close(receipt, closing));
    assert.equal(late.details.reason, 'REVIEW_CLOSED');
  });

  it('is refused to every other role, for other purposes, and without a reason', async () => {
    const { at } = await patientWithRecords();
    const practitioner = await as('hospital', 'practitioner');
    const role = await refused(
      'PERMISSION_DENIED',
      practitioner.access.request({ ...at, purpose: 'ETREAT', emergency: { reason } }),
    );
    assert.equal(role.details.reason, 'EMERGENCY_ROLE');
    const emergency = await as('hospital', 'emergency');
    const ask = (question: object) => emergency.access.request({ ...at, purpose: 'BTG', ...question });
    const silent = await refused('INVALID_ARGUMENT', ask({}));
    assert.equal(silent.details.path, 'input.emergency');
    await refused('INVALID_ARGUMENT', ask({ emergency: { reason: '' } }));
    await refused('INVALID_ARGUMENT', ask({ purpose: 'TREAT', emergency: { reason } }));
  });

  it('cannot be reviewed by who broke it, in whatever role, nor by another organization', async () => {
    const subject = '9a8b7c6d5e4f4a3b8c2d1e0f9a8b7c6d';
    const { at } = await patientWithRecords();
    const breaking = await as('hospital', 'service', { actor: { role: 'emergency', subject } });
    const { receipt } = await breaking.access.request({ ...at, purpose: 'BTG', emergency: { reason } });
    const judging = await as('hospital', 'service', { actor: { role: 'auditor', subject } });
    const error = await refused('PERMISSION_DENIED', judging.access.reviews.open(receipt));
    assert.equal(error.details.reason, 'OWN_EMERGENCY');
    const elsewhere = await as('clinic', 'registrar');
    await refused('NOT_FOUND', elsewhere.access.reviews.open(receipt));
    await refused('PERMISSION_DENIED', all((await as('hospital', 'practitioner')).access.reviews.list()));
  });
});
