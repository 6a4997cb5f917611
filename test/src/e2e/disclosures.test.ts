import { auditEventBundle, disclosureCsv } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { all, enrol, grantToClinic, observation } from '../harness/patient.js';
import { as } from '../harness/suite-network.js';

describe('accounts of disclosures', () => {
  it('tell the patient under each law who was given their data, as FHIR AuditEvents and CSV', async () => {
    const hospital = await as('hospital', 'service', { actor: { role: 'practitioner', subject: 'd1' } });
    const doctor = await as('clinic', 'service', { actor: { role: 'practitioner', subject: 'c1' } });
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const at = patient.at.HospitalMSP!;
    await hospital.records.register(at.patient, observation());
    await doctor.access.request({ ...at, purpose: 'TREAT' });
    const consent = await grantToClinic(hospital, patient);
    const receipt = await doctor.access.request({ ...at, purpose: 'TREAT' });
    assert.equal((await all(doctor.access.open(receipt))).length, 1);

    const relay = await as('pharmacy', 'service');
    const european = await relay.disclosures.report(at, patient.key, 'eu-2025-327-art9');
    assert.deepEqual(
      european.disclosures.map((entry) => entry.receipt),
      [receipt.receipt],
    );
    assert.deepEqual(
      european.excluded.map(({ reason }) => reason),
      ['NOTHING_DISCLOSED'],
    );
    const [event] = auditEventBundle(european).entry ?? [];
    assert.equal(event?.resource?.agent[1]?.who?.identifier?.value, 'ClinicMSP');
    assert.match(disclosureCsv(european), new RegExp(`ClinicMSP,c1,practitioner,.*consent ${consent}`));

    const american = await relay.disclosures.report(at, patient.key, 'us-45cfr164.528');
    assert.deepEqual(
      american.excluded.map(({ reason }) => reason),
      ['NOTHING_DISCLOSED', 'TREATMENT_PAYMENT_OPERATIONS'],
    );
    assert.deepEqual(american.disclosures, []);
  });
});
