import { PatientKey, permission, type PatientToken, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { all, condition } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const doctor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;

describe('one key for several patients', () => {
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  let key: PatientKey;
  let [first, second]: PatientToken[] = [];

  before(async () => {
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
    const registrar = await as('hospital', 'registrar');
    key = await PatientKey.generate();
    [first, second] = [
      await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'DE' }),
      await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'DE' }),
    ];
    for (const { patient } of [first, second]) await hospital.records.register(patient, condition());
  });

  it('cannot be turned by a relay from the one to the other, and keeps a chain for each', async () => {
    const terms = {
      provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] }),
      text: { content: 'The clinic may read the records of my child.', language: 'en' },
    };
    const consent = await key.consent({ ...terms, patients: [first!] });
    const misled = await clinic.consents.grant({ consent, patients: [second!] });
    assert.equal(misled.deliveries[0]?.error?.details.reason, 'OTHER_PATIENT');
    assert.ok((await clinic.consents.grant({ consent, patients: [first!], key })).complete);
    assert.equal((await all(clinic.access.read({ ...first!, purpose: 'TREAT' }))).length, 1);
    await refused('CONSENT_DENIED', all(clinic.access.read({ ...second!, purpose: 'TREAT' })));
    const other = await key.consent({ ...terms, patients: [second!] });
    assert.ok((await clinic.consents.grant({ consent: other, patients: [second!], key })).complete);
    assert.deepEqual(
      [
        (await clinic.consents.list(first!, key)).sequence,
        (await clinic.consents.list(second!, key)).sequence,
      ],
      [1, 1],
    );
  });
});
