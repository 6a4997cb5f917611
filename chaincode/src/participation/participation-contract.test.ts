import assert from 'node:assert/strict';
import { purposeCoding, type ConsentBody } from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { Bench, caller, random } from '../testing/bench.js';
import { TrialParticipant } from '../testing/trial-participant.js';
import { ParticipationContract } from './participation-contract.js';

const contract = new ParticipationContract();
const investigator = caller('HospitalMSP', 'investigator');
const TRIAL = `VL-${'12'.repeat(8)}`;

describe('ParticipationContract', () => {
  let bench: Bench;
  let participant: TrialParticipant;

  beforeEach(async () => {
    bench = await Bench.founded();
    participant = new TrialParticipant(bench, 'HospitalMSP', TRIAL);
  });

  const enrol = (input: object) => bench.submit(contract, 'enrol', { as: investigator, input });
  const evaluate = async (name: string, input: object = { trial: TRIAL }) =>
    JSON.parse(await bench.evaluate(contract, name, { as: investigator, input })) as {
      participants: { participation: string; state: string; instant: string }[];
      emergencies: { participation: string; cause: string }[];
      bookmark: string;
    };
  const states = async () => (await evaluate('list')).participants.map(({ state }) => state);

  it('enrols who has signed a consent to this trial, under a random id', async () => {
    await participant.consent();
    assert.equal(await enrol(participant.enrolment()), '');
    const { participants } = await evaluate('list');
    const { participation } = participant;
    assert.deepEqual(participants, [{ participation, instant: bench.now, state: 'enrolled' }]);
    assert.deepEqual((await evaluate('list', { trial: `VL-${'0'.repeat(16)}` })).participants, []);
    assert.ok(!JSON.stringify(participants).includes(participant.patient.id));
  });

  it('refuses a consent to something else', async () => {
    const permit: ConsentBody['provision'] = { type: 'permit', purpose: [purposeCoding('CLINTRCH')] };
    const others: readonly Partial<ConsentBody>[] = [
      { trial: `VL-${'34'.repeat(8)}` },
      { provision: { ...permit, type: 'deny' } },
      { provision: { ...permit, purpose: [purposeCoding('TREAT')] } },
      { provision: { ...permit, purpose: [purposeCoding('CLINTRCH'), purposeCoding('TREAT')] } },
      { provision: { type: 'permit' } },
    ];
    for (const other of others) {
      const one = new TrialParticipant(bench, 'HospitalMSP', TRIAL);
      await one.consent({ consent: one.consentId || random(), ...other });
      const [consent = ''] = one.patient.secrets.keys();
      await assert.rejects(
        enrol(one.enrolment({ consent })),
        { code: 'PRECONDITION_FAILED', details: { reason: 'NO_TRIAL_CONSENT' } },
        JSON.stringify(other),
      );
    }
  });

  it('refuses without a consent, twice, at another site, and of no patient', async () => {
    await participant.consent();
    const none = participant.enrolment({ consent: random() });
    await assert.rejects(enrol(none), { details: { reason: 'NO_TRIAL_CONSENT' } });
    await enrol(participant.enrolment());
    await assert.rejects(enrol(participant.enrolment()), { code: 'ALREADY_EXISTS' });
    await assert.rejects(enrol(participant.enrolment({ participation: random() })), {
      code: 'ALREADY_EXISTS',
    });
    await assert.rejects(enrol(participant.enrolment({ patient: random() })), { code: 'NOT_FOUND' });
    const elsewhere = { as: caller('ClinicMSP', 'investigator'), at: 'HospitalMSP' };
    await assert.rejects(bench.submit(contract, 'enrol', { ...elsewhere, input: participant.enrolment() }), {
      code: 'PERMISSION_DENIED',
    });
  });

  it('takes a revocation for a withdrawal, before the site does anything', async () => {
    await participant.consent();
    await enrol(participant.enrolment());
    await participant.revoke();
    assert.deepEqual(await states(), ['withdrawn']);
    assert.deepEqual(await evaluate('counts'), { enrolled: 1, withdrawn: 1, emergencies: 0 });
    const secret = participant.patient.secrets.get(participant.consentId);
    const input = { patient: participant.patient.id, consent: participant.consentId, secret, salt: random() };
    await bench.submit(new ConsentContract(), 'close', { as: investigator, input });
    assert.deepEqual(await states(), ['withdrawn'], 'closed at the site too');
  });

  it('tells the end of a consent’s period from a withdrawal', async () => {
    await participant.consent();
    await enrol(participant.enrolment());
    bench.skip(400 * 86_400_000);
    assert.deepEqual(await states(), ['ended']);
  });

  it('logs emergencies of participants, privately, and counts each participant once', async () => {
    await participant.consent();
    const emergency = () =>
      bench.submit(contract, 'emergency', { as: investigator, input: participant.emergency() });
    await assert.rejects(emergency(), { code: 'NOT_FOUND' });
    await enrol(participant.enrolment());
    await emergency();
    await emergency();
    const { emergencies } = await evaluate('emergencies');
    assert.deepEqual(
      emergencies.map(({ participation, cause }) => [participation, cause]),
      [participant.participation, participant.participation].map((id) => [id, 'adverse-event']),
    );
    assert.deepEqual(await evaluate('counts'), { enrolled: 1, withdrawn: 0, emergencies: 1 });
    assert.deepEqual(
      bench.channel.keys('public').filter((key) => key.includes(TRIAL)),
      [],
    );
  });

  it('lists page by page', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const one = new TrialParticipant(bench, 'HospitalMSP', TRIAL);
      await one.consent();
      await enrol(one.enrolment());
      ids.push(one.participation);
    }
    const first = await evaluate('list', { trial: TRIAL, pageSize: 2 });
    const second = await evaluate('list', { trial: TRIAL, pageSize: 2, bookmark: first.bookmark });
    assert.equal(second.bookmark, '');
    assert.deepEqual(
      [...first.participants, ...second.participants].map(({ participation }) => participation),
      ids.sort(),
    );
  });
});
