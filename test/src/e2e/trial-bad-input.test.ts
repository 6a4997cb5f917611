import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('what the trial registry is told that it cannot take', () => {
  let sponsor: Vitaledger;
  let reader: Vitaledger;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    reader = await as('hospital', 'service');
  });

  it('is not a record with 3,000 locations: that one is registered, found and returned whole', async () => {
    const { registered } = newTrial();
    const country = `Ruritania ${String(process.pid)}`;
    const locations = Array.from({ length: 3000 }, (_, index) => ({
      facility: `Hospital ${String(index)}`,
      city: `City ${String(index)}`,
      country: index === 2999 ? country : 'Germany',
    }));
    Object.assign(registered.protocolSection.contactsLocationsModule, { locations });
    const { trial } = await sponsor.trials.register(registered);
    assert.deepEqual((await sponsor.trials.get(trial)).record, registered);
    const found: string[] = [];
    for await (const { id } of reader.trials.search({ country })) found.push(id);
    assert.deepEqual(found, [trial]);
  });

  it('nor is a date without a day', async () => {
    const { registered } = newTrial();
    Object.assign(registered.protocolSection.statusModule, { startDateStruct: { date: '2019-02' } });
    const { trial } = await sponsor.trials.register(registered);
    const { clocks } = await reader.trials.clocks(trial, '2026-01-01T00:00:00.000Z');
    assert.deepEqual(clocks.find(({ clock }) => clock === 'icmje-prospective')?.due, {
      first: '2019-02-01',
      last: '2019-02-28',
    });
  });

  it('is one of two amendments at once', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const amend = (reason: string) => sponsor.trials.amend(trial, { version: 1, record: amended, reason });
    const both = await Promise.allSettled([amend('One'), amend('Other')]);
    const failed = both.filter(({ status }) => status === 'rejected');
    assert.equal(failed.length, 1);
    await refused('CONFLICT', Promise.reject((failed[0] as PromiseRejectedResult).reason as Error));
    assert.equal((await reader.trials.history(trial)).length, 2);
  });

  it('is a version that goes back in time, an emptied list of outcomes, or results of a withdrawn trial', async () => {
    const { registered, amended } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const amend = (record: unknown, effective?: string) =>
      sponsor.trials.amend(trial, {
        version: 1,
        record,
        reason: 'test',
        ...(effective ? { effective } : {}),
      });
    const back = await refused(
      'INVALID_ARGUMENT',
      amend(amended, '2020-01-01T00:00:00.000Z'),
      /version before/,
    );
    assert.equal(back.details.path, 'effective');
    const { protocolSection } = amended;
    const emptied = {
      ...amended,
      protocolSection: { ...protocolSection, outcomesModule: { primaryOutcomes: [] } },
    };
    assert.equal((await refused('INVALID_ARGUMENT', amend(emptied))).details.item, 19);
    const statusModule = { ...protocolSection.statusModule, overallStatus: 'WITHDRAWN' };
    const outcomeMeasures = [{ type: 'PRIMARY', title: 'Blood pressure' }];
    const results = { resultsSection: { outcomeMeasuresModule: { outcomeMeasures } } };
    const withdrawn = { ...results, protocolSection: { ...protocolSection, statusModule } };
    assert.equal((await refused('INVALID_ARGUMENT', amend(withdrawn), /withdrawn/)).details.item, 23);
    const { version, record } = await sponsor.trials.get(trial);
    assert.deepEqual([version, record], [1, registered]);
  });

  it('is a delay that no rule allows', async () => {
    const { registered } = newTrial();
    const { trial } = await sponsor.trials.register(registered);
    const delay = { kind: 'good-cause', reason: 'Flooded archive', until: '2099-01-01' } as const;
    await refused('PERMISSION_DENIED', reader.trials.delay(trial, delay));
    const { delay: number } = await sponsor.trials.delay(trial, delay);
    const granted = { event: 'granted', date: '2026-03-01', until: '2099-01-01' } as const;
    await refused('PERMISSION_DENIED', sponsor.trials.endDelay(trial, number, granted), /regulator/);
    assert.equal((await reader.trials.delays(trial))[0]?.ended, undefined);
  });

  it('is a document that is not the one of its digest, or comes twice', async () => {
    const { trial } = await sponsor.trials.register(newTrial().registered);
    const content = Buffer.from('the protocol');
    const draft = { kind: 'protocol', title: 'Protocol', language: 'en', mediaType: 'text/plain' } as const;
    const { document, digest } = await sponsor.trialDocuments.register(trial, { ...draft, content });
    const altered = Buffer.from('the protocoI');
    const wrong = await refused('INTEGRITY', reader.trialDocuments.verify(trial, altered, { document }));
    assert.equal(wrong.details.registered, digest);
    await refused('INTEGRITY', reader.trialDocuments.verify(trial, altered));
    await refused('ALREADY_EXISTS', sponsor.trialDocuments.register(trial, { ...draft, content }));
    assert.equal((await reader.trialDocuments.list(trial)).length, 1);
  });

  it('can be asked beforehand: a dry run checks everything and writes nothing', async () => {
    const { registered, amended } = newTrial();
    await sponsor.trials.register(registered, { dryRun: true });
    const { trial } = await sponsor.trials.register(registered);
    await refused('ALREADY_EXISTS', sponsor.trials.register(registered, { dryRun: true }));
    const change = { version: 1, record: amended, reason: 'test' };
    const { changes } = await sponsor.trials.amend(trial, change, { dryRun: true });
    assert.ok(changes.length > 0);
    await refused('PRECONDITION_FAILED', sponsor.trials.advance(trial, 'recruit', 'Early', { dryRun: true }));
    assert.equal((await sponsor.trials.get(trial)).version, 1);
  });
});
