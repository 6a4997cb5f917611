import { PatientKey, permission, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.js';
import { all } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('taking part in a trial', () => {
  let site: Vitaledger;
  let registrar: Vitaledger;
  let sponsor: Vitaledger;
  let trial: string;

  before(async () => {
    const actor = { role: 'investigator', subject: 'c41f0be2a97d4e53b8f16d20e9a3c754' } as const;
    site = await as('hospital', 'service', { actor });
    registrar = await as('hospital', 'registrar');
    sponsor = await as('research', 'sponsor');
    const ethics = await as('ethics', 'ethics');
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
    const { digest } = await sponsor.trials.get(trial);
    await ethics.trials.approve(trial, { approved: true, digest });
  });

  /** A patient of the hospital whose device signs a consent to the trial. */
  const consenting = async () => {
    const key = await PatientKey.generate();
    const token = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
    const consent = await key.consent({
      patients: [token],
      trial,
      provision: permission({ to: [{ organization: 'HospitalMSP' }], purposes: ['CLINTRCH'] }),
      text: { content: 'I want to take part in this trial.', language: 'en' },
    });
    const report = await registrar.consents.grant({ consent, patients: [token], key });
    assert.ok(report.complete);
    return { key, token, consent: consent.consent };
  };

  it('begins with a signed consent while the trial recruits, and ends when it is revoked', async () => {
    const { key, token, consent } = await consenting();
    const early = site.participants.enrol({ patient: token.patient, trial, consent });
    assert.equal((await refused('PRECONDITION_FAILED', early)).details.reason, 'TRIAL_NOT_RECRUITING');
    await sponsor.trials.advance(trial, 'recruit', 'First participant');

    const unsigned = { patient: token.patient, trial, consent: 'ab'.repeat(16) };
    const refusal = await refused('PRECONDITION_FAILED', site.participants.enrol(unsigned));
    assert.equal(refusal.details.reason, 'NO_TRIAL_CONSENT');
    const participation = await site.participants.enrol({ patient: token.patient, trial, consent });
    const listed = async () =>
      (await all(site.participants.list(trial))).find((one) => one.participation === participation)?.state;
    assert.equal(await listed(), 'enrolled');
    await site.participants.emergency({ trial, participation, cause: 'adverse-event' });
    const [emergency] = await all(site.participants.emergencies(trial));
    assert.deepEqual([emergency?.participation, emergency?.cause], [participation, 'adverse-event']);

    // Through another member's gateway: the site has no say in it.
    const other = await as('clinic', 'service');
    const secret = await key.revocationSecret(consent);
    await other.consents.revoke({ consent, secret, patients: [] });
    for (let attempt = 0; attempt < 50 && (await listed()) === 'enrolled'; attempt++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(await listed(), 'withdrawn');
  });

  it('is done by commands too: screened, enrolled, unblinded, listed, withdrawn', async function () {
    this.timeout(180_000);
    const network = await suiteNetwork();
    const program = join(__dirname, '../../../client/bin/vitaledger.js');
    const run = (as: readonly [string, string], ...args: readonly string[]) => {
      const env = {
        ...process.env,
        VITALEDGER_PROFILE: network.profile(as[0]),
        VITALEDGER_IDENTITY: network.identity(...as).mspDirectory,
        ...(as[1] === 'service' ? { VITALEDGER_ACTOR: 'investigator/c41f0be2a97d4e53b8f16d20e9a3c754' } : {}),
      };
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [program, 'trial', 'participant', ...args],
        { encoding: 'utf8', env },
      );
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const siteStaff = ['hospital', 'service'] as const;
    const { key, token, consent } = await consenting();
    const enrolled = run(siteStaff, 'enrol', trial, '--patient', token.patient, '--consent', consent);
    const { participation } = JSON.parse(enrolled) as { participation: string };
    run(siteStaff, 'unblind', trial, participation, '--cause', 'overdose');
    const emergencies = await all(site.participants.emergencies(trial));
    assert.ok(emergencies.some((one) => one.participation === participation && one.cause === 'overdose'));
    assert.match(run(siteStaff, 'list', trial), new RegExp(`${participation} .* enrolled`));
    const secret = await key.revocationSecret(consent);
    const withdrawn = run(['clinic', 'service'], 'withdraw', consent, '--secret', secret);
    assert.match(withdrawn, /What was collected before stays/);
    await eventually(
      () => all(site.participants.list(trial)),
      (list) => list.some((one) => one.participation === participation && one.state === 'withdrawn'),
    );

    const researcher = await as('research', 'researcher');
    const study = await researcher.studies.register({
      title: 'The trial',
      purpose: { aims: ['health'], undertakings: [] },
      trial,
      committee: 'EthicsMSP',
    });
    const ethics = await as('ethics', 'ethics');
    const until = new Date(Date.now() + 86_400_000).toISOString();
    await ethics.studies.decide(study, { approved: true, document: 'ab'.repeat(32), until });
    const folder = mkdtempSync(join(tmpdir(), 'screening-'));
    try {
      const receipt = join(folder, 'asked.json');
      const asked = ['screen', study, '--custodian', 'HospitalMSP', '--receipt', receipt];
      assert.match(run(['research', 'researcher'], ...asked), /Asked HospitalMSP/);
      assert.equal(
        (JSON.parse(readFileSync(receipt, 'utf8')) as { custodian: string }).custodian,
        'HospitalMSP',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is public as totals that grow by batches', async () => {
    for (let count = 0; count < 4; count++) {
      const { token, consent } = await consenting();
      await site.participants.enrol({ patient: token.patient, trial, consent });
      const published = await site.participants.publish(trial);
      assert.equal(published.enrolled, count >= 2 ? 5 : 0);
    }
    assert.deepEqual(await site.participants.counts(trial), { enrolled: 6, withdrawn: 2, emergencies: 2 });
    await sponsor.trials.advance(trial, 'close-recruitment', 'Enough participants');
    assert.deepEqual(await site.participants.publish(trial), { enrolled: 6, withdrawn: 2, emergencies: 2 });
    const { enrolled, withdrawn, sites } = await sponsor.participants.published(trial);
    assert.deepEqual([enrolled, withdrawn, sites.HospitalMSP?.length], [6, 2, 2]);
    await refused('PERMISSION_DENIED', registrar.participants.counts(trial));
  });
});
