import type { ImportedTrial, Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial, type TestTrial } from '../harness/trial.js';

describe('trials that are imported together', () => {
  let sponsor: Vitaledger;
  let ethics: Vitaledger;
  let reader: Vitaledger;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    ethics = await as('ethics', 'ethics');
    reader = await as('hospital', 'service');
  });

  const word = `blargan${String(process.pid)}`;
  const study = (): TestTrial => {
    const { registered } = newTrial();
    registered.protocolSection.identificationModule.briefTitle = `A trial of ${word}`;
    return registered;
  };
  const imported = async (records: Iterable<unknown>): Promise<readonly ImportedTrial[]> => {
    const all: ImportedTrial[] = [];
    for await (const one of sponsor.trials.import(records, { batchSize: 4, concurrency: 2 })) all.push(one);
    return all.sort((one, other) => one.index - other.index);
  };
  const titled = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    for await (const { id } of reader.trials.search({ title: word }, { pageSize: 2 })) ids.push(id);
    return ids;
  };

  it('are each a trial like any other: found, exported whole, approved, amended; and importing again finds them', async () => {
    const records = Array.from({ length: 6 }, study);
    const bad = study();
    bad.protocolSection.outcomesModule.primaryOutcomes = [];
    const all = await imported([...records.slice(0, 3), bad, ...records.slice(3)]);
    assert.deepEqual(
      all.map(({ result, error }) => error?.details.item ?? result),
      ['registered', 'registered', 'registered', 19, 'registered', 'registered', 'registered'],
    );
    const ids = all.flatMap(({ trial }) => trial ?? []);
    assert.deepEqual(await eventually(titled, ({ length }) => length === 6), ids.toSorted());
    for (const [index, id] of ids.entries())
      assert.deepEqual((await sponsor.trials.get(id)).record, records[index]);
    const publicly = JSON.stringify(await reader.trials.get(ids[0]!));
    assert.doesNotMatch(
      publicly,
      new RegExp(records[0]!.protocolSection.contactsLocationsModule.centralContacts[0]!.name),
    );

    const [{ digest }] = [
      await eventually(
        () => ethics.trials.get(ids[0]!),
        () => true,
      ),
    ];
    await ethics.trials.approve(ids[0]!, { approved: true, digest });
    // Both leave what all share at the same time.
    const changed = (index: number): TestTrial => {
      const record = structuredClone(records[index]!);
      record.protocolSection.identificationModule.briefTitle = 'Renamed';
      return record;
    };
    await Promise.all(
      [1, 2].map((index) =>
        sponsor.trials.amend(ids[index]!, { version: 1, record: changed(index), reason: 'Renamed' }),
      ),
    );
    const left = ids.filter((_, index) => index !== 1 && index !== 2).toSorted();
    assert.deepEqual(await eventually(titled, ({ length }) => length === 4), left);

    const number = `ResearchMSP/${records[4]!.protocolSection.identificationModule.orgStudyIdInfo!.id}`;
    assert.deepEqual(await reader.trials.find([number, 'NCT00000000']), [ids[4], undefined]);
    const again = await imported([study(), ...records]);
    assert.deepEqual(
      again.map(({ result, trial }) => (result === 'there already' ? trial : result)),
      ['registered', ...ids],
    );
  });

  it('are the sponsor’s to register', async () => {
    await refused('PERMISSION_DENIED', ethics.trials.import([study()]).next());
  });
});
