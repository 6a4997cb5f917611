import { FIRST_SENSITIVITY_MAP } from '@vitaledger/domain';
import assert from 'node:assert/strict';
import { all, enrol, grantToClinic, observation } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('sensitivity maps', () => {
  it('are on both channels from the founding: the first map is adopted, and readable by every member', async () => {
    const clinic = await as('clinic', 'service');
    const { maps = [] } = await clinic.consortium.document('care');
    const [{ id, version, digest } = { id: '', version: 0, digest: '' }] = maps;
    assert.deepEqual([id, version], [FIRST_SENSITIVITY_MAP.id, FIRST_SENSITIVITY_MAP.version]);
    assert.deepEqual(
      await clinic.consortium.map('care', digest),
      JSON.parse(JSON.stringify(FIRST_SENSITIVITY_MAP)),
    );
  });

  it('label what their author called normal: a consent that withholds HIV withholds the test', async () => {
    const hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: 'c4d1a7a0b6f94d0e9a1b2c3d4e5f6071' },
    });
    const specialist = await as('clinic', 'service', {
      actor: { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' },
    });
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const at = patient.at.HospitalMSP!;
    const viralLoad = {
      ...observation(48),
      code: { coding: [{ system: 'http://loinc.org', code: '20447-9' }] },
      meta: {
        security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
      },
    };
    await hospital.records.register(at.patient, viralLoad);
    await hospital.records.register(at.patient, observation());
    await grantToClinic(hospital, patient, { withhold: ['HIV'] });
    const released = await all(specialist.access.read({ ...at, purpose: 'TREAT' }));
    assert.deepEqual(
      released.map(({ metadata }) => metadata.codes[0]?.code),
      ['8480-6'],
    );
    const registrar = await as('hospital', 'registrar');
    const listed = await all(registrar.records.list(at.patient));
    const labels = listed.map(({ labels: own }) => own.map(({ code }) => code).join(' '));
    assert.deepEqual(labels.sort(), ['', 'N HIV R']);
  });

  it('come from administrators only, and a document names none that the ledger does not hold', async () => {
    const admin = await as('hospital', 'Admin');
    const service = await as('hospital', 'service');
    const map = { ...FIRST_SENSITIVITY_MAP, version: 2 };
    await refused('PERMISSION_DENIED', service.consortium.publishMap('registry', map));
    const document = await admin.consortium.document('registry');
    const maps = [{ id: map.id, version: 2, digest: 'ab'.repeat(32) }];
    const next = { ...document, version: document.version + 1, maps };
    const error = await refused('NOT_FOUND', admin.consortium.propose('registry', next));
    assert.equal(error.details.reason, 'MAP_NOT_PUBLISHED');
    await admin.consortium.publishMap('registry', map);
    await refused('ALREADY_EXISTS', admin.consortium.publishMap('registry', map));
  });
});
