import assert from 'node:assert/strict';
import {
  VitaledgerError,
  EU_EHDS,
  EU_GDPR,
  digestOf,
  organizationActor,
  purposeCoding,
  type ConsentBody,
  type DataUse,
  type ReceiptDocument,
  type StudyProposal,
} from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, consortiumDocument, random } from '../testing/bench.js';
import { Patient, recordInput } from '../testing/patient.js';
import { approval, approve, registeredStudy, studyProposal } from '../testing/study.js';
import { StudyContract } from './study-contract.js';

const studies = new StudyContract();
const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const researcher = caller('ResearchMSP', 'researcher');
const committee = caller('EthicsMSP', 'ethics');

const DIABETES = 'MONDO:0005015';
const TYPE_2 = 'MONDO:0005148';
const ASTHMA = 'MONDO:0004979';
const ABOVE_TYPE_2 = { [TYPE_2]: [DIABETES, 'MONDO:0000001'] };

/** Research by ResearchMSP under terms. */
const underTerms = (dataUse: DataUse): Partial<ConsentBody> => ({
  provision: {
    type: 'permit',
    actor: [organizationActor('ResearchMSP')],
    purpose: [purposeCoding('HRESCH')],
    period: { end: '2030-03-01' },
  },
  dataUse,
});
const about = (...diseases: readonly string[]): Partial<StudyProposal> => ({
  purpose: { aims: ['health'], diseases, undertakings: [] },
});
const diabetesOnly: DataUse = { permission: { code: 'DS', diseases: [DIABETES] }, modifiers: [] };

/** What is thrown has this detail. */
const having = (name: string, value: string) => (error: unknown) =>
  error instanceof VitaledgerError && error.details[name] === value;

describe('StudyContract', () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await Bench.founded();
  });

  /** A patient of the hospital with a record, and a consent to research. */
  const consenting = async (body: Partial<ConsentBody>): Promise<Patient> => {
    const patient = new Patient(bench);
    const as = caller('HospitalMSP', 'registrar');
    await bench.submit(records, 'enrol', { as, input: patient.enrolment() });
    await bench.submit(records, 'register', { as, input: { patient: patient.id, records: [recordInput()] } });
    const statement = patient.consent(body);
    await bench.submit(consents, 'grant', { as, input: { patient: patient.id, statement, salt: random() } });
    return patient;
  };

  const request = async (patient: Patient, study?: string, as = researcher, purpose = 'HRESCH') => {
    const input = {
      patient: patient.id,
      scope: 'content',
      purpose,
      filter: {},
      encryptionKey: patient.key.jwk,
      salt: random(),
      ...(study === undefined ? {} : { study }),
    };
    const receipt = await bench.submit(access, 'request', { as, at: 'HospitalMSP', input });
    return JSON.parse(receipt) as { receipt: string };
  };
  const outcome = async (patient: Patient, study?: string) => {
    const input = await request(patient, study);
    const found = await bench.evaluate(access, 'outcome', { as: researcher, at: 'HospitalMSP', input });
    return (JSON.parse(found) as ReceiptDocument).decision;
  };
  const open = (input: { receipt: string }) =>
    bench.evaluate(access, 'open', { as: researcher, at: 'HospitalMSP', input });
  const study = (state: 'waiting' | 'approved', change: Partial<StudyProposal> = {}) =>
    registeredStudy(bench, 'ResearchMSP', 'EthicsMSP', state, change);

  it('lets terms permit the study that they approve, and no use that names none', async () => {
    const patient = await consenting(underTerms({ permission: { code: 'HMB' }, modifiers: [] }));
    assert.equal((await outcome(patient)).outcome, 'deny');
    const number = await study('waiting');
    const decision = await outcome(patient, number);
    assert.equal(decision.outcome, 'permit');
    assert.deepEqual(decision.consents[0]?.dataUse, { outcome: 'approve', permitted: true, obligations: [] });
    assert.equal(decision.study?.study, number);
    await open(await request(patient, number));
  });

  it('denies what the terms deny, whatever a committee says', async () => {
    const patient = await consenting(underTerms(diabetesOnly));
    const number = await study('approved', { ...about(ASTHMA), ancestors: { [ASTHMA]: ['MONDO:0000001'] } });
    const decision = await outcome(patient, number);
    assert.equal(decision.outcome, 'deny');
    assert.deepEqual(
      [decision.consents[0]?.mismatch, decision.consents[0]?.dataUse?.outcome],
      ['dataUse', 'deny'],
    );
  });

  it('waits for the committee where the terms leave it to people, and ends with its approval', async () => {
    const patient = await consenting(underTerms(diabetesOnly));
    const number = await study('waiting', about());
    await approve(bench, number, 'EthicsMSP');
    assert.equal((await outcome(patient, number)).outcome, 'deny', 'about no disease in particular');
    const unknown = await study('waiting', { purpose: { aims: ['health'], undertakings: [] } });
    const waiting = await outcome(patient, unknown);
    assert.deepEqual([waiting.outcome, waiting.consents[0]?.dataUse?.outcome], ['deny', 'abstain']);
    await approve(bench, unknown, 'EthicsMSP');
    assert.equal((await outcome(patient, unknown)).outcome, 'permit');
    const receipt = await request(patient, unknown);
    await open(receipt);
    await bench.submit(studies, 'revoke', { as: committee, args: [unknown, 'Not done as promised'] });
    await assert.rejects(open(receipt), { code: 'CONSENT_DENIED' });
    assert.equal((await outcome(patient, unknown)).outcome, 'deny');
    assert.equal((await shown(unknown)).state, 'revoked');
  });

  it('believes what a study says of the hierarchy of its diseases once the committee has approved it', async () => {
    const patient = await consenting(underTerms(diabetesOnly));
    const number = await study('waiting', { ...about(TYPE_2), ancestors: ABOVE_TYPE_2 });
    assert.equal((await outcome(patient, number)).consents[0]?.dataUse?.outcome, 'abstain');
    await approve(bench, number, 'EthicsMSP');
    const decision = await outcome(patient, number);
    assert.deepEqual([decision.outcome, decision.consents[0]?.dataUse?.outcome], ['permit', 'approve']);
    assert.equal(decision.study?.approval?.organization, 'EthicsMSP');
  });

  it('takes only the committee’s word for an ethics approval, and ends with it', async () => {
    const patient = await consenting(
      underTerms({ permission: { code: 'GRU' }, modifiers: [{ code: 'IRB' }, { code: 'TS', months: 12 }] }),
    );
    const number = await study('waiting');
    assert.equal((await outcome(patient, number)).consents[0]?.dataUse?.outcome, 'deny');
    await approve(bench, number, 'EthicsMSP');
    assert.equal((await outcome(patient, number)).outcome, 'permit');
    await bench.pass(30 * 86_400_000);
    assert.equal((await outcome(patient, number)).outcome, 'deny');
    assert.equal((await shown(number)).state, 'expired');
    // 12 months from its registration the terms are over too.
    await bench.pass(340 * 86_400_000);
    await approve(bench, number, 'EthicsMSP');
    assert.equal((await outcome(patient, number)).consents[0]?.dataUse?.outcome, 'deny');
  });

  it('opens nothing, whatever terms and committee say, where the law asks for a secure environment', async () => {
    const packs = [EU_GDPR, EU_EHDS];
    for (const pack of packs) {
      const args = [JSON.stringify(pack)];
      await bench.submit(bench.consortium, 'publishPack', { as: caller('HospitalMSP', 'admin'), args });
    }
    const named = packs.map((pack) => ({ id: pack.id, version: pack.version, digest: digestOf(pack) }));
    await bench.adopt(consortiumDocument({ version: 2, packs: named }));
    const patient = await consenting(underTerms({ permission: { code: 'HMB' }, modifiers: [] }));
    const number = await study('approved');
    assert.equal((await outcome(patient, number)).outcome, 'permit');
    await bench.pass(Date.parse('2029-03-26T00:00:00.000Z') - Date.parse(bench.now));
    const later = await study('approved');
    const decision = await outcome(patient, later);
    assert.equal(decision.outcome, 'deny');
    assert.ok(decision.policy?.rules.some(({ rule }) => rule === 'secure-environment'));
    await assert.rejects(open(await request(patient, later)), { code: 'CONSENT_DENIED' });
  });

  it('ends a request that was endorsed before the approval was taken back', async () => {
    const patient = await consenting(
      underTerms({ permission: { code: 'GRU' }, modifiers: [{ code: 'IRB' }] }),
    );
    const number = await study('approved');
    const input = {
      patient: patient.id,
      scope: 'metadata',
      purpose: 'HRESCH',
      filter: {},
      encryptionKey: patient.key.jwk,
      study: number,
      salt: random(),
    };
    const call = { as: researcher, at: 'HospitalMSP', input };
    const held = bench.begin(call);
    await bench.execute(access, 'request', call, held);
    assert.equal(held.reads.length, 4, 'clock, consortium, patient head, study');
    await bench.submit(studies, 'revoke', { as: committee, args: [number, 'Not done as promised'] });
    assert.equal(held.commit(), false);
  });

  it('loses its approval at once, whatever the clock of the channel or of the committee says', async () => {
    const patient = await consenting(
      underTerms({ permission: { code: 'GRU' }, modifiers: [{ code: 'IRB' }] }),
    );
    const number = await study('approved');
    const receipt = await request(patient, number);
    // Long after the last beat; the one who asks has a clock that is behind.
    bench.skip(20 * 60_000);
    await assert.rejects(request(patient, number), having('reason', 'CLOCK_STALE'));
    await bench.submit(studies, 'revoke', { as: committee, args: [number, 'Not done as promised'] });
    bench.skip(-19 * 60_000);
    await assert.rejects(open(receipt), { code: 'CONSENT_DENIED' });
    assert.equal((await shown(number)).state, 'revoked');
    // Never before the clock.
    const another = await study('approved');
    bench.skip(-20 * 60_000);
    const early = bench.submit(studies, 'revoke', { as: committee, args: [another, 'Backdated'] });
    await assert.rejects(early, having('reason', 'TIMESTAMP_BEFORE_CLOCK'));
  });

  it('is asked for by its own organization only, and for research only', async () => {
    const patient = await consenting(underTerms({ permission: { code: 'HMB' }, modifiers: [] }));
    const number = await study('approved');
    const other = caller('HospitalMSP', 'investigator');
    await assert.rejects(request(patient, number, other), having('reason', 'NOT_OF_THE_STUDY'));
    await assert.rejects(request(patient, 'VS-0000000000000000'), { code: 'NOT_FOUND' });
    const treating = caller('HospitalMSP', 'practitioner');
    await assert.rejects(request(patient, number, treating, 'TREAT'), { code: 'INVALID_ARGUMENT' });
  });

  it('refuses terms on anything but a permission of research', async () => {
    const dataUse: DataUse = { permission: { code: 'HMB' }, modifiers: [] };
    const cases: readonly (readonly [string, Partial<ConsentBody>])[] = [
      ['statement.body.provision.purpose', { dataUse }],
      ['statement.body.provision.purpose', { recontact: true }],
      [
        'statement.body.provision.type',
        { dataUse, provision: { type: 'deny', purpose: [purposeCoding('HRESCH')] } },
      ],
      [
        'statement.body.dataUse.modifiers',
        underTerms({ permission: { code: 'NRES' }, modifiers: [{ code: 'PUB' }] }),
      ],
    ];
    for (const [path, body] of cases) {
      await assert.rejects(consenting(body), having('path', path), path);
    }
  });

  const shown = async (number: string) =>
    JSON.parse(await bench.evaluate(studies, 'get', { as: researcher, args: [number] })) as { state: string };

  it('lets a later decision take the place of the one before, and lists all studies by pages', async () => {
    const number = await study('waiting');
    assert.equal((await shown(number)).state, 'waiting');
    const refusal = [number, JSON.stringify({ approved: false, comment: 'Too vague' })];
    await bench.submit(studies, 'decide', { as: committee, args: refusal });
    assert.equal((await shown(number)).state, 'refused');
    await assert.rejects(
      bench.submit(studies, 'revoke', { as: committee, args: [number, 'again'] }),
      having('reason', 'NOT_APPROVED'),
    );
    await approve(bench, number, 'EthicsMSP');
    assert.equal((await shown(number)).state, 'approved');
    const others = [await study('waiting'), await study('waiting')];
    const page = async (query: object) =>
      JSON.parse(
        await bench.evaluate(studies, 'list', { as: researcher, args: [JSON.stringify(query)] }),
      ) as {
        studies: { study: string }[];
        bookmark: string;
      };
    const first = await page({ pageSize: 2 });
    const second = await page({ bookmark: first.bookmark });
    assert.deepEqual(
      [...first.studies, ...second.studies].map((one) => one.study),
      [number, ...others].sort(),
    );
    assert.equal(second.bookmark, '');
  });

  it('refuses a committee of its own or none, persons, and what only a committee may say', async () => {
    const register = (proposal: object) =>
      bench.submit(studies, 'register', { as: researcher, args: [JSON.stringify(proposal)] });
    const good = studyProposal('EthicsMSP');
    await assert.rejects(register({ ...good, committee: 'ResearchMSP' }), { code: 'PERMISSION_DENIED' });
    await assert.rejects(register({ ...good, committee: 'HospitalMSP' }), having('path', 'study.committee'));
    for (const [path, change] of [
      ['study.title', { title: ' ' }],
      ['study', { title: 'Ask jane@example.org' }],
      ['study.purpose.users', { purpose: { ...good.purpose, users: ['jane'] } }],
      ['study.purpose.ethics', { purpose: { ...good.purpose, ethics: { digest: random(256) } } }],
      ['study.ancestors', { ancestors: ABOVE_TYPE_2 }],
      ['study.trial', { trial: 'NCT1' }],
    ] as const) {
      await assert.rejects(register({ ...good, ...change }), having('path', path), path);
    }
    const number = await study('waiting');
    const decide = (verdict: object) =>
      bench.submit(studies, 'decide', { as: committee, args: [number, JSON.stringify(verdict)] });
    const approved = approval(bench);
    await assert.rejects(
      decide({ approved: true, until: approved.until }),
      having('path', 'decision.document'),
    );
    await assert.rejects(
      decide({ approved: false, until: approved.until }),
      having('path', 'decision.until'),
    );
    await assert.rejects(
      decide({ ...approved, until: '2028-03-01T00:00:00.000Z' }),
      having('path', 'decision.until'),
    );
  });
});
