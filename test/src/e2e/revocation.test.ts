import type { AccessReceipt, Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { all, condition, enrol, grantToClinic, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const custodians = [
  ['hospital', 'HospitalMSP'],
  ['clinic', 'ClinicMSP'],
] as const;

describe('revoking a consent', () => {
  let hospital: Vitaledger;
  let specialist: Vitaledger;
  let patient: TestPatient;
  const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;

  const request = (custodian: string): Promise<AccessReceipt> =>
    specialist.access.request({ ...patient.at[custodian]!, purpose: 'TREAT' });

  const eventuallyDenied = async (receipt: AccessReceipt): Promise<void> => {
    for (let tries = 0; tries < 100; tries++) {
      const opened = await all(specialist.access.open(receipt)).catch((error: unknown) => error);
      if ((opened as { code?: string }).code === 'CONSENT_DENIED') return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await refused('CONSENT_DENIED', all(specialist.access.open(receipt)));
  };

  before(async () => {
    hospital = await as('hospital', 'service', { actor });
    specialist = await as('clinic', 'service', { actor });
  });

  beforeEach(async () => {
    patient = await enrol(...custodians);
    for (const [name, mspId] of custodians) {
      const custodian = name === 'hospital' ? hospital : specialist;
      await custodian.records.register(patient.at[mspId]!.patient, condition());
    }
  });

  it('works with the patient’s key alone, through a gateway of an organization that has nothing to do with them', async () => {
    const consent = await grantToClinic(hospital, patient);
    const receipts = await Promise.all([request('HospitalMSP'), request('ClinicMSP')]);
    for (const receipt of receipts) assert.equal((await all(specialist.access.open(receipt))).length, 1);

    const pharmacy = await as('pharmacy', 'service');
    const secret = await patient.key.revocationSecret(consent);
    await pharmacy.consents.revoke({ consent, secret });

    // The pharmacy's peer has it; the custodians' peers get the block within moments, and then refuse.
    for (const receipt of receipts) await eventuallyDenied(receipt);
  });

  it('takes the consent out of each custodian’s head, so that later requests are decided without it', async () => {
    const consent = await grantToClinic(hospital, patient);
    const secret = await patient.key.revocationSecret(consent);
    const report = await hospital.consents.revoke({ consent, secret, patients: Object.values(patient.at) });
    assert.ok(report.closed.complete, String(report.closed));
    const held = await hospital.consents.list(patient.at.HospitalMSP!, patient.key);
    assert.deepEqual(held.consents, []);
    const outcome = await specialist.access.outcome(await request('HospitalMSP'));
    assert.equal(outcome.decision.outcome, 'deny');
  });

  it('does nothing with a secret that is not the consent’s', async () => {
    const consent = await grantToClinic(hospital, patient);
    await hospital.consents.revoke({ consent, secret: 'ab'.repeat(32) });
    const receipt = await request('HospitalMSP');
    assert.equal((await all(specialist.access.open(receipt))).length, 1);
    await refused('INVALID_ARGUMENT', hospital.consents.revoke({ consent, secret: 'too short' }));
  });

  it('stops every release while a custodian is down, and at that custodian when it is back', async function () {
    this.timeout(180_000);
    const network = await suiteNetwork();
    const consent = await grantToClinic(hospital, patient);
    const receipts = await Promise.all([request('HospitalMSP'), request('ClinicMSP')]);
    await network.stopPeer('hospital');
    try {
      const pharmacy = await as('pharmacy', 'service');
      const secret = await patient.key.revocationSecret(consent);
      const report = await pharmacy.consents.revoke({ consent, secret, patients: Object.values(patient.at) });
      assert.deepEqual([...report.closed.accepted], ['ClinicMSP']);
      assert.deepEqual([...report.closed.missing], ['HospitalMSP']);
      await eventuallyDenied(receipts[1]);
      await refused('UNAVAILABLE', all(specialist.access.open(receipts[0])));
    } finally {
      await network.startPeer('hospital');
    }
    await eventuallyDenied(receipts[0]);
  });

  it('never releases after it has committed at that peer, in 100 races', async function () {
    this.timeout(300_000);
    let released = 0;
    let denied = 0;
    for (let race = 0; race < 100; race++) {
      const consent = await grantToClinic(hospital, patient);
      const receipt = await request('HospitalMSP');
      const secret = await patient.key.revocationSecret(consent);
      let committed = Number.POSITIVE_INFINITY;
      const openOnce = async (): Promise<void> => {
        const asked = performance.now();
        try {
          await all(specialist.access.open(receipt));
          released++;
          assert.ok(asked < committed, `race ${race}: released ${asked - committed} ms after the revocation`);
        } catch (error) {
          if ((error as { code?: string }).code !== 'CONSENT_DENIED') throw error;
          denied++;
        }
      };
      const opening = async (): Promise<void> => {
        do await openOnce();
        while (committed === Number.POSITIVE_INFINITY);
        // Once more, certainly after it.
        await openOnce();
      };
      const openings = [opening(), opening(), opening()];
      // The hospital's own gateway: its commit status tells when its peer has the revocation.
      await hospital.consents.revoke({ consent, secret }).finally(() => {
        committed = performance.now();
      });
      await Promise.all(openings);
      await hospital.consents.revoke({
        consent,
        secret,
        patients: [patient.at.HospitalMSP!, patient.at.ClinicMSP!],
      });
    }
    // Both sides of the race must have been seen, or it was none.
    assert.ok(released > 0, 'no open won');
    assert.ok(denied >= 200, 'no open lost');
  });
});
