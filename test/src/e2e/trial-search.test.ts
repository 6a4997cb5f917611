import type { ListedTrial, Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('the search of the trial registry', () => {
  /** Stands in no other trial of the suite's network. */
  const word = `quixol${String(process.pid)}`;
  const trials: string[] = [];
  let sponsor: Vitaledger;
  let reader: Vitaledger;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    reader = await as('hospital', 'service');
    for (const condition of ['Hypertension', 'Migraine', 'Migraine with aura']) {
      const { registered } = newTrial();
      registered.protocolSection.identificationModule.briefTitle = `${word} for ${condition}`;
      registered.protocolSection.conditionsModule = { conditions: [condition] };
      trials.push((await sponsor.trials.register(registered)).trial);
    }
    await arrived(trials.at(-1)!);
  });

  /** At the reader's peer. */
  const arrived = (trial: string) =>
    eventually(
      () => reader.trials.get(trial),
      () => true,
    );

  const ids = (found: readonly ListedTrial[]): string[] => found.map(({ id }) => id);

  it('finds trials by combined filters, page by page', async () => {
    const found = await all(reader.trials.search({ title: word }, { pageSize: 1 }));
    assert.deepEqual(ids(found), [...trials].sort());
    const migraine = await all(
      reader.trials.search({
        title: word,
        condition: 'migraine',
        sponsor: 'ResearchMSP',
        phase: 'PHASE3',
        start: { from: '2026-01', to: '2026-12-31' },
      }),
    );
    assert.deepEqual(ids(migraine), trials.slice(1).sort());
    assert.deepEqual(await all(reader.trials.search({ title: word, country: 'Atlantis' })), []);
  });

  it('no longer finds an amended trial by what the amendment took away', async () => {
    const { registered } = newTrial();
    registered.protocolSection.conditionsModule = { conditions: [`${word}itis`] };
    const { trial } = await sponsor.trials.register(registered);
    await arrived(trial);
    assert.deepEqual(ids(await all(reader.trials.search({ condition: `${word}itis` }))), [trial]);
    registered.protocolSection.conditionsModule = { conditions: [`${word}osis`] };
    await sponsor.trials.amend(trial, { version: 1, record: registered, reason: 'A better name' });
    assert.deepEqual(await all(sponsor.trials.search({ condition: `${word}itis` })), []);
    assert.deepEqual(ids(await all(sponsor.trials.search({ condition: `${word}osis` }))), [trial]);
  });

  it('lists duties in the order of their limits, and says where a trial’s clocks stand at an instant', async () => {
    const at = '2040-01-01T00:00:00.000Z';
    const duties = await all(reader.trials.overdue({ at, sponsor: 'ResearchMSP' }, { pageSize: 3 }));
    const limits = duties.map(({ due }) => due.first);
    assert.deepEqual(limits, [...limits].sort());
    const [trial = ''] = trials;
    assert.ok(duties.some((duty) => duty.trial.id === trial && duty.clock === 'us-verification'));
    const { clocks } = await reader.trials.clocks(trial, at);
    const own = duties.filter((duty) => duty.trial.id === trial);
    for (const { clock, status } of own)
      assert.equal(clocks.find((state) => state.clock === clock)?.status, status, clock);
    assert.deepEqual(await all(reader.trials.overdue({ at: '2001-01-01T00:00:00.000Z' })), []);
  });

  it('says what is wrong with a query', async () => {
    const error = await refused('INVALID_ARGUMENT', all(reader.trials.search({ start: { from: 'soon' } })));
    assert.match(JSON.stringify(error.details), /query\.start\.from/);
    await refused('INVALID_ARGUMENT', reader.trials.clocks(trials[0]!, 'now'));
  });
});
