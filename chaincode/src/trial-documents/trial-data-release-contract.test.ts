import assert from 'node:assert/strict';
import {
  digestOf,
  EU_EHDS,
  EU_GDPR,
  VitaledgerError,
  type DataRequest,
  type HeldDataSet,
} from '@vitaledger/domain';
import { Bench, caller, consortiumDocument, random } from '../testing/bench.js';
import { OfferedDataSet } from '../testing/data-set.js';
import { trialDocument, trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { TrialDataContract } from './trial-data-contract.js';
import { TrialDataReleaseContract } from './trial-data-release-contract.js';
import { TrialDocumentContract } from './trial-document-contract.js';

const data = new TrialDataContract();
const release = new TrialDataReleaseContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const researcher = caller('ResearchMSP', 'researcher');
const committee = caller('EthicsMSP', 'ethics');
const MINUTE = 60_000;
const DAY = 86_400_000;

const because = (reason: string) => (error: unknown) =>
  error instanceof VitaledgerError && error.details.reason === reason;

describe('TrialDataReleaseContract', () => {
  let bench: Bench;
  let set: OfferedDataSet;

  const start = async () => {
    const args = [JSON.stringify(trialRecord())];
    const registered = await bench.submit(new TrialRegistryContract(), 'register', { as: sponsor, args });
    const { trial } = JSON.parse(registered) as { trial: string };
    set = await new OfferedDataSet(bench, 'ResearchMSP', trial, 'EthicsMSP').offer();
  };
  beforeEach(async () => {
    bench = await Bench.founded();
    await start();
  });

  const open = async (request: string, as = researcher, at = 'ResearchMSP') => {
    const text = await bench.evaluate(release, 'open', {
      as,
      at,
      input: { request, encryptionKey: set.key.jwk },
    });
    return (await set.key.read((JSON.parse(text) as { jwe: string }).jwe)) as HeldDataSet & {
      request: string;
    };
  };
  const approved = async (): Promise<string> => {
    const request = await set.request('ResearchMSP');
    await set.approve(request);
    return request;
  };
  const revoke = (request: string, as = committee) =>
    bench.submit(data, 'revoke', { as, args: [request, 'The plan was not kept'] });
  const shown = async (request: string) =>
    JSON.parse(await bench.evaluate(data, 'get', { as: researcher, args: [request] })) as DataRequest & {
      state: string;
    };

  it('hands the key over to who was approved and is on the log, and keeps it off the chain', async () => {
    await set.hold();
    const request = await approved();
    await assert.rejects(open(request), { code: 'NOT_FOUND' });
    await set.collect(request, 'ResearchMSP');
    const opened = await open(request);
    assert.equal(opened.request, request);
    assert.equal(opened.manifest.digest, set.description.digest);
    const share = Buffer.alloc(32, 7).toString('base64url');
    assert.equal(opened.keyShare, share);
    for (const key of bench.channel.keys('public'))
      assert.ok(!bench.channel.committed('public', key)?.includes(share), key);
    const { collected = [] } = await shown(request);
    assert.deepEqual(
      collected.map(({ instant, encryptionKey }) => [instant, encryptionKey]),
      [[bench.now, set.key.jwk]],
    );
  });

  it('opens for ten minutes, for the requester alone, at the sponsor alone', async () => {
    await set.hold();
    const request = await approved();
    await set.collect(request, 'ResearchMSP');
    const colleague = caller('ResearchMSP', 'researcher', 'researcher-2');
    await assert.rejects(open(request, colleague), because('NOT_THE_REQUESTER'));
    await assert.rejects(open(request, researcher, 'HospitalMSP'), { code: 'NOT_FOUND' });
    await bench.pass(10 * MINUTE - 1);
    await open(request);
    bench.skip(1);
    await assert.rejects(open(request), { code: 'EXPIRED' });
    await set.collect(request, 'ResearchMSP');
    await open(request);
  });

  it('ends when committee or sponsor take the approval back, and when it is over', async () => {
    await set.hold();
    for (const as of [committee, sponsor]) {
      const request = await approved();
      await set.collect(request, 'ResearchMSP');
      await assert.rejects(
        revoke(request, caller('HospitalMSP', 'investigator')),
        because('NOT_THE_COMMITTEE'),
      );
      await revoke(request, as);
      await assert.rejects(open(request), because('NOT_APPROVED'));
      await assert.rejects(set.collect(request, 'ResearchMSP'), because('NOT_APPROVED'));
      await assert.rejects(revoke(request, as), because('NOT_APPROVED'));
      const { state, decision } = await shown(request);
      assert.deepEqual([state, decision?.revoked?.organization], ['revoked', as.mspId]);
    }
    const request = await approved();
    await bench.pass(30 * DAY);
    await assert.rejects(set.collect(request, 'ResearchMSP'), because('NOT_APPROVED'));
  });

  it('ends with a stale clock too, also for who has a clock that is behind', async () => {
    await set.hold();
    const request = await approved();
    await set.collect(request, 'ResearchMSP');
    bench.skip(20 * MINUTE);
    await revoke(request, committee);
    bench.skip(-19 * MINUTE);
    await assert.rejects(open(request), because('NOT_APPROVED'));
    assert.equal((await shown(request)).state, 'revoked');
  });

  it('hands nothing over before the decision, after a refusal, or without a key', async () => {
    const request = await set.request('ResearchMSP');
    await assert.rejects(set.collect(request, 'ResearchMSP'), because('NOT_APPROVED'));
    await set.approve(request);
    await set.collect(request, 'ResearchMSP');
    await assert.rejects(open(request), { code: 'NOT_FOUND' });
    const refused = await set.request('ResearchMSP');
    const args = [refused, JSON.stringify({ approved: false })];
    await bench.submit(data, 'decide', { as: committee, args });
    await assert.rejects(set.collect(refused, 'ResearchMSP'), because('NOT_APPROVED'));
  });

  it('hands nothing over where the law asks for a secure environment, and names the law', async () => {
    const { organizations } = consortiumDocument();
    const charity = { name: 'Charity', kinds: ['research'], jurisdiction: 'FR', status: 'active' } as const;
    const members = { organizations: { ...organizations, CharityMSP: charity } };
    bench = await Bench.founded(consortiumDocument(members));
    const packs = [EU_GDPR, EU_EHDS];
    const admin = caller('HospitalMSP', 'admin');
    for (const pack of packs)
      await bench.submit(bench.consortium, 'publishPack', { as: admin, args: [JSON.stringify(pack)] });
    const named = packs.map((pack) => ({ id: pack.id, version: pack.version, digest: digestOf(pack) }));
    await bench.adopt(consortiumDocument({ ...members, version: 2, packs: named }));
    await start();
    await set.hold();
    await bench.pass(Date.parse('2029-03-26T00:00:00.000Z') - Date.parse(bench.now) - MINUTE);
    const request = await set.request('CharityMSP');
    await set.approve(request);
    await set.collect(request, 'CharityMSP');
    const asked = caller('CharityMSP', 'researcher');
    await open(request, asked);
    await bench.pass(MINUTE);
    await assert.rejects(open(request, asked), because('SECURE_ENVIRONMENT'));
    await assert.rejects(set.collect(request, 'CharityMSP'), (error: VitaledgerError) => {
      assert.deepEqual(
        [error.code, error.details.citation],
        ['PERMISSION_DENIED', 'EHDS art. 53(1), 68, 73(1)'],
      );
      return true;
    });
  });

  it('holds keys of what is registered and offered, at the sponsor', async () => {
    const hold = (input: object, as = sponsor) => bench.submit(release, 'hold', { as, input });
    const manifest = { ...set.holding().manifest, digest: random(256) };
    await assert.rejects(hold(set.holding({ manifest })), { code: 'NOT_FOUND' });
    await assert.rejects(hold(set.holding({ document: `VD-${'0'.repeat(16)}` })), { code: 'NOT_FOUND' });
    await assert.rejects(hold(set.holding({ keyShare: 'short' })), { code: 'INVALID_ARGUMENT' });
    const other = caller('HospitalMSP', 'investigator');
    await assert.rejects(hold(set.holding(), other), because('NOT_THE_SPONSOR'));
    const letter = trialDocument({ kind: 'data-set' });
    const args = [set.trial, JSON.stringify(letter)];
    await bench.submit(new TrialDocumentContract(), 'register', { as: sponsor, args });
    const foreign = { ...set.holding().manifest, digest: letter.digest };
    await assert.rejects(hold(set.holding({ manifest: foreign })), { code: 'INTEGRITY' });
  });
});
