import { startNetwork, topologies } from '@vitaledger/network';
import assert from 'node:assert/strict';
import { all, condition, enrol, grantToClinic } from '../harness/patient.js';
import { as, engine, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('a network that was stopped and started', () => {
  it('has everything that was acknowledged', async function () {
    this.timeout(240_000);
    const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
    const [hospital, clinic] = [
      await as('hospital', 'service', { actor }),
      await as('clinic', 'service', { actor }),
    ];
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const token = patient.at.HospitalMSP!;
    await hospital.records.register(token.patient, condition());
    const consent = await grantToClinic(hospital, patient);
    const { trial } = await (await as('research', 'sponsor')).trials.register(newTrial().registered);

    const network = await suiteNetwork();
    await network.stop();
    assert.equal((await network.status()).running, false);
    await startNetwork({ topology: topologies.default, engine, directory: network.directory.root });

    const [record] = await all(clinic.access.read({ ...token, purpose: 'TREAT' }));
    assert.deepEqual(((await record!.json()) as { code: unknown }).code, condition().code);
    assert.equal((await all(clinic.access.log(token, patient.key))).length, 1);
    assert.deepEqual(
      (await hospital.consents.list(token, patient.key)).consents.map((held) => held.consent),
      [consent],
    );
    assert.equal((await hospital.trials.get(trial)).version, 1);
    await hospital.records.register(token.patient, condition('one more'));
  });
});
