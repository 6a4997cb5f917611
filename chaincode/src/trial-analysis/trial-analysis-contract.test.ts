import assert from 'node:assert/strict';
import { randomizationCommitment, type AnalysisRecord } from '@vitaledger/domain';
import { Bench, caller, random } from '../testing/bench.js';
import { recruitingTrial, trialDocument, trialRecord } from '../testing/trial.js';
import { TrialDocumentContract } from '../trial-documents/trial-document-contract.js';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { TrialAnalysisContract } from './trial-analysis-contract.js';

const registry = new TrialRegistryContract();
const documents = new TrialDocumentContract();
const analysis = new TrialAnalysisContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const anyone = caller('PharmacyMSP', undefined, undefined);
const minute = 60_000;

interface Shown extends AnalysisRecord {
  readonly plans: readonly { readonly digest: string; readonly late: boolean }[];
}

describe('TrialAnalysisContract', () => {
  let bench: Bench;
  let trial: string;
  const [digest, salt] = [random(256), random()];
  const commitment = randomizationCommitment(digest, salt);

  beforeEach(async () => {
    bench = await Bench.founded();
    trial = await recruitingTrial(bench, 'ResearchMSP');
  });

  const submit = async (name: string, ...args: readonly string[]) =>
    JSON.parse(await bench.submit(analysis, name, { as: sponsor, args: [trial, ...args] })) as Record<
      string,
      unknown
    >;
  const get = async () =>
    JSON.parse(await bench.evaluate(analysis, 'get', { as: anyone, args: [trial] })) as Shown;
  const plan = async (kind: 'statistical-analysis-plan' | 'protocol' = 'statistical-analysis-plan') => {
    const description = trialDocument({ kind });
    await bench.submit(documents, 'register', { as: sponsor, args: [trial, JSON.stringify(description)] });
    return description.digest;
  };

  describe('unblind', () => {
    it('is recorded with the analysis plan that was registered before', async () => {
      const wanted = await plan();
      await bench.pass(minute);
      await submit('unblind', wanted, 'Database locked');
      const { unblinding, plans } = await get();
      assert.deepEqual(
        [unblinding?.plan?.digest, unblinding?.instant, unblinding?.beat],
        [wanted, bench.now, 2],
      );
      assert.deepEqual(
        plans.map(({ late }) => late),
        [false],
      );
    });

    it('is refused without a registered analysis plan; another document is none', async () => {
      const missing = { code: 'PRECONDITION_FAILED', details: { trial, reason: 'NO_ANALYSIS_PLAN' } };
      await assert.rejects(submit('unblind', random(256), 'Database locked'), missing);
      await assert.rejects(submit('unblind', await plan('protocol'), 'Database locked'), missing);
      await assert.rejects(submit('unblind', 'soon', 'Database locked'), { code: 'INVALID_ARGUMENT' });
      assert.equal((await get()).unblinding, undefined);
    });

    it('is recorded as without a plan where the sponsor says so; a plan that follows is late for ever', async () => {
      await submit('unblind', 'none', 'By mistake');
      await bench.pass(minute);
      const late = await plan();
      const { unblinding, plans } = await get();
      assert.equal(unblinding?.plan, null);
      assert.deepEqual(
        plans.map((one) => [one.digest, one.late]),
        [[late, true]],
      );
      await assert.rejects(submit('unblind', late, 'Now with a plan'), { code: 'PRECONDITION_FAILED' });
    });

    it('marks only those versions of a plan as late that came after it', async () => {
      const first = trialDocument({ kind: 'statistical-analysis-plan' });
      const args = [trial, JSON.stringify(first)];
      const added = await bench.submit(documents, 'register', { as: sponsor, args });
      const { document } = JSON.parse(added) as { document: string };
      await bench.pass(minute);
      await submit('unblind', first.digest, 'Database locked');
      await bench.pass(minute);
      const revised = JSON.stringify(trialDocument({ kind: 'statistical-analysis-plan' }));
      const revision = [trial, document, '1', revised, 'Another endpoint'];
      await bench.submit(documents, 'revise', { as: sponsor, args: revision });
      assert.deepEqual(
        (await get()).plans.map(({ late }) => late),
        [false, true],
      );
    });

    it('is refused for a trial that has not recruited', async () => {
      const record = JSON.stringify(trialRecord({ number: 'VITA-2' }));
      const submitted = await bench.submit(registry, 'register', { as: sponsor, args: [record] });
      const { trial: another } = JSON.parse(submitted) as { trial: string };
      const args = [another, 'none', 'Too early'];
      await assert.rejects(bench.submit(analysis, 'unblind', { as: sponsor, args }), {
        code: 'PRECONDITION_FAILED',
      });
    });
  });

  describe('randomization lists', () => {
    it('are committed to, and revealed after the unblinding only', async () => {
      assert.deepEqual(await submit('commitList', commitment), { trial, list: 1, late: true });
      await assert.rejects(submit('revealList', '1', digest, salt), {
        code: 'PRECONDITION_FAILED',
        message: /break the blind/,
      });
      await submit('unblind', 'none', 'Ended early');
      const integrity = { code: 'INTEGRITY', details: { trial, list: 1, commitment } };
      await assert.rejects(submit('revealList', '1', random(256), salt), integrity);
      await assert.rejects(submit('revealList', '1', digest, random()), integrity);
      await assert.rejects(submit('revealList', '2', digest, salt), { code: 'NOT_FOUND' });
      await submit('revealList', '1', digest, salt);
      const { lists } = await get();
      assert.deepEqual([lists[0]?.revealed?.digest, lists[0]?.revealed?.salt], [digest, salt]);
      await assert.rejects(submit('revealList', '1', digest, salt), { code: 'ALREADY_EXISTS' });
    });

    it('are not late before the trial recruits', async () => {
      const record = JSON.stringify(trialRecord({ number: 'VITA-2' }));
      const submitted = await bench.submit(registry, 'register', { as: sponsor, args: [record] });
      const { trial: another } = JSON.parse(submitted) as { trial: string };
      const committed = await bench.submit(analysis, 'commitList', {
        as: sponsor,
        args: [another, commitment],
      });
      assert.deepEqual(JSON.parse(committed), { trial: another, list: 1, late: false });
    });

    it('are committed to once each, and not after the unblinding', async () => {
      await submit('commitList', commitment);
      await assert.rejects(submit('commitList', commitment), { code: 'ALREADY_EXISTS' });
      await assert.rejects(submit('commitList', 'list'), { code: 'INVALID_ARGUMENT' });
      await submit('unblind', 'none', 'Ended early');
      await assert.rejects(submit('commitList', random(256)), { details: { reason: 'UNBLINDED' } });
    });
  });
});
