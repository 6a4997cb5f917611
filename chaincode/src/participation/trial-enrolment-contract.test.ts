import assert from 'node:assert/strict';
import { Bench, caller } from '../testing/bench.js';
import { recruitingTrial, trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { TrialEnrolmentContract } from './trial-enrolment-contract.js';

const registry = new TrialRegistryContract();
const enrolment = new TrialEnrolmentContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const hospital = caller('HospitalMSP', 'service');

describe('TrialEnrolmentContract', () => {
  let bench: Bench;
  let trial: string;

  beforeEach(async () => {
    bench = await Bench.founded();
    trial = await recruitingTrial(bench, 'ResearchMSP');
  });

  const report = (enrolled: number, withdrawn = 0, emergencies = 0, as = hospital) =>
    bench.submit(enrolment, 'report', {
      as,
      args: [trial, JSON.stringify({ enrolled, withdrawn, emergencies })],
    });
  const get = async () =>
    JSON.parse(
      await bench.evaluate(enrolment, 'get', {
        as: caller('EthicsMSP', undefined, undefined),
        args: [trial],
      }),
    ) as { enrolled: number; sites: Record<string, { enrolled: number }[]> };

  it('adds up what the sites report, and keeps every report', async () => {
    await report(7);
    await report(12, 5);
    await report(6, 0, 0, caller('ClinicMSP', 'investigator'));
    const { enrolled, sites } = await get();
    assert.equal(enrolled, 18);
    assert.deepEqual(
      sites.HospitalMSP?.map((one) => one.enrolled),
      [7, 12],
    );
  });

  it('takes steps of at least five while the trial recruits, of each total', async () => {
    for (const [enrolled, withdrawn, emergencies] of [
      [1, 0, 0],
      [4, 0, 0],
      [10, 1, 0],
      [10, 0, 4],
    ] as const)
      await assert.rejects(report(enrolled, withdrawn, emergencies), {
        code: 'INVALID_ARGUMENT',
        message: /grow by at least 5/,
      });
    await report(5);
    await assert.rejects(report(9), { code: 'INVALID_ARGUMENT' });
    await report(10, 5);
  });

  it('takes the rest once the trial no longer recruits', async () => {
    await report(5);
    const args = [trial, 'close-recruitment', 'Enough'];
    await bench.submit(registry, 'advance', { as: sponsor, args });
    await report(6, 1);
    assert.equal((await get()).enrolled, 6);
  });

  it('takes no totals that fall, say nothing new, or are more than were enrolled', async () => {
    await report(10, 5);
    await assert.rejects(report(5, 5), { code: 'INVALID_ARGUMENT', details: { path: 'counts.enrolled' } });
    await assert.rejects(report(10, 5), { code: 'PRECONDITION_FAILED', details: { reason: 'NOTHING_NEW' } });
    await assert.rejects(report(10, 11), { code: 'INVALID_ARGUMENT', details: { path: 'counts.withdrawn' } });
    await assert.rejects(report(15.5), { code: 'INVALID_ARGUMENT' });
  });

  it('takes none of a trial that has not recruited, nor from who vouches for no investigator', async () => {
    const record = JSON.stringify(trialRecord({ number: 'VITA-2' }));
    const submitted = await bench.submit(registry, 'register', { as: sponsor, args: [record] });
    const counts = JSON.stringify({ enrolled: 5, withdrawn: 0, emergencies: 0 });
    const args = [(JSON.parse(submitted) as { trial: string }).trial, counts];
    await assert.rejects(bench.submit(enrolment, 'report', { as: hospital, args }), {
      code: 'PRECONDITION_FAILED',
    });
    await assert.rejects(report(5, 0, 0, caller('EthicsMSP', 'service')), { code: 'PERMISSION_DENIED' });
  });
});
