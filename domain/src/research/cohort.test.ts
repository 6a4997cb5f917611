import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { careTeamActor } from '../decision/terms.js';
import { coarseCount, COHORT_BUDGET, COHORT_CELL, isInCohort, spend, type CohortBudget } from './cohort.js';
import type { StudyTerms } from './study-use.js';

const secrets = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('coarseCount', () => {
  it('tells a multiple of the cell that is at most 18 below the number, and never above it', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), secrets, (exact, secret) => {
        const told = coarseCount(exact, secret);
        assert.equal(told % COHORT_CELL, 0);
        assert.ok(told <= exact && exact <= told + 18, `${String(exact)} ${String(told)}`);
      }),
    );
  });

  it('tells nothing of fewer than a cell', () => {
    fc.assert(
      fc.property(fc.nat(COHORT_CELL - 1), secrets, (exact, secret) => {
        assert.equal(coarseCount(exact, secret), 0);
      }),
    );
  });

  it('steps on a number that only the secret tells: each of the cell is as likely', () => {
    const steps = new Map<number, number>();
    for (let one = 0; one < 1000; one++) {
      const secret = one.toString(16).padStart(32, '0');
      const step = Array.from({ length: COHORT_CELL }, (_, index) => 50 + index).find(
        (exact) => coarseCount(exact, secret) > coarseCount(exact - 1, secret),
      );
      steps.set(step ?? 0, (steps.get(step ?? 0) ?? 0) + 1);
    }
    assert.deepEqual(
      [...steps.values()],
      Array.from({ length: COHORT_CELL }, () => 100),
    );
  });
});

describe('isInCohort', () => {
  it('leaves out who forbade a care team that the researcher is or was in', () => {
    const actor = { mspId: 'ClinicMSP', subject: 'r-1', role: 'researcher' as const };
    const [from, instant] = ['2026-01-10T00:00:00.000Z', '2026-03-01T12:00:00.000Z'];
    const team = '7'.repeat(32);
    const request = {
      custodian: 'HospitalMSP',
      actor,
      scope: 'metadata' as const,
      purpose: 'HRESCH',
      filter: {},
      study: 'S1',
    };
    const consent = { consent: 'c'.repeat(32), version: 1, provision: {}, recontact: true as const };
    const prohibition = {
      prohibition: 'e'.repeat(32),
      kind: 'objection' as const,
      provision: { type: 'deny' as const, actor: [careTeamActor('HospitalMSP', team)] },
    };
    const study = { study: 'S1', organization: 'ClinicMSP', purpose: {}, instant: from, decisions: [] };
    const counts = (subject: string) =>
      isInCohort('askable', { request, instant, study: study as unknown as StudyTerms }, [
        {
          consents: [consent],
          prohibitions: [prohibition],
          careTeams: [{ team, version: 1, participants: [{ ...actor, subject, from, to: instant }] }],
        },
      ]);
    assert.equal(counts('r-2'), true);
    assert.equal(counts('r-1'), false);
  });
});

describe('spend', () => {
  const day = (number: number) => new Date(Date.UTC(2026, 0, 1 + number)).toISOString();
  const asking = (question: 'askable' | 'consented', instant: string) => ({
    receipt: 'r',
    study: 's',
    question,
    instant,
  });
  const refusedFor = (reason: string) => (error: unknown) =>
    error instanceof VitaledgerError &&
    error.code === 'PRECONDITION_FAILED' &&
    error.details.reason === reason;
  const after = (budget: CohortBudget | undefined, ...question: Parameters<typeof asking>): CohortBudget => ({
    ...spend(budget, asking(...question)),
    salt: 'x',
  });

  it('lets the same be asked again after 30 days, and another question at once', () => {
    const once = after(undefined, 'askable', day(0));
    assert.throws(() => spend(once, asking('askable', day(29))), refusedFor('ASKED_RECENTLY'));
    const both = after(once, 'consented', day(0));
    assert.equal(after(both, 'askable', day(30)).asked.length, 3);
  });

  it('lets a study ask twelve times, and never more', () => {
    let budget: CohortBudget | undefined;
    for (let count = 0; count < COHORT_BUDGET; count++) budget = after(budget, 'askable', day(30 * count));
    assert.throws(() => spend(budget, asking('consented', day(900))), refusedFor('BUDGET_SPENT'));
  });
});
