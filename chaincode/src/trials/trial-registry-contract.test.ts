import assert from 'node:assert/strict';
import { digestOf, type OrganizationKind, type TrialRecord } from '@vitaledger/domain';
import { Bench, caller, consortiumDocument, type Call } from '../testing/bench.js';
import { trialRecord } from '../testing/trial.js';
import { TrialRegistryContract } from './trial-registry-contract.js';
import { MAX_RECORD_BYTES } from './public-text.js';

const registry = new TrialRegistryContract();
const sponsor = caller('ResearchMSP', 'sponsor');
const ethics = caller('EthicsMSP', 'ethics');
const anyone = caller('PharmacyMSP', undefined, undefined);

interface Head {
  id: string;
  status: string;
  version: number;
  digest: string;
  registered: string;
  approvals: { organization: string; approved: boolean }[];
  record: TrialRecord;
}

describe('TrialRegistryContract', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.founded();
  });

  const register = async (record: unknown = trialRecord(), call: Partial<Call> = {}) =>
    JSON.parse(
      await bench.submit(registry, 'register', { as: sponsor, args: [JSON.stringify(record)], ...call }),
    ) as { trial: string; version: number };
  const get = async (trial: string) =>
    JSON.parse(await bench.evaluate(registry, 'get', { as: anyone, args: [trial] })) as Head;
  const approve = async (trial: string, decision: object = {}, as = ethics) => {
    const { digest } = await get(trial);
    const args = [trial, JSON.stringify({ approved: true, digest, ...decision })];
    return JSON.parse(await bench.submit(registry, 'approve', { as, args })) as { status: string };
  };
  const amend = async (
    trial: string,
    version: number | string,
    record: unknown,
    reason = 'larger sample',
    as = sponsor,
    effective = '',
  ) => {
    const args = [trial, String(version), JSON.stringify(record), reason, effective];
    return JSON.parse(await bench.submit(registry, 'amend', { as, args })) as {
      version: number;
      changes: { pointer: string }[];
    };
  };

  describe('register', () => {
    it('submits a first version, which anyone reads by the registry’s number or the trial’s own', async () => {
      const record = trialRecord();
      const { trial, version } = await register(record);
      assert.match(trial, /^VL-[0-9a-f]{16}$/);
      assert.equal(version, 1);
      const head = await get(trial);
      assert.deepEqual(head, {
        id: trial,
        status: 'submitted',
        version: 1,
        sponsor: 'ResearchMSP',
        digest: digestOf(record),
        registered: bench.now,
        approvals: [],
        record,
      });
      assert.deepEqual(await get('ResearchMSP/vita-1'), head);
    });

    it('refuses a trial whose number is registered already, in whatever case', async () => {
      const { trial } = await register();
      await assert.rejects(register(trialRecord({ number: 'vita-1' })), {
        code: 'ALREADY_EXISTS',
        details: { trial },
      });
    });

    it('lets two sponsors use the same number of their own, and no two trials the number of a registry', async () => {
      const another = { as: caller('HospitalMSP', 'investigator') };
      const [first, second] = [await register(), await register(trialRecord(), another)];
      assert.equal((await get('ResearchMSP/VITA-1')).id, first.trial);
      assert.equal((await get('HospitalMSP/VITA-1')).id, second.trial);
      await assert.rejects(get('VITA-1'), { code: 'NOT_FOUND' });
      const { trial } = await register(trialRecord({ number: 'A', nctId: 'NCT12345678' }));
      assert.equal((await get('nct12345678')).id, trial);
      await assert.rejects(register(trialRecord({ number: 'B', nctId: 'NCT12345678' }), another), {
        code: 'ALREADY_EXISTS',
        details: { trial },
      });
    });

    it('refuses an incomplete record, one with personal data, and one that is too long', async () => {
      const { protocolSection } = trialRecord();
      const incomplete = { ...protocolSection, conditionsModule: {} };
      await assert.rejects(register({ protocolSection: incomplete }), { code: 'INVALID_ARGUMENT' });
      const descriptionModule = { briefSummary: 'Write to ann.doe@example.org' };
      await assert.rejects(
        register({ protocolSection: { ...protocolSection, descriptionModule } }),
        (error: Error) => {
          assert.doesNotMatch(error.message, /ann\.doe/);
          return (error as Error & { code?: string }).code === 'INVALID_ARGUMENT';
        },
      );
      await assert.rejects(register('x'.repeat(MAX_RECORD_BYTES)), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'record', limit: MAX_RECORD_BYTES },
      });
    });

    it('refuses what has no canonical form', async () => {
      const json = JSON.stringify(trialRecord());
      for (const bad of [json.replace('Sepsis', '\\ud800'), json.replace('100', '1e999')]) {
        await assert.rejects(bench.submit(registry, 'register', { as: sponsor, args: [bad] }), {
          code: 'INVALID_ARGUMENT',
        });
      }
    });
  });

  describe('approve', () => {
    it('completes the registration when another organization’s ethics board approves the latest version', async () => {
      const { trial } = await register();
      assert.equal((await approve(trial, { comment: 'No objections' })).status, 'registered');
      const { approvals, status } = await get(trial);
      assert.equal(status, 'registered');
      assert.deepEqual(
        approvals.map(({ organization, approved }) => [organization, approved]),
        [['EthicsMSP', true]],
      );
      await assert.rejects(approve(trial), { code: 'PRECONDITION_FAILED' });
    });

    it('sends a trial back, which an amendment submits again', async () => {
      const { trial } = await register();
      assert.equal((await approve(trial, { approved: false })).status, 'draft');
      await amend(trial, 1, trialRecord({ start: '2026-10-01' }));
      assert.equal((await get(trial)).status, 'submitted');
      assert.equal((await approve(trial)).status, 'registered');
    });

    it('refuses the board of an organization that is the sponsor too', async () => {
      const { organizations, ...document } = consortiumDocument();
      const kinds: OrganizationKind[] = ['sponsor', 'research', 'ethics'];
      const school = { name: 'School', kinds, jurisdiction: 'US', status: 'active' as const };
      bench = await Bench.founded({ ...document, organizations: { ...organizations, SchoolMSP: school } });
      const { trial } = await register(trialRecord(), { as: caller('SchoolMSP', 'sponsor') });
      await assert.rejects(approve(trial, {}, caller('SchoolMSP', 'ethics')), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'OWN_TRIAL' },
      });
      assert.equal((await approve(trial)).status, 'registered');
    });

    it('refuses a decision on another version, by another role, or with personal data', async () => {
      const { trial } = await register();
      await assert.rejects(approve(trial, { digest: digestOf('another') }), { code: 'CONFLICT' });
      await assert.rejects(approve(trial, {}, sponsor), { code: 'PERMISSION_DENIED' });
      await assert.rejects(approve(trial, { comment: 'Call +41 31 123 45 67' }), {
        code: 'INVALID_ARGUMENT',
      });
      await assert.rejects(approve(trial, { approved: 'yes' }), { code: 'INVALID_ARGUMENT' });
    });
  });

  describe('amend', () => {
    it('adds a version with its reason and what changed; the versions before stay', async () => {
      const first = trialRecord();
      const { trial } = await register(first);
      await approve(trial);
      const later = bench.now;
      bench.skip(1000);
      const second = trialRecord({ start: '2026-10-01' });
      const { version, changes } = await amend(trial, 1, second);
      assert.equal(version, 2);
      assert.deepEqual(changes, [
        {
          op: 'changed',
          pointer: '/protocolSection/statusModule/startDateStruct/date',
          before: '2026-09-01',
          after: '2026-10-01',
        },
      ]);
      const history = JSON.parse(
        await bench.evaluate(registry, 'history', { as: anyone, args: [trial] }),
      ) as unknown;
      const organization = 'ResearchMSP';
      assert.deepEqual(history, [
        { record: first, changes: [], instant: later, beat: 1, organization, digest: digestOf(first) },
        {
          record: second,
          reason: 'larger sample',
          changes,
          instant: bench.now,
          beat: 1,
          organization,
          digest: digestOf(second),
        },
      ]);
      const head = await get(trial);
      assert.deepEqual([head.version, head.digest, head.status], [2, digestOf(second), 'registered']);
    });

    it('refuses an overtaken version, no change, no reason, and another organization', async () => {
      const { trial } = await register();
      const changed = trialRecord({ start: '2026-10-01' });
      await assert.rejects(amend(trial, 2, changed), { code: 'CONFLICT' });
      await assert.rejects(amend(trial, 'latest', changed), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(amend(trial, 1, trialRecord()), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(amend(trial, 1, changed, ' '), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(amend(trial, 1, changed, 'asked by ann@example.org'), {
        code: 'INVALID_ARGUMENT',
      });
      await assert.rejects(amend(trial, 1, changed, 'x', caller('HospitalMSP', 'investigator')), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'NOT_THE_SPONSOR' },
      });
      await assert.rejects(amend('VL-0000000000000000', 1, changed), { code: 'NOT_FOUND' });
    });

    it('lets one of two amendments of the same version win', async () => {
      const { trial } = await register();
      const call = {
        as: sponsor,
        args: [trial, '1', JSON.stringify(trialRecord({ start: '2026-11-01' })), 'later', ''],
      };
      const held = bench.begin(call);
      await bench.execute(registry, 'amend', call, held);
      await amend(trial, 1, trialRecord({ start: '2026-10-01' }));
      assert.equal(held.commit(), false);
    });
  });

  describe('outcomes', () => {
    it('measures the latest version by the last one before the trial’s start', async () => {
      const survival = { measure: 'Survival', timeFrame: '1 year' };
      const quality = { measure: 'Quality of life', timeFrame: '1 year' };
      const { trial } = await register(trialRecord({ start: '2026-03-02', outcomes: [survival] }));
      await amend(
        trial,
        1,
        trialRecord({ start: '2026-03-02', outcomes: [survival, quality] }),
        'before the start',
      );
      await bench.pass(3 * 86_400_000);
      await amend(trial, 2, trialRecord({ start: '2026-03-02', outcomes: [quality] }), 'after the start');
      const outcomes = JSON.parse(
        await bench.evaluate(registry, 'outcomes', { as: anyone, args: [trial] }),
      ) as {
        baseline: { version: number };
        latest: { version: number };
        primarySwitched: boolean;
        outcomes: { changes: string[] }[];
      };
      assert.deepEqual([outcomes.baseline.version, outcomes.latest.version], [2, 3]);
      assert.equal(outcomes.primarySwitched, true);
      assert.deepEqual(
        outcomes.outcomes.map(({ changes }) => changes),
        [['dropped'], ['kept']],
      );
    });
  });
});
