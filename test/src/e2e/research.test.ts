import { PatientKey, permission, type CohortProgress, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { all, condition } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const DIABETES = 'MONDO:0005015';
const TYPE_2 = 'MONDO:0005148';

describe('research on patients’ records', () => {
  let registrar: Vitaledger;
  let researcher: Vitaledger;
  let ethics: Vitaledger;

  before(async () => {
    registrar = await as('hospital', 'registrar');
    researcher = await as('research', 'researcher');
    ethics = await as('ethics', 'ethics');
  });

  const approval = () => ({
    approved: true,
    document: createHash('sha256').update('letter').digest('hex'),
    until: new Date(Date.now() + 86_400_000).toISOString(),
  });

  it('goes by the patient’s data-use terms, and by a committee where they leave it to people', async () => {
    const key = await PatientKey.generate();
    const token = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
    await registrar.records.register(token.patient, condition());
    const consent = await key.consent({
      patients: [token],
      provision: permission({ to: [{ organization: 'ResearchMSP' }], purposes: ['HRESCH'] }),
      dataUse: { permission: { code: 'DS', diseases: [DIABETES] }, modifiers: [{ code: 'NPU' }] },
      text: { content: 'Research on diabetes, not for profit, may use my records.', language: 'en' },
    });
    await registrar.consents.grant({ consent, patients: [token], key });

    const question = { ...token, purpose: 'HRESCH', scope: 'metadata' } as const;
    const read = (study?: string) =>
      all(researcher.access.read(study === undefined ? question : { ...question, study }));
    await refused('CONSENT_DENIED', read());

    const proposal = {
      title: 'Blood pressure in type 2 diabetes',
      purpose: { aims: ['health'], diseases: [TYPE_2], notForProfit: true, undertakings: [] },
      ancestors: { [TYPE_2]: [DIABETES] },
      committee: 'EthicsMSP',
    } as const;
    const study = await researcher.studies.register(proposal);
    const waiting = await researcher.access.request({ ...question, study });
    const { decision } = await researcher.access.outcome(waiting);
    assert.equal(decision.consents[0]?.dataUse?.outcome, 'abstain');
    await refused('PERMISSION_DENIED', researcher.studies.decide(study, approval()));
    await ethics.studies.decide(study, approval());
    assert.equal((await read(study)).length, 1);

    const commercial = await researcher.studies.register({
      ...proposal,
      purpose: { ...proposal.purpose, notForProfit: false },
    });
    await ethics.studies.decide(commercial, approval());
    await refused('CONSENT_DENIED', read(commercial));

    const receipt = await researcher.access.request({ ...question, study });
    await ethics.studies.revoke(study, 'The protocol was not kept');
    assert.equal((await researcher.studies.get(study)).state, 'revoked');
    // The hospital's peer may learn of it a moment later than the one that was asked.
    const end = Date.now() + 10_000;
    let refusal: unknown;
    while (refusal === undefined && Date.now() < end)
      refusal = await all(researcher.access.open(receipt)).then(
        () => undefined,
        (error: unknown) => error,
      );
    assert.equal((refusal as { code: string }).code, 'CONSENT_DENIED');
    const log = await all(registrar.access.log(token, key));
    assert.ok(log.some((entry) => entry.study === commercial && entry.outcome === 'deny'));
  });

  it('counts patients for a study: asked by a researcher, counted by the custodian, told in cells of ten', async () => {
    const study = await researcher.studies.register({
      title: 'Blood pressure in the old',
      purpose: { aims: ['health'], undertakings: [] },
      committee: 'EthicsMSP',
    });
    const inquiry = { custodian: 'HospitalMSP', study, question: 'askable' } as const;
    const early = await refused('PRECONDITION_FAILED', researcher.cohorts.ask(inquiry));
    assert.equal(early.details.reason, 'NOT_APPROVED');
    await ethics.studies.decide(study, approval());
    const enrolled = Array.from({ length: 20 }, async () => {
      const key = await PatientKey.generate();
      const token = await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'US-CA' });
      const consent = await key.consent({
        patients: [token],
        provision: permission({ to: [{ organization: 'HospitalMSP' }], purposes: ['HRESCH'] }),
        recontact: true,
        text: { content: 'The hospital may ask me about studies.', language: 'en' },
      });
      const { complete } = await registrar.consents.grant({ consent, patients: [token], key });
      assert.ok(complete);
    });
    await Promise.all(enrolled);

    const receipt = await researcher.cohorts.ask(inquiry);
    const waiting = await refused('PRECONDITION_FAILED', researcher.cohorts.read(receipt));
    assert.equal(waiting.details.reason, 'NOT_ANSWERED_YET');
    const hospital = await as('hospital', 'service');
    // Others of the suite may have asked this custodian as well.
    assert.ok((await all(hospital.cohorts.pending())).includes(receipt.receipt));
    const practitioner = await as('hospital', 'practitioner');
    await refused('PERMISSION_DENIED', practitioner.cohorts.answer(receipt.receipt));
    // Interrupted after the first page, it goes on from there.
    let progress: CohortProgress | undefined;
    const interrupted = hospital.cohorts.answer(receipt.receipt, {
      pageSize: 7,
      onProgress: (reached) => {
        progress = reached;
        throw new Error('interrupted');
      },
    });
    await assert.rejects(interrupted, /interrupted/);
    assert.equal(progress?.looked, 7);
    const looked = await hospital.cohorts.answer(receipt.receipt, { pageSize: 7, resume: progress });
    assert.ok(looked >= 20);

    const { count, cell } = await researcher.cohorts.read(receipt);
    assert.deepEqual([[10, 20].includes(count), cell], [true, 10]);
    const again = await refused('PRECONDITION_FAILED', researcher.cohorts.ask(inquiry));
    assert.equal(again.details.reason, 'ASKED_RECENTLY');
    const log = await all(registrar.cohorts.log());
    assert.ok(log.some((query) => query.study === study && query.answer?.count === count));
  });
});
