import assert from 'node:assert/strict';
import { queryTerms, type TrialRecord } from '@vitaledger/domain';
import { Bench, caller } from '../testing/bench.js';
import { REGULATED_MODULES, trialRecord } from '../testing/trial.js';
import { ReadBudget, trialsWith } from './posting-lists.js';
import { TrialRegistryContract } from './trial-registry-contract.js';

const registry = new TrialRegistryContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const anyone = caller('PharmacyMSP', undefined, undefined);

interface Found {
  readonly trials: readonly {
    readonly id: string;
    readonly titles: readonly string[];
    readonly status: string;
  }[];
  readonly bookmark: string;
}

interface Overdue {
  readonly duties: readonly {
    readonly trial: { readonly id: string };
    readonly clock: string;
    readonly status: string;
  }[];
  readonly bookmark: string;
}

let number = 0;

/** A trial under a number of its own, with other modules of its protocol section in place of the usual. */
function record(modules: Readonly<Record<string, object>> = {}): TrialRecord {
  number += 1;
  const { protocolSection } = trialRecord({ number: `SEARCH-${number}` });
  return { protocolSection: { ...protocolSection, ...modules } };
}

const conditions = (...names: string[]) => ({ conditionsModule: { conditions: names } });
const starting = (start: string) => ({
  statusModule: {
    overallStatus: 'COMPLETED',
    startDateStruct: { date: start },
    completionDateStruct: { date: '2027-09-01' },
  },
});

describe('the index of trials', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.founded();
  });

  const register = async (one: TrialRecord) => {
    const result = await bench.submit(registry, 'register', { as: sponsor, args: [JSON.stringify(one)] });
    return (JSON.parse(result) as { trial: string }).trial;
  };
  const search = async (query: object) =>
    JSON.parse(
      await bench.evaluate(registry, 'search', { as: anyone, args: [JSON.stringify(query)] }),
    ) as Found;
  const ids = async (query: object) => (await search(query)).trials.map(({ id }) => id);
  const overdue = async (query: object) =>
    JSON.parse(
      await bench.evaluate(registry, 'overdue', { as: anyone, args: [JSON.stringify(query)] }),
    ) as Overdue;

  it('finds a trial by any of its words and codes, and by several at once', async () => {
    const trial = await register(record(conditions('Type 2 Diabetes Mellitus', 'Hypertension')));
    await register(record(conditions('Asthma')));
    for (const query of [
      { condition: 'diabetes TYPE 2' },
      { condition: 'hypertension', country: 'switzerland', sponsor: 'ResearchMSP' },
      { condition: 'hypertension', title: 'survival discharge', status: 'submitted' },
      { condition: 'hypertension', recruitment: 'completed', leadSponsor: 'institute' },
      {
        condition: 'hypertension',
        start: { from: '2026-09', to: '2026-09' },
        completion: { from: '2027' + '-01' },
      },
    ]) {
      assert.deepEqual(await ids(query), [trial], JSON.stringify(query));
    }
    for (const query of [
      // Each word stands in a condition, but not both in one.
      { condition: 'diabetes hypertension' },
      { condition: 'hypertension', country: 'Swiss' },
      { condition: 'hypertension', start: { from: '2026-09-02' } },
      { condition: 'hypertension', sponsor: 'PharmacyMSP' },
      { phase: 'PHASE3' },
    ]) {
      assert.deepEqual(await ids(query), [], JSON.stringify(query));
    }
  });

  it('takes a month without a day for each of its days', async () => {
    const trial = await register(record(starting('2019-02')));
    assert.deepEqual(await ids({ start: { from: '2019-02-20', to: '2019-12' } }), [trial]);
    assert.deepEqual(await ids({ start: { from: '1990-01', to: '2019-02-01' } }), [trial]);
    assert.deepEqual(await ids({ start: { from: '2019-03-01' } }), []);
    assert.deepEqual(await ids({ start: { to: '2019-01-31' } }), []);
  });

  it('forgets what an amendment takes away, and knows what it brings', async () => {
    const first = record(conditions('Asthma', 'Eczema'));
    const trial = await register(first);
    const amended = { protocolSection: { ...first.protocolSection, ...conditions('Eczema', 'Hay fever') } };
    const args = [trial, '1', JSON.stringify(amended), 'another condition', ''];
    await bench.submit(registry, 'amend', { as: sponsor, args });
    assert.deepEqual(await ids({ condition: 'asthma' }), []);
    assert.deepEqual(await ids({ condition: 'eczema' }), [trial]);
    assert.deepEqual(await ids({ condition: 'hay' }), [trial]);
    const keys = bench.channel.keys('public').filter((key) => key.includes('asthma'));
    assert.deepEqual(keys, []);
  });

  it('follows the status', async () => {
    const trial = await register(record());
    const head = JSON.parse(await bench.evaluate(registry, 'get', { as: anyone, args: [trial] })) as {
      digest: string;
    };
    const args = [trial, JSON.stringify({ approved: true, digest: head.digest })];
    await bench.submit(registry, 'approve', { as: caller('EthicsMSP', 'ethics'), args });
    assert.deepEqual(await ids({ status: 'submitted' }), []);
    const { trials } = await search({ status: 'registered' });
    assert.deepEqual(
      trials.map(({ id, status }) => [id, status]),
      [[trial, 'registered']],
    );
  });

  it('pages without losing or repeating a trial, while others are registered', async () => {
    const registered: string[] = [];
    for (let count = 0; count < 25; count++) registered.push(await register(record(conditions('Asthma'))));
    const seen: string[] = [];
    let bookmark = '';
    do {
      const page = await search({
        condition: 'asthma',
        pageSize: 4,
        ...(bookmark === '' ? {} : { bookmark }),
      });
      assert.ok(page.trials.length <= 4);
      seen.push(...page.trials.map(({ id }) => id));
      bookmark = page.bookmark;
      await register(record(conditions('Eczema')));
    } while (bookmark !== '');
    assert.deepEqual(seen, registered.sort());
  });

  it('reads no more of a common word than a rare one needs', async () => {
    for (let count = 0; count < 250; count++) await register(record(conditions('Asthma')));
    const rare = await register(record(conditions('Asthma', 'Lupus')));
    let read = 0;
    const transaction = bench.begin({ as: anyone });
    const range = transaction.range.bind(transaction);
    transaction.range = async function* (asked) {
      for await (const entry of range(asked)) {
        read += 1;
        yield entry;
      }
    };
    const args = [JSON.stringify({ condition: 'lupus', title: 'survival', country: 'Switzerland' })];
    const found = JSON.parse(
      await bench.execute(registry, 'search', { as: anyone, args }, transaction),
    ) as Found;
    assert.deepEqual(
      found.trials.map(({ id }) => id),
      [rare],
    );
    // Of each list at most a chunk up to the rare one, and a chunk behind it.
    assert.ok(read <= 600, String(read));
  });

  it('stops where its budget ends, and gets to the end from there', async () => {
    for (let count = 0; count < 120; count++)
      await register(record(conditions(count % 2 === 0 ? 'Asthma' : 'Eczema')));
    const both = await register(record(conditions('Asthma', 'Eczema')));
    const groups = queryTerms({ condition: 'asthma eczema' });
    const [stops, found]: [Set<string>, string[]] = [new Set(), []];
    for (let from: string | undefined = ''; from !== undefined;) {
      const ledger = bench.begin({ as: anyone });
      const start: string = from;
      from = undefined;
      for await (const { id, isComplete } of trialsWith(ledger, groups, start, new ReadBudget(1))) {
        if (isComplete) found.push(id);
        else {
          assert.ok(!stops.has(id) && id > start, 'goes on');
          stops.add(id);
          from = id;
        }
      }
    }
    assert.deepEqual(found, [both]);
    assert.ok(stops.size > 0);
  });

  it('refuses a query that it cannot answer', async () => {
    for (const query of [
      { colour: 'red' },
      { condition: '' },
      { condition: 'of the' },
      { condition: 'x'.repeat(201) },
      { start: { from: '2020-02-30' } },
      { start: { from: '2020-03', to: '2020-01' } },
      { pageSize: 0 },
      { pageSize: 201 },
      { bookmark: 'trial/' },
      { condition: '\ud800' },
    ]) {
      await assert.rejects(search(query), { code: 'INVALID_ARGUMENT' }, JSON.stringify(query));
    }
  });

  it('lists duties that are overdue or come due, by sponsor, country and clock', async () => {
    const trial = await register(record(REGULATED_MODULES));
    const results = async (at: string, more: object = {}) =>
      (await overdue({ clock: 'us-results', at: `${at}T12:00:00.000Z`, ...more })).duties.map(
        ({ trial: { id }, status }) => [id, status],
      );
    assert.deepEqual(await results('2026-05-01'), []);
    assert.deepEqual(await results('2026-04-01', { within: 30 }), [[trial, 'due']]);
    assert.deepEqual(await results('2026-05-02'), [[trial, 'possibly-overdue']]);
    assert.deepEqual(await results('2026-06-01'), [[trial, 'overdue']]);
    const coming = (day: string) => results(day, { coming: true, within: 30 });
    assert.deepEqual(await coming('2026-05-01'), [[trial, 'due']]);
    assert.deepEqual(await coming('2026-05-02'), []);
    assert.deepEqual(await coming('2026-03-31'), []);
    assert.deepEqual(await results('2026-06-01', { country: 'united states', sponsor: 'ResearchMSP' }), [
      [trial, 'overdue'],
    ]);
    assert.deepEqual(await results('2026-06-01', { country: 'France' }), []);
    assert.deepEqual(await results('2026-06-01', { sponsor: 'EthicsMSP' }), []);
    const first = await overdue({ at: '2030-01-01T00:00:00.000Z', pageSize: 1 });
    assert.deepEqual(
      first.duties.map(({ clock }) => clock),
      ['us-results'],
    );
    const args = [trial, '2026-06-02T00:00:00.000Z'];
    const report = JSON.parse(await bench.evaluate(registry, 'clocks', { as: anyone, args })) as {
      clocks: { clock: string; status: string }[];
    };
    const state = report.clocks.find(({ clock }) => clock === 'us-results');
    assert.equal(state?.status, 'overdue');
    const posted = {
      protocolSection: { ...record(REGULATED_MODULES).protocolSection },
      resultsSection: {
        outcomeMeasuresModule: { outcomeMeasures: [{ type: 'PRIMARY', title: 'Survival' }] },
      },
    };
    await bench.submit(registry, 'amend', {
      as: sponsor,
      args: [trial, '1', JSON.stringify(posted), 'results', ''],
    });
    assert.deepEqual(await results('2026-06-01'), []);
    await assert.rejects(overdue({ at: 'today' }), { code: 'INVALID_ARGUMENT' });
  });
});
