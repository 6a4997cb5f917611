import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { trialIdentifiers, VitaledgerError, type TrialRecord } from '@vitaledger/domain';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { TransactionError } from '../transaction/index.js';
import { FileVault } from '../vault/file-vault.js';
import { importTrials, type ImportedTrial, type ImportOptions } from './import-trials.js';

const TEXT = readFileSync(join(__dirname, '../../../demo/data/trial.json'), 'utf8');

interface Study extends TrialRecord {
  readonly protocolSection: {
    readonly identificationModule: { orgStudyIdInfo: { id: string }; briefTitle: string };
  };
}

/** A trial under a number of its own. */
function study(number: string): Study {
  const record = JSON.parse(TEXT) as Study;
  record.protocolSection.identificationModule.orgStudyIdInfo = { id: number };
  return record;
}

const numberOf = (record: TrialRecord): string => trialIdentifiers(record)[0]!.number;

/** A registry in memory, which takes many trials or none. */
class Registry {
  readonly sponsor = 'HospitalMSP';
  readonly trials = new Map<string, string>();
  readonly transactions: (readonly string[])[] = [];
  questions = 0;
  underway = 0;
  mostUnderway = 0;
  /** The first transactions end only when so many are underway. */
  company = 1;
  #enough = (): void => undefined;
  /** What befalls the next transaction. */
  failure: Error | undefined;

  constructor(readonly contacts: ReturnType<FileVault['store']>) {}

  async register(records: readonly TrialRecord[]): Promise<readonly string[]> {
    this.mostUnderway = Math.max(this.mostUnderway, ++this.underway);
    if (this.mostUnderway < this.company) {
      await new Promise<void>((resolve) => {
        this.#enough = resolve;
      });
    } else {
      this.#enough();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.underway -= 1;
    if (this.failure) throw this.failure;
    const numbers = records.map(numberOf);
    this.transactions.push(numbers);
    for (const [index, number] of numbers.entries()) {
      const trial = this.trials.get(number);
      if (trial !== undefined) throw new VitaledgerError('ALREADY_EXISTS', 'there', { index, trial });
      if (numbers.indexOf(number) < index) throw new VitaledgerError('ALREADY_EXISTS', 'twin', { index });
      if (number === 'REFUSED') throw new VitaledgerError('INVALID_ARGUMENT', 'not this one', { index });
    }
    return numbers.map((number) => {
      this.trials.set(number, `trial of ${number}`);
      return `trial of ${number}`;
    });
  }

  find(numbers: readonly string[]): Promise<readonly (string | undefined)[]> {
    this.questions += 1;
    return Promise.resolve(numbers.map((number) => this.trials.get(number.replace(/^HospitalMSP\//u, ''))));
  }
}

describe('an import of trials', () => {
  const folder = temporaryFolder();
  let registry: Registry;

  beforeEach(() => {
    registry = new Registry(new FileVault(folder()).store('contacts'));
  });

  const run = async (records: Iterable<unknown>, options: ImportOptions = {}): Promise<ImportedTrial[]> => {
    const all: ImportedTrial[] = [];
    for await (const one of importTrials(registry, records, options)) all.push(one);
    return all.sort((one, other) => one.index - other.index);
  };
  const results = async (...args: Parameters<typeof run>) => (await run(...args)).map(({ result }) => result);
  const studies = (count: number, first = 0): Study[] =>
    Array.from({ length: count }, (_, index) => study(`S-${String(first + index)}`));

  it('registers many a transaction, several at a time, and reads no further ahead than that', async () => {
    registry.company = 2;
    let read = 0;
    function* source(): Generator<Study> {
      for (; read < 23;) yield study(`S-${String(read++)}`);
    }
    const seen: number[] = [];
    for await (const { index, result, trial } of importTrials(registry, source(), {
      batchSize: 4,
      concurrency: 2,
    })) {
      assert.deepEqual([result, trial], ['registered', `trial of S-${String(index)}`]);
      seen.push(index);
      assert.ok(read - seen.length < 12, `${String(read)} read, ${String(seen.length)} done`);
    }
    assert.deepEqual(
      seen.toSorted((one, other) => one - other),
      Array.from({ length: 23 }, (_, index) => index),
    );
    assert.deepEqual(registry.transactions.map(({ length }) => length).sort(), [3, 4, 4, 4, 4, 4]);
    assert.equal(registry.mostUnderway, 2);
  });

  it('keeps contacts with the sponsor, of what was registered alone', async () => {
    await run([study('A'), study('REFUSED'), {}]);
    const kept = await registry.contacts.names();
    assert.ok(kept.length > 0);
    await run([study('A'), study('REFUSED')]);
    assert.deepEqual(await registry.contacts.names(), kept);
  });

  it('lets what is wrong with one record keep no other from being registered', async () => {
    const personal = study('P');
    personal.protocolSection.identificationModule.briefTitle = 'Write to ann@example.org';
    const all = await run([study('A'), {}, study('REFUSED'), personal, study('B'), 'text', study('C')]);
    assert.deepEqual(
      all.map(({ index, result, error }) => [index, result, error?.code]),
      [
        [0, 'registered', undefined],
        [1, 'failed', 'INVALID_ARGUMENT'],
        [2, 'failed', 'INVALID_ARGUMENT'],
        [3, 'failed', 'INVALID_ARGUMENT'],
        [4, 'registered', undefined],
        [5, 'failed', 'INVALID_ARGUMENT'],
        [6, 'registered', undefined],
      ],
    );
    assert.equal(all[3]?.error?.details.reason, 'PERSONAL_DATA');
  });

  it('finds what is there, be it from before or twice in one import, and asks once a transaction then', async () => {
    await run(studies(30));
    registry.transactions.length = 0;
    const all = await run([...studies(35), study('S-34')], { batchSize: 10, concurrency: 1 });
    assert.deepEqual(
      all.map(({ result }) => result),
      [...Array<string>(30).fill('there already'), ...Array<string>(5).fill('registered'), 'there already'],
    );
    assert.equal(all[35]?.trial, 'trial of S-34');
    // One refusal tells that this is a repeated import; what follows is asked for first.
    assert.deepEqual(
      registry.transactions.map(({ length }) => length),
      [10, 6, 5],
    );
    assert.equal(registry.questions, 5);
  });

  it('ends at what concerns all, with nothing kept of what was certainly not registered', async () => {
    const lost = (fate: 'failed' | 'unknown') =>
      new TransactionError(
        'UNAVAILABLE',
        'no',
        {},
        { phase: 'commit', fate, transactionId: 'tx', attempts: 1 },
      );
    registry.failure = lost('failed');
    await assert.rejects(run(studies(20), { batchSize: 5, concurrency: 3 }), { code: 'UNAVAILABLE' });
    assert.equal(registry.underway, 0);
    assert.deepEqual(await registry.contacts.names(), []);
    registry.failure = lost('unknown');
    await assert.rejects(run(studies(1)), { code: 'UNAVAILABLE' });
    assert.ok((await registry.contacts.names()).length > 0);
    registry.failure = undefined;
    assert.deepEqual(await results(studies(2)), ['registered', 'registered']);
  });

  it('stops when told to, and refuses batches that are none', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await assert.rejects(run(studies(1), { signal: stop }), /enough/u);
    for (const batchSize of [0, 101, 1.5])
      await assert.rejects(run([], { batchSize }), { code: 'INVALID_ARGUMENT' });
  });

  it('ends a transaction early where its records grow large', async () => {
    const large = studies(3).map((record) => ({ ...record, documentSection: { text: 'x'.repeat(700_000) } }));
    assert.deepEqual(await results(large), ['registered', 'registered', 'registered']);
    assert.deepEqual(registry.transactions.map(({ length }) => length).sort(), [1, 2]);
  });
});
