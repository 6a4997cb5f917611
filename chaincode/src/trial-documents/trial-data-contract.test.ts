import assert from 'node:assert/strict';
import type { DataRequest } from '@vitaledger/domain';
import { Bench, caller } from '../testing/bench.js';
import { trialDocument, trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { TrialDataContract } from './trial-data-contract.js';
import { TrialDocumentContract } from './trial-document-contract.js';

const registry = new TrialRegistryContract();
const documents = new TrialDocumentContract();
const data = new TrialDataContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const researcher = caller('ResearchMSP', 'researcher');
const committee = caller('EthicsMSP', 'ethics');
const offer = { terms: { permission: { code: 'HMB' }, modifiers: [] }, committee: 'EthicsMSP' };
const question = { title: 'A meta-analysis', purpose: { aims: ['health'], undertakings: [] } };
const day = 86_400_000;

describe('TrialDataContract', () => {
  let bench: Bench;
  let trial: string;
  let document: string;

  const register = async (kind: 'data-set' | 'protocol') => {
    const args = [trial, JSON.stringify(trialDocument({ kind }))];
    return (
      JSON.parse(await bench.submit(documents, 'register', { as: sponsor, args })) as { document: string }
    ).document;
  };

  beforeEach(async () => {
    bench = await Bench.founded();
    const args = [JSON.stringify(trialRecord())];
    trial = (JSON.parse(await bench.submit(registry, 'register', { as: sponsor, args })) as { trial: string })
      .trial;
    document = await register('data-set');
  });

  const offering = (change: object = {}, as = sponsor, of = document) =>
    bench.submit(data, 'offer', { as, args: [trial, of, JSON.stringify({ ...offer, ...change })] });
  const asking = async (change: object = {}, as = researcher) => {
    const args = [trial, document, JSON.stringify({ ...question, ...change })];
    return JSON.parse(await bench.submit(data, 'request', { as, args })) as {
      request: string;
      outcome: string;
    };
  };
  const inDays = (days: number) => new Date(Date.parse(bench.now) + days * day).toISOString();
  const deciding = (request: string, decision: object, as = committee) =>
    bench.submit(data, 'decide', { as, args: [request, JSON.stringify(decision)] });
  const evaluate = async (name: string, ...args: readonly string[]) =>
    JSON.parse(
      await bench.evaluate(data, name, { as: caller('HospitalMSP', undefined, undefined), args }),
    ) as DataRequest & { state: string; requests: (DataRequest & { state: string })[] };

  it('takes a request to its approval, which ends', async () => {
    await offering();
    const { request, outcome } = await asking();
    assert.equal(outcome, 'approve');
    assert.equal((await evaluate('get', request)).state, 'waiting');
    await deciding(request, { approved: true, until: inDays(30), comment: 'Sound' });
    const { state, decision, requester } = await evaluate('get', request);
    assert.deepEqual(
      [state, decision?.organization, requester.mspId],
      ['approved', 'EthicsMSP', 'ResearchMSP'],
    );
    bench.skip(30 * day);
    assert.equal((await evaluate('get', request)).state, 'expired');
    const { requests } = await evaluate('log', trial, document, '{}');
    assert.deepEqual(
      requests.map((one) => [one.request, one.state]),
      [[request, 'expired']],
    );
  });

  it('approves nothing that the terms deny, whatever the committee says; it may refuse anything', async () => {
    await offering();
    const purpose = { aims: ['ancestry'], undertakings: [] };
    const { request, outcome } = await asking({ purpose });
    assert.equal(outcome, 'deny');
    await assert.rejects(deciding(request, { approved: true, until: inDays(30) }), {
      code: 'PRECONDITION_FAILED',
      details: { request, reason: 'TERMS_DENY' },
    });
    await deciding(request, { approved: false });
    assert.equal((await evaluate('get', request)).state, 'refused');
    await assert.rejects(deciding(request, { approved: false }), { code: 'PRECONDITION_FAILED' });
  });

  it('is decided by the committee that the offer names, for at most a year', async () => {
    await offering();
    const { request } = await asking();
    for (const decision of [
      { approved: true },
      { approved: true, until: inDays(367) },
      { approved: true, until: bench.now },
      { approved: false, until: inDays(1) },
      { approved: true, until: inDays(1), comment: 'Ask ann.doe@example.org' },
    ])
      await assert.rejects(deciding(request, decision), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(deciding(request, { approved: false }, sponsor), { code: 'PERMISSION_DENIED' });
    await assert.rejects(deciding(`VR-${'0'.repeat(16)}`, { approved: false }), { code: 'NOT_FOUND' });
  });

  it('offers data sets only, once, by their sponsor, under an independent committee', async () => {
    await assert.rejects(asking(), { code: 'NOT_FOUND' });
    for (const committeeOf of ['ResearchMSP', 'HospitalMSP', 'StrangerMSP'])
      await assert.rejects(offering({ committee: committeeOf }), { details: { path: 'offer.committee' } });
    await assert.rejects(offering({ terms: { permission: { code: 'XYZ' }, modifiers: [] } }), {
      code: 'INVALID_ARGUMENT',
    });
    await assert.rejects(offering({}, sponsor, await register('protocol')), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(offering({}, caller('HospitalMSP', 'investigator')), { code: 'PERMISSION_DENIED' });
    await offering();
    await assert.rejects(offering(), { code: 'ALREADY_EXISTS' });
  });

  it('shows its log by pages, the first request first', async () => {
    await offering();
    const asked: string[] = [];
    for (let count = 0; count < 5; count++) {
      asked.push((await asking()).request);
      bench.skip(1000);
    }
    const listed: string[] = [];
    let bookmark: string | undefined;
    do {
      const query = JSON.stringify({ pageSize: 2, ...(bookmark === undefined ? {} : { bookmark }) });
      const page = (await evaluate('log', trial, document, query)) as unknown as {
        requests: DataRequest[];
        bookmark: string;
      };
      assert.ok(page.requests.length <= 2);
      listed.push(...page.requests.map(({ request }) => request));
      bookmark = page.bookmark;
    } while (bookmark !== '');
    assert.deepEqual(listed, asked);
    await assert.rejects(evaluate('log', trial, document, '{"bookmark":"x"}'), { code: 'INVALID_ARGUMENT' });
  });

  it('takes no request that names persons', async () => {
    await offering();
    const users = ['https://orcid.org/0000-0000-0000-0001'];
    await assert.rejects(asking({ purpose: { ...question.purpose, users } }), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(asking({ title: 'Ask ann.doe@example.org' }), {
      details: { path: 'request', reason: 'PERSONAL_DATA' },
    });
  });
});
