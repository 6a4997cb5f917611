import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { cohortResults } from './cohort-run.js';
import { decisionResults, decisionsReport, pureMs } from './decisions-run.js';
import { eventsReport, rateResult } from './events-run.js';
import { load, median, type LoadResult } from './load.js';
import { readOptions, UsageError } from './options.js';
import { processCpu } from './process-cpu.js';
import { clientReport, clientResults } from './client-run.js';
import { recordResults, recordsReport } from './records-run.js';
import { reportOf } from './report.js';
import { resultsOf } from './results.js';
import { measure, ratioOf, repeatedWhileIdle, summarize, type Round, type Sample } from './rounds.js';
import type { System } from './system.js';
import { embeddedResults, trialsReport } from './trials-run.js';

const result = (throughput: number, p50: number): LoadResult => ({
  operations: throughput,
  throughput,
  p50,
  cpu: { client: 1000 },
});
const sample = (throughput: number, p50: number): Sample => ({
  loaded: result(throughput, 0),
  single: result(1, p50),
});

describe('the load of the benchmarks', () => {
  const options = { seconds: 0.3, warmUpSeconds: 0.1, cpu: () => ({ ledger: performance.now() * 1000 }) };

  it('counts what ends within the time, and how long it took', async () => {
    const { throughput, p50, cpu } = await load(() => sleep(20), { ...options, inFlight: 4 });
    assert.ok(throughput > 60 && throughput <= 200, `${throughput}/s`);
    assert.ok(p50 >= 18 && p50 < 60, `${p50} ms`);
    assert.ok((cpu.client ?? 0) > 0);
    // This "ledger" uses a full second each second.
    assert.ok(Math.abs((cpu.ledger ?? 0) * throughput - 1_000_000) < 200_000, JSON.stringify(cpu));
  });

  it('keeps no more in flight than it is told', async () => {
    let [now, most] = [0, 0];
    await load(
      async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
      },
      { ...options, inFlight: 3 },
    );
    assert.equal(most, 3);
  });

  it('fails at the first error, when nothing is going on any more', async () => {
    let going = 0;
    let n = 0;
    const failing = async (): Promise<void> => {
      going++;
      await sleep(5);
      going--;
      if (++n === 10) throw new Error('no');
    };
    await assert.rejects(load(failing, { ...options, inFlight: 4 }), /no/);
    assert.equal(going, 0);
  });

  it('knows the CPU time of this process', () => {
    if (process.platform !== 'linux') return;
    const { user, system } = process.cpuUsage();
    assert.ok(Math.abs(processCpu(process.pid) - (user + system)) < 200_000);
    assert.equal(processCpu(2 ** 22 + 1), 0);
  });
});

describe('what the benchmarks make of it', () => {
  it('takes the middle of odd and even numbers of values', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
  });

  it('compares within rounds, so that a slow round is slow for both', () => {
    const ceiling = [sample(100, 1), sample(1000, 1), sample(500, 1)];
    const ledger = [sample(50, 2), sample(400, 3), sample(300, 2)];
    assert.deepEqual(
      ratioOf(ledger, ceiling, ({ loaded }) => loaded.throughput),
      {
        median: 0.5,
        least: 0.4,
        most: 0.6,
      },
    );
  });

  it('gives every figure its reference, and those that are aimed at their gate', () => {
    const measurements = summarize(
      new Map([
        [
          'submit' as const,
          new Map([
            ['ceiling', [sample(1000, 1)]],
            ['embedded', [sample(390, 3)]],
            ['fabric', [sample(250, 60)]],
          ]),
        ],
      ]),
    );
    const coldStarts = [
      { engine: 'embedded' as const, ready: 400, up: 1500, committed: 1600 },
      { engine: 'fabric' as const, up: 4000, committed: 4100 },
    ];
    const results = resultsOf(measurements, coldStarts);
    const named = (name: string) => results.find((one) => one.name === name);
    assert.deepEqual(named('embedded.submit.throughput-of-ceiling'), {
      name: 'embedded.submit.throughput-of-ceiling',
      value: 0.39,
      unit: 'ratio',
      reference: 1,
      gate: '>= 0.4',
      met: false,
    });
    assert.deepEqual(named('embedded.first-committed'), {
      name: 'embedded.first-committed',
      value: 1600,
      unit: 'ms',
      reference: null,
      gate: '<= 2000',
      met: true,
    });
    assert.deepEqual(named('fabric.submit.throughput'), {
      name: 'fabric.submit.throughput',
      value: 250,
      unit: '1/s',
      reference: 1000,
    });
    assert.deepEqual(
      results.flatMap(({ name, gate }) => (gate === undefined ? [] : [name])),
      ['embedded.ready', 'embedded.first-committed', 'embedded.submit.throughput-of-ceiling'],
    );
    const report = reportOf(measurements, coldStarts, { embedded: 'embedded ledger' }, results);
    assert.match(report, /embedded ledger +390 +0\.39 \(0\.39–0\.39\)/);
    assert.match(report, /embedded\.submit\.throughput-of-ceiling +0\.39 +>= 0\.4 +NOT MET/);
    assert.doesNotMatch(report, /faster/);
  });

  it('says of which system and operation an error was', async () => {
    const broken: System = {
      key: 'embedded',
      name: 'embedded ledger',
      operations: { submit: () => Promise.reject(new Error('the key exists')) },
      cpu: () => ({}),
      close: () => Promise.resolve(),
    };
    await assert.rejects(
      measure([broken], { seconds: 0.1, rounds: 1, onProgress: () => undefined }),
      /embedded ledger, submit: the key exists/,
    );
  });
});

describe('a round of the benchmarks', () => {
  const round = (operations: number): Round => ({
    loaded: new Map([
      ['ceiling', result(100, 1)],
      ['embedded', result(operations, 1)],
    ]),
    single: new Map([
      ['ceiling', result(100, 1)],
      ['embedded', result(100, 1)],
    ]),
  });

  it('is repeated as a whole when anything stood still in it', async () => {
    const rounds = [round(0), round(0), round(50)];
    const told: string[] = [];
    const found = await repeatedWhileIdle(
      () => Promise.resolve(rounds.shift()!),
      (system) => told.push(system),
    );
    assert.equal(found.loaded.get('embedded')?.operations, 50);
    assert.deepEqual(told, ['embedded', 'embedded']);
  });

  it('is given up when it stands still again and again', async () => {
    await assert.rejects(
      repeatedWhileIdle(
        () => Promise.resolve(round(0)),
        () => undefined,
      ),
      /embedded: nothing ends in time; use more --seconds/,
    );
  });
});

describe('the command line of the benchmarks', () => {
  it('has defaults', () => {
    assert.deepEqual(readOptions([]), { seconds: 1.5, rounds: 5 });
    assert.equal(readOptions(['--help']), undefined);
  });

  it('reads its options', () => {
    assert.deepEqual(readOptions('--json out.json --seconds 3 --rounds 2 --engine both'.split(' ')), {
      json: 'out.json',
      seconds: 3,
      rounds: 2,
      engine: 'both',
    });
  });

  it('measures the registry of trials alone when told so, with 100,000 unless told', () => {
    assert.deepEqual(readOptions(['--only', 'trials']), {
      only: 'trials',
      trials: 100_000,
      seconds: 1.5,
      rounds: 5,
    });
    assert.equal(readOptions('--only trials --trials 5000'.split(' '))?.trials, 5000);
  });

  it('counts a cohort alone when told so, and says whether time and memory stay within what is aimed at', () => {
    assert.deepEqual(readOptions(['--only', 'cohort']), {
      only: 'cohort',
      patients: 100_000,
      seconds: 1.5,
      rounds: 5,
    });
    assert.throws(() => readOptions('--patients 5000'.split(' ')), UsageError);
    const small = { patients: 1000, pages: 5, longest: 100, seconds: 1, chaincodeMiB: 90, halfwayMiB: 100 };
    const met = (longest: number, chaincodeMiB: number) =>
      cohortResults('embedded', small, { ...small, patients: 1e5, longest, chaincodeMiB }).map(
        (one) => one.met,
      );
    assert.deepEqual(met(2000, 120), [true, true, undefined, undefined]);
    assert.deepEqual(met(2001, 121), [false, false, undefined, undefined]);
  });

  it('measures replaying alone when told so, and says whether it is as fast as is aimed at', () => {
    assert.deepEqual(readOptions(['--only', 'events']), {
      only: 'events',
      trials: 4000,
      seconds: 1.5,
      rounds: 5,
    });
    const results = [rateResult('a', 2000.4), rateResult('b', 1999)];
    assert.deepEqual(
      results.map(({ value, met }) => [value, met]),
      [
        [2000, true],
        [1999, false],
      ],
    );
    assert.match(eventsReport(results, 4000), /NOT MET/);
  });

  it('measures records, or decisions with many consents, alone when told so', () => {
    const rest = { seconds: 1.5, rounds: 5 };
    assert.deepEqual(readOptions(['--only', 'records']), { only: 'records', ...rest });
    assert.deepEqual(readOptions(['--only', 'decisions']), {
      only: 'decisions',
      consents: 1_000_000,
      ...rest,
    });
    assert.equal(readOptions('--only decisions --consents 5000'.split(' '))?.consents, 5000);
  });

  it('says of records, within each round, whether they are as fast as is aimed at', () => {
    const rates = (...list: readonly number[]) => list.map((rate) => ({ rate, cpu: 1e6 / rate }));
    const results = recordResults('fabric', {
      create: rates(100, 200, 100),
      createFastSigner: rates(150, 150, 150),
      register: rates(50, 100, 50),
      registerBatch: rates(150, 200, 150),
      read: rates(100, 100, 100),
      readFastSigner: rates(158, 158, 158),
      open: rates(70, 79, 90),
      openPage: rates(300, 400, 500),
    });
    assert.deepEqual(
      results.slice(0, 7).map(({ name, value, met }) => [name, value, met]),
      [
        ['fabric.records.register-of-create', 1.5, true],
        ['fabric.records.open-of-read', 0.79, false],
        ['fabric.records.open-of-read.fast-signer', 0.5, undefined],
        ['fabric.records.open-page-of-read', 4, undefined],
        ['fabric.records.register-of-create.fast-signer', 1, undefined],
        ['fabric.records.register-one-by-one-of-create', 0.5, undefined],
        ['fabric.records.open-of-read.cpu', 0.79, undefined],
      ],
    );
    assert.match(recordsReport(results), /open-of-read +0\.79 +>= 0\.8: NOT MET/);
  });

  it('says of the client what it adds to Fabric’s own, and what its signer saves', () => {
    const one = (throughput: number, client: number) => [
      { operations: 1, throughput, p50: 1, cpu: { client } },
    ];
    const results = clientResults({
      stock: { submit: one(100, 3000), evaluate: one(100, 1000) },
      fast: { submit: one(320, 1000), evaluate: one(290, 400) },
      sdk: { submit: one(300, 1040), evaluate: one(280, 430) },
    });
    assert.deepEqual(
      results.filter(({ gate }) => gate !== undefined).map(({ name, value, met }) => [name, value, met]),
      [
        ['client.signer.submit', 3.2, true],
        ['client.sdk-of-gateway.submit.cpu', 1.04, true],
        ['client.signer.evaluate', 2.9, false],
        ['client.sdk-of-gateway.evaluate.cpu', 1.075, false],
      ],
    );
    assert.match(clientReport(results), /signer.evaluate +2\.9 +>= 3: NOT MET/);
    assert.deepEqual(readOptions(['--only', 'client'])?.only, 'client');
  });

  it('says of decisions whether many consents are slower than few', () => {
    const results = decisionResults(
      {
        decided: { few: [10, 10, 20], many: [11, 11, 30] },
        committed: { few: [10, 10, 10], many: [13, 13, 13] },
      },
      0.5,
    );
    assert.deepEqual(
      results.flatMap(({ name, value, met }) => (met === undefined ? [] : [[name, value, met]])),
      [
        ['embedded.decisions.decided.many-of-few', 1.1, true],
        ['embedded.decisions.committed.many-of-few', 1.3, false],
        ['decisions.pure.p50', 0.5, true],
      ],
    );
    assert.match(decisionsReport(results, 5000), /5000 consents beside one with 100/);
  });

  it('decides over 200 provisions, whatever time it takes', () => {
    assert.ok(pureMs(10) > 0);
  });

  it('says of the registry whether many trials are slower than few by more than is aimed at', () => {
    const results = embeddedResults(
      [
        { read: 'get', small: [1, 2, 1], large: [1.2, 2, 1.2] },
        { read: 'searchAll', small: [1, 1, 1], large: [2, 2, 2] },
      ],
      150,
      [60, 40, 30],
    );
    assert.deepEqual(
      results.flatMap(({ name, met }) => (met === undefined ? [] : [[name, met]])),
      [
        ['embedded.trials.get.large-of-small', true],
        ['embedded.trials.searchAll.large-of-small', false],
        ['embedded.trials.import', false],
        ['embedded.trials.outcomes', true],
      ],
    );
    assert.match(trialsReport(results, 5000), /searchAll.*NOT MET/);
  });

  for (const args of [
    ['--seconds', 'many'],
    ['--seconds', ''],
    ['--engine', 'paper'],
    ['--jsno', 'x'],
    ['--only', 'search'],
    ['--trials', '1000'],
    ['--only', 'trials', '--trials', '1'],
    ['--consents', '1000'],
    ['--only', 'records', '--trials', '1000'],
    ['--only', 'decisions', '--consents', '1'],
    ['x'],
  ]) {
    it(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(() => readOptions(args), UsageError);
    });
  }
});
