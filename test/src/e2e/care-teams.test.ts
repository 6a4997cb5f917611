import { fhirCareTeam, permission, type PatientToken, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { all, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('care teams', function () {
  this.timeout(120_000);

  const [nurse, colleague] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
  const person = (subject: string) => ({ mspId: 'ClinicMSP', subject, role: 'practitioner' as const });
  const [reason, left] = [{ reason: 'Admission' }, { reason: 'Shift ended' }];

  let registrar: Vitaledger;
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  let colleagues: Vitaledger;
  let patient: TestPatient;
  let token: PatientToken;

  before(async () => {
    registrar = await as('hospital', 'registrar');
    hospital = await as('hospital', 'practitioner');
    clinic = await as('clinic', 'service', { actor: { role: 'practitioner', subject: nurse } });
    colleagues = clinic.as({ role: 'practitioner', subject: colleague });
  });
  beforeEach(async () => {
    patient = await enrol(['hospital', 'HospitalMSP']);
    token = patient.at.HospitalMSP!;
    await hospital.records.register(token.patient, observation());
  });

  const declare = () => {
    const organizations = ['HospitalMSP', 'ClinicMSP'];
    const declaring = { patient: token.patient, name: 'Diabetes team', organizations };
    return registrar.careTeams.declare({ ...declaring, participants: [person(nurse)] }, reason);
  };
  const grant = async (careTeam: string) => {
    const consent = await patient.key.consent({
      patients: [token],
      provision: permission({ to: [{ careTeam }], purposes: ['TREAT'] }),
      text: { content: 'My diabetes team may read my records to treat me.', language: 'en' },
    });
    return clinic.consents.grant({ consent, patients: [token], key: patient.key });
  };
  const read = (reader: Vitaledger) => all(reader.access.read({ ...token, purpose: 'TREAT' }));

  it('are named by one consent while persons come and go; receipts say by which version', async () => {
    const team = await declare();
    assert.ok((await grant(team.reference)).complete);
    assert.equal((await read(clinic)).length, 1);
    await refused('CONSENT_DENIED', read(colleagues));

    const second = await registrar.careTeams.change(
      token.patient,
      team,
      { join: [person(colleague)] },
      reason,
    );
    const receipt = await colleagues.access.request({ ...token, purpose: 'TREAT' });
    const { decision } = await colleagues.access.outcome(receipt);
    assert.deepEqual(decision.careTeams, [{ team: team.reference, version: 2, membership: 'member' }]);
    const third = await registrar.careTeams.change(
      token.patient,
      second,
      { leave: [person(colleague)] },
      left,
    );
    await refused('CONSENT_DENIED', all(colleagues.access.open(receipt)));
    await refused('CONFLICT', registrar.careTeams.change(token.patient, team, { join: [] }, reason));

    await registrar.careTeams.end(token.patient, third, { reason: 'Discharge' });
    await refused('CONSENT_DENIED', read(clinic));
    const history = await all(clinic.careTeams.history(token, patient.key));
    assert.deepEqual(
      history.map(({ version, changed }) => [version, changed.reason.text, changed.by.role]),
      [
        [1, 'Admission', 'registrar'],
        [2, 'Admission', 'registrar'],
        [3, 'Shift ended', 'registrar'],
        [4, 'Discharge', 'registrar'],
      ],
    );
    const [kept] = await hospital.careTeams.list(token.patient);
    assert.ok(kept);
    const subject = { identifier: { system: 'urn:vitaledger:patient', value: token.patient } };
    const resource = fhirCareTeam(kept, { subject, instant: new Date().toISOString() });
    assert.deepEqual([resource.status, resource.participant?.length], ['inactive', 2]);
  });

  it('cannot be filled by their own members, nor be named where they are not kept', async () => {
    const team = await declare();
    await refused('NOT_FOUND', clinic.careTeams.end(token.patient, team, reason)); // another custodian's patient
    const doctor = await as('hospital', 'service', { actor: { role: 'practitioner', subject: nurse } });
    const self = { mspId: 'HospitalMSP', subject: nurse, role: 'practitioner' as const };
    const error = await refused(
      'PERMISSION_DENIED',
      doctor.careTeams.change(token.patient, team, { join: [self] }, reason),
    );
    assert.equal(error.details.reason, 'OWN_MEMBERSHIP');
    const { complete, deliveries } = await grant(`HospitalMSP/${'0'.repeat(32)}`);
    assert.equal(complete, false);
    await refused('INVALID_ARGUMENT', Promise.reject(deliveries[0]!.error!));
  });
});
