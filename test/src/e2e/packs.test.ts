import { permission } from '@vitaledger/client';
import { digestOf, SYSTEMS, US_42CFR2, US_HIPAA, type LegalClass } from '@vitaledger/domain';
import assert from 'node:assert/strict';
import { all, enrol, grantToClinic, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const own = (classes: readonly LegalClass[]) => ({ origin: { classes } });

/** A patient of the hospital with an ordinary record and one of a legal class, and the clinic that asks. */
async function withSpecialRecord(legalClass: LegalClass) {
  const hospital = await as('hospital', 'service', {
    actor: { role: 'practitioner', subject: '0b7c6f0f3c5e4a0d8a1f2e3d4c5b6a79' },
  });
  const clinic = await as('clinic', 'practitioner');
  const patient = await enrol(['hospital', 'HospitalMSP']);
  const at = patient.at.HospitalMSP!;
  const [ordinary = ''] = (await hospital.records.register(at.patient, observation(120))).records;
  const special = await hospital.records.register(at.patient, observation(140), own([legalClass]));
  return { hospital, clinic, patient, at, ordinary, special: special.records[0] ?? '' };
}

/** Consents to treatment by the clinic with records of a legal class, which it names. */
async function grantNaming(
  relay: Awaited<ReturnType<typeof as>>,
  patient: TestPatient,
  legalClass: LegalClass,
) {
  const limits = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] });
  const code = [{ coding: [{ system: SYSTEMS.legalClass, code: legalClass }] }];
  const patients = Object.values(patient.at);
  const text = { content: 'The clinic may read these notes, too.', language: 'en' };
  const consent = await patient.key.consent({ patients, provision: { ...limits, code }, text });
  const report = await relay.consents.grant({ consent, patients, key: patient.key });
  assert.ok(report.complete, String(report));
}

describe('policy packs', () => {
  it('are in force from the founding, as the topology names them, and readable by every member', async () => {
    const clinic = await as('clinic', 'service');
    const { packs } = await clinic.consortium.document('care');
    assert.deepEqual(
      packs,
      [US_HIPAA, US_42CFR2].map((pack) => ({
        id: pack.id,
        version: pack.version,
        digest: digestOf(pack),
        consentFirst: true,
      })),
    );
    for (const { id, digest } of packs) assert.equal((await clinic.consortium.pack('care', digest)).id, id);
  });

  it('come from administrators only, must be sound, and are named only when the ledger holds them', async () => {
    const admin = await as('hospital', 'Admin');
    const service = await as('hospital', 'service');
    const next = { ...US_HIPAA, version: 2 };
    await refused('PERMISSION_DENIED', service.consortium.publishPack('registry', next));
    const [first] = next.rules;
    const boundless = { ...next, rules: [{ ...first!, when: { purposes: ['PATRQT'] } }] };
    const error = await refused('INVALID_ARGUMENT', admin.consortium.publishPack('registry', boundless));
    assert.equal(error.details.path, 'pack.rules[0].when');
    const document = await admin.consortium.document('registry');
    const packs = [{ id: next.id, version: 2, digest: digestOf(next) }];
    const proposal = { ...document, version: document.version + 1, packs };
    const missing = await refused('NOT_FOUND', admin.consortium.propose('registry', proposal));
    assert.equal(missing.details.reason, 'PACK_NOT_PUBLISHED');
    await admin.consortium.publishPack('registry', next);
    await refused('ALREADY_EXISTS', admin.consortium.publishPack('registry', next));
  });

  it('keep psychotherapy notes closed under a consent to everything; one that names them opens them', async () => {
    const { hospital, clinic, patient, at, ordinary, special } =
      await withSpecialRecord('psychotherapy-notes');
    const read = async () =>
      (await all(clinic.access.read({ ...at, purpose: 'TREAT' }))).map(({ metadata }) => metadata.id);
    await grantToClinic(hospital, patient);
    assert.deepEqual(await read(), [ordinary]);
    const receipt = await clinic.access.request({ ...at, purpose: 'TREAT' });
    const { decision } = await clinic.access.outcome(receipt);
    assert.equal(decision.engine, 'vitaledger/decision/2');
    assert.deepEqual(
      decision.policy?.packs.map(({ id, version, for: parties }) => [id, version, parties]),
      [
        ['us-42cfr2', 1, ['custodian', 'recipient']],
        ['us-hipaa', 1, ['custodian', 'recipient']],
      ],
      'and the requester is not told where the patient is at home',
    );
    assert.equal(decision.policy.parties.patient, undefined);
    assert.ok(
      decision.policy.rules.some(
        ({ rule, citation }) => rule === 'psychotherapy-notes' && citation.includes('164.508(a)(2)'),
      ),
    );
    await grantNaming(hospital, patient, 'psychotherapy-notes');
    assert.deepEqual((await read()).sort(), [ordinary, special].sort());
  });

  it('make an explanation of the consent and a notice travel with a Part 2 record', async () => {
    const { hospital, clinic, patient, at, special } = await withSpecialRecord('part2-program');
    const consent = await grantToClinic(hospital, patient);
    const released = await all(
      clinic.access.read({ ...at, purpose: 'TREAT', filter: { records: [special] } }),
    );
    assert.deepEqual(
      released.map(({ metadata }) => metadata.origin),
      [{ organization: 'HospitalMSP', classes: ['part2-program'] }],
    );
    const notices = released[0]?.accompanying ?? [];
    assert.deepEqual(
      notices.map(({ obligation, consents }) => [
        obligation,
        consents?.map((one) => [one.consent, one.purposes]),
      ]),
      [
        ['explain-consent', [[consent, ['TREAT']]]],
        ['redisclosure-notice', undefined],
      ],
    );
  });

  it('let nothing pass without consent where the consortium asks the patient first', async () => {
    const { clinic, at } = await withSpecialRecord('part2-program');
    const receipt = await clinic.access.request({ ...at, purpose: 'TREAT' });
    const { decision } = await clinic.access.outcome(receipt);
    assert.equal(decision.outcome, 'deny');
    await refused('CONSENT_DENIED', all(clinic.access.open(receipt)));
  });

  it('give the patient their own records at their signature, whatever consents say, for nobody else to read', async () => {
    const { hospital, patient, at, ordinary, special } = await withSpecialRecord('part2-program');
    const registrar = await as('hospital', 'registrar');
    const receipt = await registrar.access.requestOwn({ ...at }, patient.key);
    const released = await all(registrar.access.open(receipt));
    assert.deepEqual(released.map(({ metadata }) => metadata.id).sort(), [ordinary, special].sort());
    await refused('CONSENT_DENIED', all(registrar.access.read({ ...at, purpose: 'PATRQT' })));
    const [entry] = await all(hospital.access.log(at, patient.key));
    assert.equal(entry?.evidence, 'patient');
    assert.ok(entry.policies?.some(({ rule, effect }) => rule === 'own-access' && effect === 'duty'));
  });
});
