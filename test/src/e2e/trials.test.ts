import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('the trial registry', () => {
  let sponsor: Vitaledger;
  let ethics: Vitaledger;
  let reader: Vitaledger;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
    reader = await as('hospital', 'service');
  });

  /** The trial as another organization sees it, once it has reached that version or status there. */
  const arrived = (at: Vitaledger, trial: string, expected: { version?: number; status?: string } = {}) =>
    eventually(
      () => at.trials.get(trial),
      ({ version, status }) =>
        version === (expected.version ?? version) && status === (expected.status ?? status),
    );

  const approved = async (record: unknown): Promise<string> => {
    const { trial } = await sponsor.trials.register(record);
    const { digest } = await arrived(ethics, trial);
    const { status } = await ethics.trials.approve(trial, { approved: true, digest });
    await arrived(sponsor, trial, { status });
    return trial;
  };

  it('registers a trial, which another organization’s ethics board approves', async () => {
    const { registered } = newTrial();
    const { trial, version } = await sponsor.trials.register(registered);
    assert.equal(version, 1);
    const submitted = await arrived(ethics, trial);
    assert.equal(submitted.sponsor, 'ResearchMSP');
    const { status } = await ethics.trials.approve(trial, { approved: true, digest: submitted.digest });
    assert.notEqual(status, submitted.status);
    assert.equal((await arrived(reader, trial, { status })).version, 1);
  });

  it('keeps contacts with the sponsor: the public record has digests, the sponsor’s has names', async () => {
    const { registered } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const [contact] = registered.protocolSection.contactsLocationsModule.centralContacts;
    const publicly = JSON.stringify(await arrived(reader, trial));
    for (const secret of [contact!.name, contact!.email, contact!.phone])
      assert.ok(!publicly.includes(secret));
    const own = (await sponsor.trials.get(trial)).record as unknown as typeof registered;
    assert.deepEqual(own, registered);
  });

  it('shows an amendment field by field, and the switched primary outcome', async () => {
    const { registered, amended } = newTrial();
    const trial = await approved(registered);
    const { version, changes } = await sponsor.trials.amend(trial, {
      version: 1,
      record: amended,
      reason: 'Recruitment has begun',
    });
    assert.equal(version, 2);
    assert.ok(changes.length > 0);
    await arrived(reader, trial, { version });
    const history = await reader.trials.history(trial);
    assert.equal(history.length, 2);
    assert.equal(history[1]?.reason, 'Recruitment has begun');
    assert.deepEqual(history[1].changes, changes);
    const outcomes = JSON.stringify(await reader.trials.outcomes(trial));
    assert.match(outcomes, /demoted/);
    const [before] = registered.protocolSection.outcomesModule.primaryOutcomes;
    assert.ok(outcomes.includes(before!.measure));
  });

  it('refuses an amendment of another version than the current one, and keeps what was', async () => {
    const { registered, amended } = newTrial();
    const trial = await approved(registered);
    await sponsor.trials.amend(trial, { version: 1, record: amended, reason: 'first' });
    await refused('CONFLICT', sponsor.trials.amend(trial, { version: 1, record: amended, reason: 'second' }));
    assert.equal((await sponsor.trials.history(trial)).length, 2);
  });

  it('lets only the sponsor amend, and only ethics of another organization approve', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const { digest } = await arrived(ethics, trial);
    await refused('PERMISSION_DENIED', sponsor.trials.approve(trial, { approved: true, digest }));
    await refused(
      'PERMISSION_DENIED',
      ethics.trials.amend(trial, { version: 1, record: amended, reason: 'not ours' }),
    );
    await refused('PERMISSION_DENIED', reader.trials.register(newTrial().registered));
  });

  it('finds that a trial is registered already', async () => {
    const { registered } = newTrial();
    await sponsor.trials.register(registered);
    await refused('ALREADY_EXISTS', sponsor.trials.register(registered));
  });

  it('says which item of the WHO data set is missing', async () => {
    const { registered } = newTrial();
    registered.protocolSection.outcomesModule.primaryOutcomes = [];
    const error = await refused('INVALID_ARGUMENT', sponsor.trials.register(registered));
    assert.match(`${error.message} ${JSON.stringify(error.details)}`, /primaryOutcomes/);
  });

  it('refuses a mail address in running text', async () => {
    const { registered } = newTrial();
    registered.protocolSection.descriptionModule = {
      briefSummary: 'Questions to jane.roe@example.org please',
    };
    await refused('INVALID_ARGUMENT', sponsor.trials.register(registered));
  });

  it('does not know a trial that nobody registered', async () => {
    await refused('NOT_FOUND', reader.trials.get('VT-UNKNOWN0000'));
  });
});
