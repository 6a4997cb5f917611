import assert from 'node:assert/strict';
import {
  handleOf,
  organizationActor,
  purposeCoding,
  VitaledgerError,
  type CohortQuery,
  type ConsentBody,
} from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { PatientLinkContract } from '../records/patient-link-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random } from '../testing/bench.js';
import { KeyPair, Patient } from '../testing/patient.js';
import { approve, cohortAsk, registeredStudy } from '../testing/study.js';
import { CohortContract } from './cohort-contract.js';
import { StudyContract } from './study-contract.js';

const cohorts = new CohortContract();
const consents = new ConsentContract();
const records = new RecordContract();
const researcher = caller('ResearchMSP', 'researcher');
const service = caller('HospitalMSP', 'service');
const registrar = caller('HospitalMSP', 'registrar');
const TRIAL = `VL-${'12'.repeat(8)}`;
const DAY = 86_400_000;

const because = (reason: string) => (error: unknown) =>
  error instanceof VitaledgerError && error.details.reason === reason;

/** Consents of the kinds that count, or not. */
const TO_RESEARCH: Partial<ConsentBody> = {
  provision: {
    type: 'permit',
    actor: [organizationActor('ResearchMSP')],
    purpose: [purposeCoding('HRESCH')],
  },
};
const TO_BE_ASKED: Partial<ConsentBody> = {
  provision: { type: 'permit', actor: [organizationActor('ClinicMSP')], purpose: [purposeCoding('HRESCH')] },
  recontact: true,
};

describe('CohortContract', () => {
  let bench: Bench;
  let study: string;
  const key = new KeyPair();

  beforeEach(async () => {
    bench = await Bench.founded();
    study = await registeredStudy(bench, 'ResearchMSP', 'EthicsMSP', 'approved', { trial: TRIAL });
  });

  const patientWith = async (...bodies: readonly Partial<ConsentBody>[]): Promise<Patient> => {
    const patient = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment() });
    for (const body of bodies) {
      const input = { patient: patient.id, statement: patient.consent(body), salt: random() };
      await bench.submit(consents, 'grant', { as: registrar, input });
    }
    return patient;
  };
  const prohibit = async (patient: Patient): Promise<void> => {
    const body = { prohibition: random(), handle: handleOf(random(256)) };
    const statement = patient.declare({ kind: 'opt-out', body } as never);
    const input = { patient: patient.id, statement, salt: random() };
    await bench.submit(consents, 'declare', { as: registrar, input });
  };

  const ask = async (change: object = {}, as = researcher): Promise<string> => {
    const input = cohortAsk(study, { encryptionKey: key.jwk, ...change });
    const asked = await bench.submit(cohorts, 'ask', { as, at: 'HospitalMSP', input });
    return (JSON.parse(asked) as { receipt: string }).receipt;
  };
  /** All pages of a count, as the custodian's service turns them. */
  const pages = async (receipt: string, pageSize?: number) => {
    const found: { counted: number; looked: number; bookmark: string }[] = [];
    let bookmark = '';
    do {
      const input = {
        receipt,
        ...(pageSize ? { pageSize } : {}),
        ...(bookmark === '' ? {} : { bookmark }),
      };
      const text = await bench.evaluate(cohorts, 'count', { as: service, input });
      const one = JSON.parse(text) as (typeof found)[number];
      found.push(one);
      bookmark = one.bookmark;
    } while (bookmark !== '');
    return found;
  };
  const counted = async (receipt: string, pageSize?: number) =>
    (await pages(receipt, pageSize)).reduce((sum, one) => sum + one.counted, 0);
  const answer = (receipt: string, count: number) =>
    bench.submit(cohorts, 'answer', { as: service, input: { receipt, count, salt: random() } });
  const read = async (receipt: string, as = researcher) => {
    const input = { receipt };
    const jwe = await bench.evaluate(cohorts, 'read', { as, at: 'HospitalMSP', input });
    return (await key.read(jwe)) as CohortQuery;
  };

  it('counts who consented to the study’s organization or to its trial, and who wants to be asked', async () => {
    const trialConsent: Partial<ConsentBody> = {
      trial: TRIAL,
      provision: { type: 'permit', purpose: [purposeCoding('CLINTRCH')] },
    };
    await patientWith();
    await patientWith({}); // for treatment
    await patientWith(TO_RESEARCH);
    await patientWith(trialConsent);
    await patientWith({ ...trialConsent, trial: `VL-${'34'.repeat(8)}` });
    await patientWith({ provision: { ...TO_RESEARCH.provision, period: { end: '2026-03-02' } } });
    await patientWith(TO_BE_ASKED);
    await patientWith(TO_BE_ASKED, TO_RESEARCH);
    await patientWith({ ...TO_BE_ASKED, dataUse: { permission: { code: 'POA' }, modifiers: [] } });
    await patientWith({
      ...TO_BE_ASKED,
      dataUse: { permission: { code: 'HMB' }, modifiers: [{ code: 'GSO' }] },
    });
    await prohibit(await patientWith(TO_RESEARCH));
    await prohibit(await patientWith(TO_BE_ASKED));
    const revoked = await patientWith(TO_RESEARCH);
    const [secret = ''] = revoked.secrets.values();
    await bench.submit(consents, 'revoke', { as: service, args: [secret] });
    bench.skip(1000);
    assert.equal(await counted(await ask()), 4);
    // What a committee must judge (GSO) is let in by its approval.
    assert.equal(await counted(await ask({ question: 'askable' })), 2);
    await bench.pass(2 * DAY);
    const receipt = (await log()).find(({ question }) => question === 'consented')?.receipt ?? '';
    assert.equal(await counted(receipt), 3, 'one consent has ended');
  });

  const log = async (as = registrar) =>
    (JSON.parse(await bench.evaluate(cohorts, 'log', { as, input: {} })) as { queries: CohortQuery[] })
      .queries;

  it('counts a person whose entries were merged once, by what was said in any of them', async () => {
    const [surviving, replaced] = [await patientWith({}), await patientWith(TO_RESEARCH)];
    const [asked, twice] = [await patientWith(TO_BE_ASKED), await patientWith(TO_BE_ASKED, {})];
    const [both, too] = [await patientWith(TO_RESEARCH), await patientWith(TO_RESEARCH)];
    const [opposed, willing] = [await patientWith({}), await patientWith(TO_RESEARCH)];
    await prohibit(opposed);
    const denying: ConsentBody['provision'] = { ...TO_RESEARCH.provision, type: 'deny' };
    const [denied, permitted] = [await patientWith({ provision: denying }), await patientWith(TO_RESEARCH)];
    const [consented, askable] = [await ask(), await ask({ question: 'askable' })];
    assert.deepEqual([await counted(consented), await counted(askable)], [5, 2], 'as many as entries');
    const merges = new PatientLinkContract();
    for (const [one, other] of [
      [surviving, replaced],
      [asked, twice],
      [both, too],
      [opposed, willing],
      [denied, permitted],
    ] as const) {
      const input = { patient: one.id, replaced: other.id, reason: { text: 'twice' }, salt: random() };
      await bench.submit(merges, 'merge', { as: registrar, input });
    }
    assert.deepEqual([await counted(consented), await counted(askable)], [2, 1], 'as many as persons');
    assert.equal(await counted(consented, 1), 2, 'whatever the pages');
    // What is taken back in a replaced entry no longer counts at the surviving one.
    const [secret = ''] = replaced.secrets.values();
    await bench.submit(consents, 'revoke', { as: service, args: [secret] });
    assert.equal(await counted(consented), 1);
  });

  it('adds up by pages of any size, which hold two numbers and an id', async () => {
    for (let count = 0; count < 7; count++) await patientWith(TO_RESEARCH);
    const receipt = await ask();
    for (const size of [1, 2, 7, 500]) assert.equal(await counted(receipt, size), 7, String(size));
    const found = await pages(receipt, 3);
    assert.deepEqual(
      found.map(({ looked }) => looked),
      [3, 3, 1],
    );
    assert.deepEqual(Object.keys(found[0] ?? {}).sort(), ['bookmark', 'counted', 'looked']);
  });

  it('tells a coarse number to who asked, once the custodian has counted, and the exact one to nobody', async () => {
    const receipt = await ask();
    await assert.rejects(read(receipt), because('NOT_ANSWERED_YET'));
    await answer(receipt, 137);
    const told = await read(receipt);
    assert.ok([120, 130].includes(told.answer?.count ?? 0));
    assert.equal(told.answer?.cell, 10);
    await assert.rejects(read(receipt, caller('ResearchMSP', 'researcher', 'researcher-2')), {
      code: 'PERMISSION_DENIED',
    });
    await assert.rejects(answer(receipt, 138), { code: 'ALREADY_EXISTS' });
    for (const key of bench.channel.keys('HospitalMSP'))
      assert.ok(!bench.channel.committed('HospitalMSP', key)?.includes('137'), key);
    const pending = await bench.evaluate(cohorts, 'pending', { as: service, input: {} });
    assert.deepEqual(JSON.parse(pending), { receipts: [], bookmark: '' });
    assert.deepEqual(
      (await log()).map((query) => [query.study, query.answer?.count, query.actor.mspId]),
      [[study, told.answer.count, 'ResearchMSP']],
    );
  });

  it('moves the edges of its cells by the same secret whenever the study asks the same', async () => {
    const seen = new Set<number>();
    for (let count = 0; count < 6; count++) {
      const receipt = await ask();
      await answer(receipt, 45);
      seen.add((await read(receipt)).answer?.count ?? -1);
      await bench.pass(15 * DAY);
      await approve(bench, study, 'EthicsMSP');
      await bench.pass(15 * DAY);
    }
    assert.equal(seen.size, 1);
  });

  it('gives nothing for a question that is held back, and to nobody but the custodian’s own', async () => {
    const call = { as: researcher, at: 'HospitalMSP', input: cohortAsk(study) };
    const held = bench.begin(call);
    const receipt = (JSON.parse(await bench.execute(cohorts, 'ask', call, held)) as { receipt: string })
      .receipt;
    await assert.rejects(counted(receipt), { code: 'NOT_FOUND' });
    await assert.rejects(answer(receipt, 10), { code: 'NOT_FOUND' });
    await assert.rejects(read(receipt), { code: 'NOT_FOUND' });
    const committed = await ask();
    assert.equal(held.commit(), false, 'the budget was spent by another question meanwhile');
    for (const name of ['count', 'pending', 'answer', 'log']) {
      const input = name === 'count' ? { receipt: committed } : {};
      await assert.rejects(
        bench.evaluate(cohorts, name, {
          as: researcher,
          at: 'HospitalMSP',
          input: name === 'answer' ? { receipt: committed, count: 0, salt: random() } : input,
        }),
        { code: 'PERMISSION_DENIED' },
        name,
      );
    }
  });

  it('needs an approved study of one’s own, spends its budget, and asks of research only', async () => {
    const first = await ask();
    await answer(first, 50);
    await assert.rejects(ask(), because('ASKED_RECENTLY'));
    await ask({ question: 'askable' });
    await assert.rejects(ask({ purpose: 'TREAT' }), { code: 'INVALID_ARGUMENT' });
    await assert.rejects(ask({}, caller('HospitalMSP', 'investigator')), because('NOT_OF_THE_STUDY'));
    const waiting = await registeredStudy(bench, 'ResearchMSP', 'EthicsMSP');
    await assert.rejects(ask({ study: waiting }), because('NOT_APPROVED'));
    await bench.submit(new StudyContract(), 'revoke', {
      as: caller('EthicsMSP', 'ethics'),
      args: [study, 'no longer'],
    });
    await assert.rejects(read(first), because('NOT_APPROVED'));
    await bench.pass(31 * DAY);
    await assert.rejects(ask(), because('NOT_APPROVED'));
  });
});
