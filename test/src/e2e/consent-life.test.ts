import {
  explain,
  fillTemplate,
  formatRevocation,
  fromFhirConsent,
  parseRevocation,
  PatientKey,
  permission,
  proofOf,
  termsInForce,
  toFhirConsent,
  verifyProof,
  VitaledgerError,
  type PatientToken,
  type ReleasedRecord,
  type SignedConsent,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const doctor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;

const classOf = ({ metadata }: ReleasedRecord): string => metadata.class;

/** The code of a refusal; what is none is a defect. */
function codeOf(error: unknown): string {
  if (error instanceof VitaledgerError) return error.code;
  throw error;
}

describe('one key for several patients', () => {
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  let key: PatientKey;
  let [first, second]: PatientToken[] = [];

  before(async () => {
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
    const registrar = await as('hospital', 'registrar');
    key = await PatientKey.generate();
    [first, second] = [
      await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'DE' }),
      await registrar.patients.enrol({ keys: key.publicKeys, jurisdiction: 'DE' }),
    ];
    for (const { patient } of [first, second]) await hospital.records.register(patient, condition());
  });

  it('cannot be turned by a relay from the one to the other, and keeps a chain for each', async () => {
    const terms = {
      provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] }),
      text: { content: 'The clinic may read the records of my child.', language: 'en' },
    };
    const consent = await key.consent({ ...terms, patients: [first!] });
    const misled = await clinic.consents.grant({ consent, patients: [second!] });
    assert.equal(misled.deliveries[0]?.error?.details.reason, 'OTHER_PATIENT');
    assert.ok((await clinic.consents.grant({ consent, patients: [first!], key })).complete);
    await eventually(
      () => all(clinic.access.read({ ...first!, purpose: 'TREAT' })).catch(codeOf),
      (found) => Array.isArray(found) && found.length === 1,
    );
    await refused('CONSENT_DENIED', all(clinic.access.read({ ...second!, purpose: 'TREAT' })));
    const other = await key.consent({ ...terms, patients: [second!] });
    assert.ok((await clinic.consents.grant({ consent: other, patients: [second!], key })).complete);
    assert.deepEqual(
      [
        (await clinic.consents.list(first!, key)).sequence,
        (await clinic.consents.list(second!, key)).sequence,
      ],
      [1, 1],
    );
  });
});

describe('amending a consent', () => {
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  let patient: TestPatient;
  const provision = (classes: readonly string[]) =>
    permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'], classes });
  const text = { content: 'The clinic may read what is listed.', language: 'en' };

  const grant = async (): Promise<SignedConsent> => {
    const patients = Object.values(patient.at);
    const consent = await patient.key.consent({ patients, provision: provision(['Condition']), text });
    const report = await clinic.consents.grant({ consent, patients, key: patient.key });
    assert.ok(report.complete, String(report));
    return consent;
  };

  /** Waits until the custodian's peer, too, has what was granted. */
  const opens = (custodian: string, only: string): Promise<unknown> => {
    const question = { ...patient.at[custodian]!, purpose: 'TREAT' };
    const read = () => all(clinic.access.read(question)).catch(codeOf);
    return eventually(read, (found) => Array.isArray(found) && found.map(classOf).join() === only);
  };

  before(async () => {
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
  });

  beforeEach(async () => {
    patient = await enrol(['hospital', 'HospitalMSP'], ['clinic', 'ClinicMSP']);
    for (const [custodian, ledger] of [
      ['HospitalMSP', hospital],
      ['ClinicMSP', clinic],
    ] as const) {
      await ledger.records.register(patient.at[custodian]!.patient, condition());
      await ledger.records.register(patient.at[custodian]!.patient, observation());
    }
  });

  it('puts the new terms in the place of the old ones at every custodian, and keeps both as they were signed', async () => {
    const { key } = patient;
    const patients = Object.values(patient.at);
    const before = await grant();
    await opens('HospitalMSP', 'Condition');
    const consent = await key.amend(before, { patients, provision: provision(['Observation']), text });
    const secret = await key.revocationSecret(before.consent, before.version);
    const { delivered } = await clinic.consents.amend({ consent, secret, patients, key });
    assert.ok(delivered.complete, String(delivered));
    for (const custodian of Object.keys(patient.at)) {
      await opens(custodian, 'Observation');
      const token = patient.at[custodian]!;
      const history = await all(clinic.consents.history(token, key));
      assert.deepEqual(
        history.map((entry) => entry.type === 'signed' && entry.jws),
        [before.jws, consent.jws],
      );
      const [first] = history;
      assert.ok(first?.type === 'signed');
      const proven = verifyProof(proofOf(first, token, key.publicKeys[0]!.jwk, text.content));
      assert.deepEqual([proven.isText, proven.issued], [true, first.statement.issued]);
    }
  });

  it('goes on where a custodian was down: meanwhile neither version is in force there', async function () {
    this.timeout(180_000);
    const { key } = patient;
    const patients = Object.values(patient.at);
    const before = await grant();
    const consent = await key.amend(before, { patients, provision: provision(['Observation']), text });
    const secret = await key.revocationSecret(before.consent, before.version);
    const receipt = await clinic.access.request({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
    const network = await suiteNetwork();
    await network.stopPeer('hospital');
    try {
      const { delivered } = await clinic.consents.amend({ consent, secret, patients, key });
      assert.deepEqual([delivered.accepted, delivered.missing], [['ClinicMSP'], ['HospitalMSP']]);
      await opens('ClinicMSP', 'Observation');
    } finally {
      await network.startPeer('hospital');
    }
    await eventually(
      () => all(clinic.access.open(receipt)).catch(codeOf),
      (found) => found === 'CONSENT_DENIED',
    );
    const again = await clinic.consents.amend({ consent, secret, patients, key });
    assert.ok(again.delivered.complete, String(again.delivered));
    await opens('HospitalMSP', 'Observation');
  });
});

describe('what the patient forbids', () => {
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  let patient: TestPatient;
  let token: PatientToken;

  const outcome = async (purpose: string, expected: string): Promise<void> => {
    const researcher = await as('research', 'researcher');
    const asking = purpose === 'HRESCH' ? researcher : clinic;
    await eventually(
      async () => {
        const receipt = await asking.access.request({
          ...token,
          purpose,
          filter: { classes: ['Condition'] },
        });
        const { decision } = await asking.access.outcome(receipt);
        return decision.classes.Condition?.outcome === 'deny' ? decision.classes.Condition.reason : 'permit';
      },
      (found) => found === expected,
    );
  };

  beforeEach(async () => {
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
    patient = await enrol(['hospital', 'HospitalMSP']);
    token = patient.at.HospitalMSP!;
    await hospital.records.register(token.patient, condition());
    const provision = permission({
      to: [{ organization: 'ClinicMSP' }, { organization: 'ResearchMSP' }],
      purposes: ['TREAT', 'HRESCH'],
    });
    const text = { content: 'Treatment and research.', language: 'en' };
    const consent = await patient.key.consent({ patients: [token], provision, text });
    assert.ok((await hospital.consents.grant({ consent, patients: [token], key: patient.key })).complete);
  });

  it('opts out of secondary use in one call, and in again', async () => {
    await outcome('HRESCH', 'permit');
    const { prohibition, delivered } = await hospital.prohibitions.optOut({
      patients: [token],
      key: patient.key,
    });
    assert.ok(delivered.complete, String(delivered));
    await outcome('HRESCH', 'OPT_OUT');
    await outcome('TREAT', 'permit');
    const secret = await patient.key.revocationSecret(prohibition.id);
    await hospital.prohibitions.lift({ prohibition: prohibition.id, secret, patients: [token] });
    await outcome('HRESCH', 'permit');
  });

  it('restricts processing, and objects to purposes', async () => {
    const { key } = patient;
    const { purpose } = permission({ to: [], purposes: ['HRESCH'] });
    const provision = { type: 'deny' as const, purpose: purpose! };
    await hospital.prohibitions.object({ patients: [token], key, provision });
    await outcome('HRESCH', 'OBJECTION');
    await hospital.prohibitions.restrict({ patients: [token], key, provision: { type: 'deny' } });
    await outcome('TREAT', 'RESTRICTION');
    await refused('CONSENT_DENIED', all(clinic.access.read({ ...token, purpose: 'TREAT' })));
  });
});

describe('keys and paper', () => {
  let registrar: Vitaledger;
  let hospital: Vitaledger;
  let clinic: Vitaledger;
  const document = 'd'.repeat(64);
  const text = { content: 'Die Klinik darf meine Akten lesen, um mich zu behandeln.', language: 'de' };
  const provision = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] });

  const reads = (token: PatientToken, expected: number | 'CONSENT_DENIED'): Promise<unknown> =>
    eventually(
      () => all(clinic.access.read({ ...token, purpose: 'TREAT' })).catch(codeOf),
      (found) => (Array.isArray(found) ? found.length : found) === expected,
    );

  before(async () => {
    registrar = await as('hospital', 'registrar');
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
  });

  it('rotate: the new key goes on where the old one was, and can still revoke what the old one granted', async () => {
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const token = patient.at.HospitalMSP!;
    await hospital.records.register(token.patient, condition());
    const consent = await patient.key.consent({ patients: [token], provision, text });
    assert.ok((await hospital.consents.grant({ consent, patients: [token], key: patient.key })).complete);
    const { key, statement } = await patient.key.rotate([token]);
    const report = await hospital.patients.rotate({ statement, key, patients: [token] });
    assert.ok(report.complete, String(report));
    const held = await hospital.consents.list(token, key);
    assert.equal(held.sequence, 2);
    await refused('PERMISSION_DENIED', hospital.consents.list(token, patient.key));
    await reads(token, 1);
    const secret = await key.revocationSecret(consent.consent);
    await hospital.consents.revoke({ consent: consent.consent, secret, patients: [token] });
    await reads(token, 'CONSENT_DENIED');
  });

  it('a consent on paper is recorded for a patient without a device, marked in receipts, and revoked with the slip', async () => {
    const { custodian, patient } = await registrar.patients.enrol({ keys: [], jurisdiction: 'DE' });
    const token = { custodian, patient };
    await hospital.records.register(patient, condition());
    const source = { form: 'paper', document } as const;
    const recorded = await registrar.patients.recordConsent({ patient, provision, text, source });
    await reads(token, 1);
    const receipt = await clinic.access.request({ ...token, purpose: 'TREAT' });
    const { decision } = await clinic.access.outcome(receipt);
    assert.deepEqual(decision.consents[0]?.recorded, source);
    const slip = parseRevocation(formatRevocation(recorded));
    const pharmacy = await as('pharmacy', 'service');
    await pharmacy.consents.revoke(slip);
    await eventually(
      () => all(clinic.access.open(receipt)).catch(codeOf),
      (found) => found === 'CONSENT_DENIED',
    );
    await refused(
      'PERMISSION_DENIED',
      (await as('hospital', 'practitioner')).patients.recordConsent({ patient, provision, text, source }),
    );
  });

  it('a lost phone is replaced by the registrar alone, which the key says for ever', async () => {
    const patient = await enrol(['hospital', 'HospitalMSP']);
    const token = patient.at.HospitalMSP!;
    const fresh = await PatientKey.generate();
    await registrar.patients.recover({ patient: token.patient, document, keys: fresh.publicKeys });
    const held = await hospital.consents.list(token, fresh);
    assert.deepEqual(
      held.keys?.map(({ origin }) => origin),
      ['registrar', 'registrar'],
    );
    const [entry] = await all(hospital.consents.history(token, fresh));
    assert.ok(entry?.type === 'recorded' && entry.record.kind === 'keys');
  });
});

describe('a consent from a template', () => {
  it('does what its text and its preview say, and goes to FHIR and back', async () => {
    const hospital = await as('hospital', 'service', { actor: doctor });
    const clinic = await as('clinic', 'service', { actor: doctor });
    const { key, at } = await enrol(['hospital', 'HospitalMSP']);
    const token = at.HospitalMSP!;
    await hospital.records.register(token.patient, condition());
    await hospital.records.register(token.patient, observation());
    const organization = { mspId: 'ClinicMSP', name: 'Specialist Clinic' };
    const { provision, text, digest } = fillTemplate('treatment-of-some', {
      language: 'en',
      organization,
      classes: ['Condition'],
    });
    const now = termsInForce(await hospital.consents.list(token, key));
    const asked = { mspId: 'ClinicMSP', subject: 'anybody', role: 'practitioner' } as const;
    const questions = [
      { custodian: 'HospitalMSP', actor: asked, scope: 'content', purpose: 'TREAT', filter: {} } as const,
    ];
    const planned = [{ consent: 'planned', version: 1, provision }];
    const [preview] = explain({ ...now, planned, questions, instant: new Date().toISOString() });
    assert.deepEqual(preview?.changes, [{ class: 'Condition', before: 'deny', after: 'permit' }]);

    const resource = toFhirConsent({ provision, text: { ...text, digest }, custodians: [token.custodian] });
    const read = fromFhirConsent(JSON.parse(JSON.stringify(resource)));
    const consent = await key.consent({ patients: [token], provision: read.provision, text });
    assert.ok((await hospital.consents.grant({ consent, patients: [token], key })).complete);
    await eventually(
      () => all(clinic.access.read({ ...token, purpose: 'TREAT' })).catch(codeOf),
      (found) => Array.isArray(found) && found.map(classOf).join() === 'Condition',
    );
    const held = termsInForce(await hospital.consents.list(token, key));
    const gone = explain({
      ...held,
      revoked: [consent.consent],
      questions,
      instant: new Date().toISOString(),
    });
    assert.deepEqual(gone[0]?.changes, [{ class: 'Condition', before: 'permit', after: 'deny' }]);
    const [entry] = await all(hospital.consents.history(token, key));
    assert.ok(entry?.type === 'signed' && entry.statement.kind === 'consent');
    assert.equal(entry.statement.body.text.digest, digest);
  });
});
