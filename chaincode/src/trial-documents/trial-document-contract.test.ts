import assert from 'node:assert/strict';
import type { TrialDocumentVersion } from '@vitaledger/domain';
import { Bench, caller, random } from '../testing/bench.js';
import { trialDocument, trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { TrialDocumentContract } from './trial-document-contract.js';

const registry = new TrialRegistryContract();
const documents = new TrialDocumentContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const ethics = caller('EthicsMSP', 'ethics');
const anyone = caller('PharmacyMSP', undefined, undefined);

describe('TrialDocumentContract', () => {
  let bench: Bench;
  let trial: string;

  beforeEach(async () => {
    bench = await Bench.founded();
    const args = [JSON.stringify(trialRecord())];
    trial = (JSON.parse(await bench.submit(registry, 'register', { as: sponsor, args })) as { trial: string })
      .trial;
  });

  const register = async (description: unknown = trialDocument(), as = sponsor) =>
    JSON.parse(
      await bench.submit(documents, 'register', { as, args: [trial, JSON.stringify(description)] }),
    ) as { document: string; version: number };
  const revise = async (
    document: string,
    version: number,
    description: unknown = trialDocument(),
    { as = sponsor, reason = 'Corrected' } = {},
  ) => {
    const args = [trial, document, String(version), JSON.stringify(description), reason];
    return JSON.parse(await bench.submit(documents, 'revise', { as, args })) as { version: number };
  };
  const evaluate = async (name: string, ...args: readonly string[]) =>
    JSON.parse(
      await bench.evaluate(documents, name, { as: anyone, args: [trial, ...args] }),
    ) as readonly TrialDocumentVersion[];

  const page = async (query: object = {}) =>
    JSON.parse(
      await bench.evaluate(documents, 'list', { as: anyone, args: [trial, JSON.stringify(query)] }),
    ) as { readonly documents: readonly TrialDocumentVersion[]; readonly bookmark: string };
  const list = async () => (await page()).documents;

  it('lists documents page by page, none twice and none left out', async () => {
    const registered: string[] = [];
    for (let count = 0; count < 7; count++) registered.push((await register()).document);
    const seen: string[] = [];
    let bookmark: string | undefined;
    do {
      const { documents: some, bookmark: next } = await page({ pageSize: 3, ...(bookmark && { bookmark }) });
      assert.equal(some.length, next === '' ? 1 : 3);
      seen.push(...some.map(({ document }) => document));
      bookmark = next;
    } while (bookmark !== '');
    assert.deepEqual(seen, registered.toSorted());
    for (const bad of [{ pageSize: 0 }, { pageSize: 201 }, { bookmark: 'x' }, { bookmark: '' }, { page: 1 }])
      await assert.rejects(page(bad), { code: 'INVALID_ARGUMENT' }, JSON.stringify(bad));
  });

  it('registers a document, which anyone lists and finds by its digest', async () => {
    const description = trialDocument({ date: '2026-02' });
    const { document, version } = await register(description);
    assert.match(document, /^VD-[0-9a-f]{16}$/);
    assert.equal(version, 1);
    const expected = {
      ...description,
      document,
      version: 1,
      instant: bench.now,
      beat: 1,
      organization: 'ResearchMSP',
    };
    assert.deepEqual(await list(), [expected]);
    assert.deepEqual(await evaluate('find', description.digest), expected);
    const other = random(256);
    await assert.rejects(evaluate('find', other), {
      code: 'NOT_FOUND',
      details: { what: 'document', trial, digest: other },
    });
    await assert.rejects(evaluate('find', 'x'), { code: 'INVALID_ARGUMENT' });
  });

  it('adds versions and keeps all of them, with the beat of each', async () => {
    const [first, second] = [trialDocument(), trialDocument({ title: 'Study protocol, amended' })];
    const { document } = await register(first);
    await bench.pass(60_000);
    assert.equal((await revise(document, 1, second, { reason: 'Larger sample' })).version, 2);
    const history = await evaluate('history', document);
    assert.deepEqual(
      history.map(({ version, digest, reason, beat }) => [version, digest, reason, beat]),
      [
        [1, first.digest, undefined, 1],
        [2, second.digest, 'Larger sample', 2],
      ],
    );
    assert.deepEqual(await list(), [history[1]]);
    assert.deepEqual(await evaluate('find', first.digest), history[0]);
  });

  it('registers a content once per trial, as whatever document', async () => {
    const description = trialDocument();
    const { document } = await register(description);
    const again = { code: 'ALREADY_EXISTS', details: { trial, document, version: 1 } };
    await assert.rejects(register({ ...description, kind: 'data-set' }), again);
    await assert.rejects(revise(document, 1, description), again);
    assert.equal((await list()).length, 1);
  });

  it('refuses a revision of another version, of another kind, without a reason, or of no document', async () => {
    const { document } = await register();
    const second = trialDocument();
    await revise(document, 1, second);
    await assert.rejects(revise(document, 1), {
      code: 'CONFLICT',
      details: { document, version: 2, digest: second.digest },
    });
    await assert.rejects(revise(document, 2, trialDocument({ kind: 'data-set' })), {
      code: 'INVALID_ARGUMENT',
      details: { path: 'document.kind', kind: 'protocol' },
    });
    await assert.rejects(revise(document, 2, trialDocument(), { reason: ' ' }), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(revise('VD-0000000000000000', 1), { code: 'NOT_FOUND' });
    await assert.rejects(revise('../trial', 1), { code: 'NOT_FOUND' });
    assert.equal((await evaluate('history', document)).length, 2);
  });

  it('never goes back in time', async () => {
    const { document } = await register();
    const timestamp = new Date(Date.parse(bench.now) - 1).toISOString();
    const args = [trial, document, '1', JSON.stringify(trialDocument()), 'Corrected'];
    await assert.rejects(bench.submit(documents, 'revise', { as: sponsor, args, timestamp }), {
      code: 'CONFLICT',
    });
  });

  it('is invalid if a beat commits before it', async () => {
    const call = { as: sponsor, args: [trial, JSON.stringify(trialDocument())] };
    const held = bench.begin(call);
    await bench.execute(documents, 'register', call, held);
    await bench.pass(60_000);
    assert.equal(held.commit(), false);
    assert.deepEqual(await list(), []);
  });

  it('lets ethics boards of other organizations register their letters, and nothing else', async () => {
    const letter = trialDocument({ kind: 'ethics-letter' });
    const { document } = await register(letter, ethics);
    await assert.rejects(register(trialDocument(), ethics), { details: { reason: 'KIND' } });
    await assert.rejects(revise(document, 1, trialDocument({ kind: 'ethics-letter' })), {
      details: { reason: 'NOT_THE_AUTHOR' },
    });
    const stranger = caller('HospitalMSP', 'investigator');
    await assert.rejects(register(trialDocument(), stranger), { details: { reason: 'NOT_THE_SPONSOR' } });
  });
});
