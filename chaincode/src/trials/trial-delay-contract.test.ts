import assert from 'node:assert/strict';
import type { ClockState, OrganizationKind, TrialDelay } from '@vitaledger/domain';
import { Bench, caller, consortiumDocument } from '../testing/bench.js';
import { regulatedTrial, trialRecord } from '../testing/trial.js';
import { TrialDelayContract } from './trial-delay-contract.js';
import { TrialRegistryContract } from './trial-registry-contract.js';

const [registry, contract] = [new TrialRegistryContract(), new TrialDelayContract()];
const sponsor = caller('ResearchMSP', 'sponsor');
const regulator = caller('AgencyMSP', 'regulator');

describe('TrialDelayContract', () => {
  let bench: Bench;
  let trial: string;

  const register = async (record: unknown) =>
    (
      JSON.parse(
        await bench.submit(registry, 'register', { as: sponsor, args: [JSON.stringify(record)] }),
      ) as {
        trial: string;
      }
    ).trial;

  beforeEach(async () => {
    const { organizations, ...document } = consortiumDocument();
    const kinds: OrganizationKind[] = ['regulator'];
    const agency = { name: 'Agency', kinds, jurisdiction: 'US', status: 'active' as const };
    bench = await Bench.founded({ ...document, organizations: { ...organizations, AgencyMSP: agency } });
    trial = await register(regulatedTrial('DELAYED-1'));
  });

  const submit = (delay: object, as = sponsor, of = trial) =>
    bench.submit(contract, 'submit', {
      as,
      args: [of, JSON.stringify({ reason: 'Application filed', ...delay })],
    });
  const end = (number: number, how: object, as = sponsor) =>
    bench.submit(contract, 'end', { as, args: [trial, String(number), JSON.stringify(how)] });
  const results = async (): Promise<ClockState | undefined> => {
    const report = JSON.parse(
      await bench.evaluate(registry, 'clocks', { as: sponsor, args: [trial, bench.now] }),
    ) as { clocks: ClockState[] };
    return report.clocks.find(({ clock }) => clock === 'us-results');
  };
  const listedDue = async (): Promise<unknown> => {
    const query = JSON.stringify({ clock: 'us-results', within: 3000 });
    const { duties } = JSON.parse(
      await bench.evaluate(registry, 'overdue', { as: sponsor, args: [query] }),
    ) as {
      duties: { due: unknown }[];
    };
    return duties[0]?.due;
  };

  it('moves the limit for results under a certificate, in the clocks and among the duties', async () => {
    assert.deepEqual((await results())?.due, { first: '2026-05-01', last: '2026-05-31' });
    await submit({ kind: 'new-use' });
    const due = { first: '2028-03-01', last: '2028-03-01' };
    assert.deepEqual((await results())?.due, due);
    assert.deepEqual(await listedDue(), due);
    await end(1, { event: 'withdrawn', date: '2026-03-01' });
    const earlier = { first: '2026-10-27', last: '2026-10-27' };
    assert.deepEqual((await results())?.due, earlier);
    assert.deepEqual(await listedDue(), earlier);
    const [delay] = JSON.parse(
      await bench.evaluate(contract, 'list', { as: sponsor, args: [trial] }),
    ) as TrialDelay[];
    assert.deepEqual(
      [delay?.delay, delay?.kind, delay?.instant.slice(0, 10), delay?.ended?.event],
      [1, 'new-use', '2026-03-01', 'withdrawn'],
    );
  });

  it('keeps delays through an amendment, and an amendment’s history through a delay', async () => {
    await submit({ kind: 'new-use' });
    const record = regulatedTrial('DELAYED-1');
    const amended = {
      protocolSection: { ...record.protocolSection, conditionsModule: { conditions: ['Septic shock'] } },
    };
    await bench.submit(registry, 'amend', {
      as: sponsor,
      args: [trial, '1', JSON.stringify(amended), 'name', ''],
    });
    assert.deepEqual(await listedDue(), { first: '2028-03-01', last: '2028-03-01' });
  });

  it('lets a regulator alone decide on an extension, once', async () => {
    await submit({ kind: 'good-cause', until: '2026-12-01' });
    const granted = { event: 'granted', date: '2026-03-01', until: '2026-11-01' };
    await assert.rejects(end(1, granted), {
      code: 'PERMISSION_DENIED',
      details: { reason: 'NOT_A_REGULATOR' },
    });
    await end(1, granted, regulator);
    assert.deepEqual((await results())?.due, { first: '2026-11-01', last: '2026-11-01' });
    await assert.rejects(end(1, granted, regulator), { code: 'PRECONDITION_FAILED' });
  });

  it('lets a regulator alone decide on a waiver: granted, no results are due any more', async () => {
    await submit({ kind: 'waiver', reason: 'National security' });
    assert.ok((await results())?.doubts.some((doubt) => doubt.includes('waiver')));
    const granted = { event: 'granted', date: '2026-03-01' };
    await assert.rejects(end(1, granted), { details: { reason: 'NOT_A_REGULATOR' } });
    await assert.rejects(end(1, { ...granted, until: '2026-11-01' }, regulator), {
      code: 'INVALID_ARGUMENT',
    });
    await assert.rejects(end(1, { event: 'approved', date: '2026-03-01' }, regulator), {
      code: 'INVALID_ARGUMENT',
    });
    assert.notEqual(await listedDue(), undefined);
    await end(1, granted, regulator);
    assert.equal((await results())?.status, 'waived');
    assert.equal(await listedDue(), undefined);
  });

  it('refuses what comes late, what no regulation knows, and what is none', async () => {
    const observational = await register(trialRecord({ number: 'OTHER' }));
    await assert.rejects(submit({ kind: 'new-use' }, sponsor, observational), {
      code: 'PRECONDITION_FAILED',
      message: /does not apply.*11\.22/,
    });
    await assert.rejects(submit({ kind: 'new-use' }, caller('HospitalMSP', 'investigator')), {
      code: 'PERMISSION_DENIED',
    });
    for (const bad of [
      { kind: 'holiday' },
      { kind: 'good-cause' },
      { kind: 'new-use', until: '2026-12-01' },
      { kind: 'new-use', reason: ' ' },
    ]) {
      await assert.rejects(submit(bad), { code: 'INVALID_ARGUMENT' }, JSON.stringify(bad));
    }
    await submit({ kind: 'initial-approval' });
    for (const bad of [
      { event: 'granted', date: '2026-03-01', until: '2026-05-01' },
      { event: 'approved', date: '2026-02-28' },
      { event: 'approved', date: '2026-03-02' },
      { event: 'approved', date: '2026-03-01', until: '2026-05-01' },
    ]) {
      await assert.rejects(end(1, bad), { code: 'INVALID_ARGUMENT' }, JSON.stringify(bad));
    }
    await assert.rejects(end(2, { event: 'approved', date: '2026-03-01' }), { code: 'NOT_FOUND' });
    await end(1, { event: 'approved', date: '2026-03-01' });
    await bench.pass(Date.parse('2026-05-31T00:00:00.000Z') - Date.parse(bench.now) - 1);
    await submit({ kind: 'new-use' });
    await bench.pass(60_000);
    await assert.rejects(submit({ kind: 'new-use' }), {
      code: 'PRECONDITION_FAILED',
      message: /before the day.*2026-05-31/,
    });
  });
});
