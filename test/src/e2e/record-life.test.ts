import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { all, condition, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('the life of a record', function () {
  this.timeout(120_000);
  let hospital: Vitaledger;
  let registrar: Vitaledger;
  let auditor: Vitaledger;
  let patient: TestPatient;
  let id: string;
  const office = (role: 'registrar' | 'auditor') => ({ role, subject: `${role}-of-the-hospital` }) as const;

  before(async () => {
    hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: 'c4d1a7a0b6f94d0e9a1b2c3d4e5f6071' },
    });
    registrar = hospital.as(office('registrar'));
    auditor = hospital.as(office('auditor'));
  });

  beforeEach(async () => {
    patient = await enrol(['hospital', 'HospitalMSP']);
    id = patient.at.HospitalMSP!.patient;
  });

  describe('being listed', () => {
    it('is by class, code and date, and stands in the log that the patient reads', async () => {
      await hospital.records.register(id, condition());
      const { records } = await hospital.records.register(id, observation());
      const filter = {
        classes: ['Observation'],
        codes: [{ system: 'http://loinc.org', code: '8480-6' }],
        from: '2024-03',
      };
      const listed = await all(registrar.records.list(id, { filter }));
      assert.deepEqual(
        listed.map((record) => record.id),
        records,
      );
      assert.deepEqual(await all(registrar.records.list(id, { filter: { to: '1999' } })), []);
      const log = await all(hospital.access.log(patient.at.HospitalMSP!, patient.key));
      assert.deepEqual(
        log.map((entry) => [entry.actor.role, entry.purpose, entry.inspection, entry.scope]),
        [
          ['registrar', 'HOPERAT', true, 'metadata'],
          ['registrar', 'HOPERAT', true, 'metadata'],
        ],
      );
      assert.deepEqual(log[0]?.filter, filter);
    });

    it('is for registrars and auditors of the custodian, and contents for auditors', async () => {
      await hospital.records.register(id, condition());
      await refused('PERMISSION_DENIED', all(hospital.records.list(id)));
      await refused('PERMISSION_DENIED', all(registrar.records.audit(id)));
      const [audited] = await all(auditor.records.audit(id));
      assert.equal((await audited!.json()).resourceType, 'Condition');
    });
  });
});
