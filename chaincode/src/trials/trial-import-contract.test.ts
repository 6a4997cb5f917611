import assert from 'node:assert/strict';
import { digestOf, MAX_TRIALS_AT_ONCE, type TrialRecord, type VitaledgerError } from '@vitaledger/domain';
import { Bench, caller } from '../testing/bench.js';
import { REGULATED_MODULES, trialRecord } from '../testing/trial.js';
import { TrialImportContract } from './trial-import-contract.js';
import { TrialRegistryContract } from './trial-registry-contract.js';

const [imports, registry] = [new TrialImportContract(), new TrialRegistryContract()];
const sponsor = caller('ResearchMSP', 'sponsor');
const anyone = caller('PharmacyMSP', undefined, undefined);
const AT = '2040-01-01T00:00:00.000Z';

interface Page {
  readonly trials?: readonly { readonly id: string }[];
  readonly duties?: readonly { readonly trial: { readonly id: string }; readonly clock: string }[];
  readonly bookmark: string;
}

/** Trials that share most of their words; every third one is regulated and so has duties. */
function records(count: number, first = 0): TrialRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index;
    const { protocolSection } = trialRecord({ number: `MANY-${number}` });
    const condition = ['Asthma', 'Eczema', 'Lupus'][number % 3] ?? '';
    const regulated = number % 3 === 0 ? REGULATED_MODULES : {};
    const conditionsModule = { conditions: [condition, `Rare ${number}`] };
    return { protocolSection: { ...protocolSection, ...regulated, conditionsModule } };
  });
}

describe('trials that are registered together', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.founded();
  });

  const together = async (many: readonly unknown[]) => {
    const args = [JSON.stringify(many)];
    return (
      JSON.parse(await bench.submit(imports, 'register', { as: sponsor, args })) as { trials: string[] }
    ).trials;
  };
  const alone = async (record: TrialRecord) => {
    const args = [JSON.stringify(record)];
    return (JSON.parse(await bench.submit(registry, 'register', { as: sponsor, args })) as { trial: string })
      .trial;
  };
  const ask = async (name: string, ...args: readonly string[]) =>
    JSON.parse(await bench.evaluate(registry, name, { as: anyone, args })) as Page & Record<string, unknown>;
  const pages = async (name: 'search' | 'overdue', query: object): Promise<readonly Page[]> => {
    const all: Page[] = [];
    for (let bookmark: string | undefined; bookmark !== '';) {
      all.push(
        await ask(name, JSON.stringify({ ...query, ...(bookmark === undefined ? {} : { bookmark }) })),
      );
      bookmark = all.at(-1)?.bookmark ?? '';
    }
    return all;
  };
  const found = async (query: object) =>
    (await pages('search', query)).flatMap(({ trials = [] }) => trials.map(({ id }) => id));
  const due = async (query: object = {}) =>
    (await pages('overdue', { at: AT, ...query })).flatMap(({ duties = [] }) =>
      duties.map(({ trial, clock }) => `${clock} ${trial.id}`),
    );
  it('are each what they would be alone', async () => {
    const many = records(5);
    const ids = await together(many);
    assert.match(ids[0]!, /^VL-[0-9a-f]{16}-00$/);
    assert.deepEqual(
      ids,
      [0, 1, 2, 3, 4].map((index) => `${ids[0]!.slice(0, -2)}0${String(index)}`),
    );
    const other = await Bench.founded();
    for (const [index, record] of many.entries()) {
      const args = [JSON.stringify(record)];
      const single = JSON.parse(await other.submit(registry, 'register', { as: sponsor, args })) as {
        trial: string;
      };
      for (const name of ['get', 'history', 'steps', 'outcomes']) {
        const expected = await other.evaluate(registry, name, { as: anyone, args: [single.trial] });
        const actual = await bench.evaluate(registry, name, { as: anyone, args: [ids[index]!] });
        const sameTime = (text: string) => text.replaceAll(other.now, 'now').replaceAll(bench.now, 'now');
        assert.equal(sameTime(actual), sameTime(expected).replaceAll(single.trial, ids[index]!), name);
      }
      const { digest } = (await ask('get', `ResearchMSP/MANY-${String(index)}`)) as unknown as {
        digest: string;
      };
      assert.equal(digest, digestOf(record));
    }
  });

  it('are found among those registered alone, page by page, in the order of their numbers', async () => {
    const ids = [
      ...(await together(records(20))),
      await alone(records(1, 30)[0]!),
      ...(await together(records(15, 40))),
    ];
    ids.push(await alone(records(1, 60)[0]!));
    for (const pageSize of [1, 3, 7, 200]) {
      assert.deepEqual(await found({ pageSize }), ids.toSorted(), String(pageSize));
      assert.deepEqual(
        await found({ pageSize, condition: 'lupus' }),
        ids
          .filter((_, index) =>
            index < 20 ? index % 3 === 2 : index > 20 && index < 36 && (index - 21 + 40) % 3 === 2,
          )
          .toSorted(),
      );
      const [some, all] = [await due({ pageSize }), await due({ pageSize: 200 })];
      assert.deepEqual(some, all);
      assert.equal(new Set(all).size, all.length);
    }
    assert.deepEqual(await found({ condition: 'rare 7' }), [ids[7]]);
  });

  it('leave and join what they are found by like any other, in whatever order', async () => {
    const many = records(9);
    const ids = await together(many);
    const versions = new Map<string, number>();
    /** Makes a trial what another one is, all but its numbers. */
    const become = async (index: number, other: TrialRecord) => {
      const { identificationModule } = many[index]!.protocolSection;
      const version = versions.get(ids[index]!) ?? 1;
      versions.set(ids[index]!, version + 1);
      const record = { protocolSection: { ...other.protocolSection, identificationModule } };
      const args = [ids[index]!, String(version), JSON.stringify(record), 'test', ''];
      await bench.submit(registry, 'amend', { as: sponsor, args });
    };
    const asthma = async (pageSize = 50) => found({ condition: 'asthma', pageSize });
    const results = async (pageSize = 50) => due({ clock: 'us-results', pageSize });
    const duties = (...indices: readonly number[]) => indices.map((index) => `us-results ${ids[index]!}`);
    assert.deepEqual(await asthma(), [ids[0], ids[3], ids[6]]);
    assert.deepEqual(await results(), duties(0, 3, 6));
    // One leaves the block, one joins behind it; then both become what they were.
    await become(3, many[4]!);
    await become(4, many[3]!);
    for (const pageSize of [1, 2, 50]) {
      assert.deepEqual(await asthma(pageSize), [ids[0], ids[4], ids[6]]);
      assert.deepEqual(await results(pageSize), duties(0, 4, 6));
    }
    await become(4, many[4]!);
    await become(3, many[3]!);
    assert.deepEqual(await asthma(1), [ids[0], ids[3], ids[6]]);
    assert.deepEqual(await results(1), duties(0, 3, 6));
    // When all have left, nothing remains.
    for (const index of ids.keys()) await become(index, records(1, 100)[0]!);
    const left = bench.channel.keys('public').filter((key) => /asthma|lupus|us-results/u.test(key));
    assert.deepEqual(left, []);
    assert.deepEqual(await found({ condition: 'eczema' }), ids);
  });

  it('keep their status to themselves, so that their approvals do not meet', async () => {
    const ids = await together(records(3));
    const begun = [];
    for (const trial of ids) {
      const { digest } = (await ask('get', trial)) as unknown as { digest: string };
      const args = [trial, JSON.stringify({ approved: true, digest })];
      const call = { as: caller('EthicsMSP', 'ethics'), args };
      const transaction = bench.begin(call);
      await bench.execute(registry, 'approve', call, transaction);
      begun.push(transaction);
    }
    assert.deepEqual(
      begun.map((transaction) => transaction.commit()),
      [true, true, true],
    );
    assert.deepEqual(await found({ status: 'registered' }), ids);
    assert.deepEqual(await found({ status: 'submitted' }), []);
  });

  it('are registered all or none, and the refusal says which one is at fault', async () => {
    const before = bench.channel.keys('public');
    const many = records(4);
    const refusal = async (bad: readonly unknown[]): Promise<VitaledgerError> => {
      const error = await together(bad).then(
        () => assert.fail('should be refused'),
        (reason: unknown) => reason as VitaledgerError,
      );
      assert.deepEqual(bench.channel.keys('public'), before);
      return error;
    };
    const { protocolSection } = many[2]!;
    const incomplete = await refusal([
      ...many.slice(0, 2),
      { protocolSection: { ...protocolSection, outcomesModule: {} } },
    ]);
    assert.deepEqual(
      [incomplete.code, incomplete.details.index, incomplete.details.item],
      ['INVALID_ARGUMENT', 2, 19],
    );
    assert.match(incomplete.message, /^records\[2\]: record\.protocolSection\.outcomesModule/);
    const twin = await refusal([...many, trialRecord({ number: 'many-1' })]);
    assert.deepEqual([twin.code, twin.details], ['ALREADY_EXISTS', { index: 4 }]);
    const personal = { ...protocolSection, descriptionModule: { briefSummary: 'ann@example.org' } };
    assert.equal((await refusal([{ protocolSection: personal }])).details.index, 0);
    for (const none of [[], Array.from({ length: MAX_TRIALS_AT_ONCE + 1 }, () => many[0])])
      assert.equal((await refusal(none)).details.path, 'records');
  });

  it('are not registered a second time, and found by their numbers', async () => {
    const [first, second] = await together(records(2));
    const error = await together(records(2, 1)).then(
      () => assert.fail('should be refused'),
      (reason: unknown) => reason as VitaledgerError,
    );
    assert.deepEqual([error.code, error.details], ['ALREADY_EXISTS', { index: 0, trial: second }]);
    const find = async (numbers: unknown) =>
      JSON.parse(
        await bench.evaluate(imports, 'find', { as: anyone, args: [JSON.stringify(numbers)] }),
      ) as unknown;
    assert.deepEqual(
      await find(['ResearchMSP/many-0', 'NCT99999999', 'ResearchMSP/MANY-1', 'EthicsMSP/MANY-1']),
      {
        trials: [first, '', second, ''],
      },
    );
    for (const bad of [[], 'x', [''], [7], new Array(1001).fill('x')])
      await assert.rejects(find(bad), { code: 'INVALID_ARGUMENT' });
  });
});
