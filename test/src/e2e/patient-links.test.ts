import { fhirPatientLinks, type PatientToken, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, grantToClinic, observation } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('entries of one person', function () {
  this.timeout(120_000);

  let hospital: Vitaledger;
  let registrar: Vitaledger;
  let clinic: Vitaledger;

  before(async () => {
    hospital = await as('hospital', 'practitioner');
    registrar = await as('hospital', 'registrar');
    clinic = await as('clinic', 'service', {
      actor: { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' },
    });
  });

  it('are linked across custodians by each for itself, followed under consent, and parted again', async () => {
    const patient = await enrol(['hospital', 'HospitalMSP'], ['clinic', 'ClinicMSP']);
    const { HospitalMSP: here, ClinicMSP: there } = patient.at as Record<string, PatientToken>;
    await registrar.patientLinks.link(here!.patient, there!, { reason: 'Passport shown at both' });
    const links = await hospital.patientLinks.list(here!.patient);
    assert.deepEqual(fhirPatientLinks(links), [
      {
        other: {
          type: 'Patient',
          identifier: { system: 'urn:vitaledger:patient', value: `ClinicMSP/${there!.patient}` },
        },
        type: 'seealso',
      },
    ]);
    assert.deepEqual(await clinic.patientLinks.list(there!.patient), []);
    await refused('CONSENT_DENIED', all(hospital.access.read({ ...there!, purpose: 'TREAT' })));
    await registrar.patientLinks.unlink(here!.patient, there!, { reason: 'A namesake' });
    assert.deepEqual(await hospital.patientLinks.list(here!.patient), []);
    const [known] = await clinic.patientLinks.history(here!, patient.key);
    assert.equal(known?.unlinked?.reason?.text, 'A namesake');
  });

  it('are linked by the patient’s signature, told to each custodian, and taken back in the same way', async () => {
    const { key, at } = await enrol(['hospital', 'HospitalMSP'], ['clinic', 'ClinicMSP']);
    const [here, there] = [at.HospitalMSP!, at.ClinicMSP!];
    for (const told of [
      { at: here, other: there, key },
      { at: there, other: here, key },
    ]) {
      const { delivered } = await clinic.patientLinks.declare(told);
      assert.ok(delivered.complete, String(delivered));
    }
    const [link] = await hospital.patientLinks.list(here.patient);
    assert.deepEqual([link?.custodian, link?.patient, link?.type], ['ClinicMSP', there.patient, 'seealso']);
    const [last] = (await all(clinic.consents.history(here, key))).slice(-1);
    assert.equal(last?.digest, link?.linked.statement);
    assert.equal((await clinic.patientLinks.list(there.patient))[0]?.patient, here.patient);
    await refused('CONSENT_DENIED', all(clinic.access.read({ ...here, purpose: 'TREAT' })));
    const { delivered } = await hospital.patientLinks.withdraw({ at: here, other: there, key });
    assert.ok(delivered.complete, String(delivered));
    assert.deepEqual(await hospital.patientLinks.list(here.patient), []);
    await registrar.patientLinks.link(here.patient, there, { reason: 'Passport shown at both' });
    const refusal = await hospital.patientLinks.withdraw({ at: here, other: there, key });
    assert.equal(refusal.delivered.deliveries[0]?.error?.details.reason, 'LINKED_BY_REGISTRAR');
  });

  it('are merged at one custodian: found together, each opened by its own consent, closed by either’s denial', async () => {
    const [patient, duplicate] = await Promise.all([
      enrol(['hospital', 'HospitalMSP']),
      enrol(['hospital', 'HospitalMSP']),
    ]);
    const [surviving, replaced] = [patient, duplicate].map(({ at }) => at.HospitalMSP!) as [
      PatientToken,
      PatientToken,
    ];
    const [first] = (await hospital.records.register(surviving.patient, observation())).records;
    const [second] = (await hospital.records.register(replaced.patient, condition())).records;
    await grantToClinic(hospital, patient);
    const found = async (token: PatientToken) =>
      (await all(clinic.access.read({ ...token, purpose: 'TREAT' }, { pageSize: 1 }))).map(
        ({ metadata }) => metadata.id,
      );
    assert.deepEqual(await found(surviving), [first]);

    const reason = { reason: 'The same passport was shown' };
    await registrar.patientLinks.merge(surviving.patient, replaced.patient, reason);
    assert.deepEqual(await found(surviving), [first], 'its consent says nothing about the other entry');
    await grantToClinic(hospital, duplicate);
    for (const token of [surviving, replaced]) {
      assert.deepEqual(new Set(await found(token)), new Set([first, second]));
    }
    await refused('PRECONDITION_FAILED', hospital.records.register(replaced.patient, observation()));
    const terms = { patients: [replaced], key: duplicate.key, provision: { type: 'deny' } } as const;
    const { delivered } = await hospital.prohibitions.restrict(terms);
    assert.ok(delivered.complete);
    await refused('CONSENT_DENIED', found(surviving));
    await refused('CONSENT_DENIED', found(replaced));

    await registrar.patientLinks.unmerge(surviving.patient, replaced.patient, { reason: 'Two persons' });
    assert.deepEqual(await found(surviving), [first]);
    await refused('CONSENT_DENIED', found(replaced));
    const log = await eventually(
      () => all(hospital.access.log(replaced, duplicate.key)),
      (entries) => entries.length > 0,
    );
    assert.ok(log.some(({ outcome }) => outcome === 'permit'));
    const [told] = await hospital.patientLinks.history(replaced, duplicate.key);
    assert.deepEqual([told?.type, told?.linked.reason?.text], ['replaced-by', reason.reason]);
  });
});
