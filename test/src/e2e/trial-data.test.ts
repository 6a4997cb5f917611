import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';
import { newTrial } from '../harness/trial.js';

describe('the data set of a trial', () => {
  let sponsor: Vitaledger;
  let researcher: Vitaledger;
  let committee: Vitaledger;
  let trial: string;
  let document: string;

  before(async () => {
    sponsor = await as('research', 'sponsor');
    researcher = await as('research', 'researcher');
    committee = await as('ethics', 'ethics');
    trial = (await sponsor.trials.register(newTrial().registered)).trial;
    const registered = await sponsor.trialDocuments.register(trial, {
      kind: 'data-set',
      title: 'Individual participant data',
      language: 'en',
      mediaType: 'text/csv',
      content: Buffer.from(`arm,outcome\nA,1\n${String(process.pid)}`),
    });
    document = registered.document;
    const terms = { permission: { code: 'HMB' }, modifiers: [{ code: 'PUB' }] } as const;
    await sponsor.trialData.offer(trial, document, { terms, committee: 'EthicsMSP' });
  });

  const until = new Date(Date.now() + 86_400_000).toISOString();

  it('is asked for with a purpose, and granted by a committee for a time', async () => {
    const purpose = { aims: ['health'], undertakings: ['PUB'] } as const;
    const { request, outcome } = await researcher.trialData.request(trial, document, {
      title: 'Effects in the elderly',
      purpose,
    });
    assert.equal(outcome, 'approve');
    await refused('PERMISSION_DENIED', sponsor.trialData.decide(request, { approved: true, until }));
    await committee.trialData.decide(request, { approved: true, until });
    const { state, match } = await researcher.trialData.get(request);
    assert.equal(state, 'approved');
    assert.deepEqual(match.obligations, [{ term: 'PUB' }]);
  });

  it('is not given for what its terms deny, and every request stays on record', async () => {
    const purpose = { aims: ['ancestry'], undertakings: ['PUB'] } as const;
    const { request } = await researcher.trialData.request(trial, document, { title: 'Origins', purpose });
    const approval = committee.trialData.decide(request, { approved: true, until });
    assert.equal((await refused('PRECONDITION_FAILED', approval)).details.reason, 'TERMS_DENY');
    await committee.trialData.decide(request, { approved: false, comment: 'Not what they were told' });
    const { requests } = await sponsor.trialData.log(trial, document);
    assert.deepEqual(
      requests.map(({ state }) => state),
      ['approved', 'refused'],
    );
  });
});
