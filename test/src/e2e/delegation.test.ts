import {
  PatientKey,
  permission,
  VitaledgerError,
  type PatientToken,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const doctor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
const document = createHash('sha256').update('a scanned document').digest('hex');
const text = { content: 'What this is about, in plain words.', language: 'en' };
const treatment = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] });

/** The code of a refusal; what is none is a defect. */
function codeOf(error: unknown): string {
  if (error instanceof VitaledgerError) return error.code;
  throw error;
}

const signingKey = (key: PatientKey) => key.publicKeys.find(({ use }) => use === 'sig')!.jwk;

describe('acting for a patient', () => {
  let registrar: Vitaledger;
  let hospital: Vitaledger;
  let clinic: Vitaledger;

  const reads = (token: PatientToken, count: number): Promise<unknown> =>
    eventually(
      () => all(clinic.access.read({ ...token, purpose: 'TREAT' })).catch(codeOf),
      (found) => (count === 0 ? found === 'CONSENT_DENIED' : Array.isArray(found) && found.length === count),
    );

  const grant = async (key: PatientKey, token: PatientToken, provision = treatment): Promise<string> => {
    // Brings the memory of the chain up to date: others have signed too.
    await hospital.consents.list(token, key);
    const consent = await key.consent({ patients: [token], provision, text });
    const { deliveries } = await hospital.consents.grant({ consent, patients: [token], key });
    if (deliveries[0]?.error) throw deliveries[0].error;
    return consent.consent;
  };

  before(async () => {
    registrar = await as('hospital', 'registrar');
    hospital = await as('hospital', 'service', { actor: doctor });
    clinic = await as('clinic', 'service', { actor: doctor });
  });

  describe('as a proxy', () => {
    let patient: TestPatient;
    let token: PatientToken;
    let proxy: PatientKey;

    beforeEach(async () => {
      patient = await enrol(['hospital', 'HospitalMSP']);
      token = patient.at.HospitalMSP!;
      await hospital.records.register(token.patient, condition());
      proxy = await PatientKey.generate();
    });

    it('consents and reads the log in their own name, within what was delegated, until it is revoked', async () => {
      const { delegation, delivered } = await hospital.delegations.grant({
        key: patient.key,
        patients: [token],
        to: signingKey(proxy),
        acts: ['consent', 'log'],
        purposes: ['TREAT'],
        text,
      });
      assert.ok(delivered.complete, String(delivered));
      const research = permission({ to: [{ organization: 'ResearchMSP' }], purposes: ['HRESCH'] });
      const error = await refused('PERMISSION_DENIED', grant(proxy, token, research));
      assert.equal(error.details.reason, 'PURPOSE_NOT_DELEGATED');
      await grant(proxy, token);
      await reads(token, 1);
      assert.ok((await all(hospital.access.log(token, proxy))).length > 0);
      const asked = await clinic.access.request({ ...token, purpose: 'TREAT' });
      const notice = await hospital.notifications.notice(token, proxy, asked.receipt);
      assert.deepEqual([notice.kind, notice.entry?.outcome], ['access', 'permit']);
      const history = await all(hospital.consents.history(token, patient.key));
      const [, second] = history;
      assert.ok(second?.type === 'signed');
      assert.equal(second.by?.delegation, delegation.id);

      const secret = await patient.key.revocationSecret(delegation.id);
      await hospital.delegations.revoke({ delegation: delegation.id, secret });
      await refused('PERMISSION_DENIED', all(hospital.access.log(token, proxy)));
      await reads(token, 1);
    });

    it('reads the records, which the log says, until the delegation is revoked', async () => {
      const own = permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['PATRQT'] });
      await grant(patient.key, token, own);
      const { delegation } = await hospital.delegations.grant({
        key: patient.key,
        patients: [token],
        to: signingKey(proxy),
        acts: ['records', 'log'],
        text,
      });
      await eventually(
        () => clinic.consents.list(token, proxy),
        ({ sequence }) => sequence === 2,
      );
      const receipt = await clinic.access.requestOwn(token, proxy);
      await eventually(
        () => all(clinic.access.open(receipt)),
        (found) => found.length === 1,
      );
      const log = await all(clinic.access.log(token, patient.key));
      assert.equal(log.at(-1)?.delegation?.id, delegation.id);
      const secret = await patient.key.revocationSecret(delegation.id);
      await hospital.delegations.revoke({ delegation: delegation.id, secret });
      await eventually(
        () => all(clinic.access.open(receipt)).catch(codeOf),
        (found) => found === 'PERMISSION_DENIED',
      );
      await refused('PERMISSION_DENIED', clinic.access.requestOwn(token, await PatientKey.generate()));
    });

    it('cannot hand it on', async () => {
      const terms = { patients: [token], acts: ['consent', 'log'] as const, text };
      await hospital.delegations.grant({ ...terms, key: patient.key, to: signingKey(proxy) });
      await hospital.consents.list(token, proxy);
      const to = signingKey(await PatientKey.generate());
      const { delivered } = await hospital.delegations.grant({ ...terms, key: proxy, to });
      assert.equal(delivered.deliveries[0]?.error?.details.reason, 'NOT_DELEGATED');
    });

    it('helps to recover the keys of a lost phone; consents stay, the old key signs nothing more', async () => {
      await grant(patient.key, token);
      await hospital.delegations.grant({
        key: patient.key,
        patients: [token],
        to: signingKey(proxy),
        acts: ['recover'],
        text,
      });
      await hospital.consents.list(token, proxy);
      const fresh = await PatientKey.generate();
      const keys = fresh.publicKeys;
      const confirmation = await proxy.confirmKeys({ patients: [token], add: keys });
      await registrar.patients.recover({ patient: token.patient, document, keys, confirmation });
      const held = await hospital.consents.list(token, fresh);
      assert.deepEqual(
        held.keys?.filter(({ to }) => to === undefined).map(({ origin }) => origin),
        ['delegate', 'delegate'],
      );
      assert.equal(held.consents.length, 1);
      await reads(token, 1);
      await refused('PERMISSION_DENIED', hospital.consents.list(token, patient.key));
      // The seed that revokes is lost with the phone; the new key takes the consent back by its word.
      const id = held.consents[0]!.consent;
      const statement = await fresh.withdraw({ patients: [token], withdraws: 'consent', id });
      const report = await hospital.consents.declare({ statement, patients: [token], key: fresh });
      assert.ok(report.complete, String(report));
      await reads(token, 0);
    });
  });

  describe('as a guardian', () => {
    it('decides for a child until the age-out date, and never sees what the child decides alone', async () => {
      const [child, parent] = [await PatientKey.generate(), await PatientKey.generate()];
      const ageOut = new Date(Date.now() + 20 * 365 * 86_400_000).toISOString();
      const token = await registrar.patients.enrol({ keys: child.publicKeys, jurisdiction: 'US-CA', ageOut });
      const labels = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SEX' }];
      await hospital.records.register(token.patient, condition());
      await hospital.records.register(token.patient, { ...observation(), meta: { security: labels } });
      await registrar.patients.recordGuardian({
        patient: token.patient,
        to: signingKey(parent),
        acts: ['consent', 'log'],
        basis: 'minor',
        hidden: ['SEX'],
        document,
        text,
      });
      const refusal = await refused('PERMISSION_DENIED', grant(child, token));
      assert.equal(refusal.details.reason, 'GUARDIAN_DECIDES');
      await grant(parent, token);
      await reads(token, 1);
      await grant(child, token, { ...treatment, securityLabel: labels });
      await reads(token, 2);
      assert.equal((await hospital.consents.list(token, child)).consents.length, 2);
      const held = await hospital.consents.list(token, parent);
      assert.deepEqual(
        held.consents.map(({ by }) => by?.relationship),
        ['guardian'],
      );
      assert.equal(held.delegations?.[0]?.to, ageOut);
      const history = await all(hospital.consents.history(token, parent));
      assert.deepEqual(
        history.map(({ type }) => type),
        ['recorded', 'signed', 'hidden'],
      );
      const [seen, everything] = [
        await all(hospital.access.log(token, parent)),
        await all(hospital.access.log(token, child)),
      ];
      assert.ok(seen.length < everything.length);
    });

    it('is refused for a patient who is of age', async () => {
      const ageOut = new Date(Date.now() - 1000).toISOString();
      const { patient } = await registrar.patients.enrol({ keys: [], jurisdiction: 'DE', ageOut });
      const guardian = {
        to: signingKey(await PatientKey.generate()),
        basis: 'minor',
        document,
        text,
      } as const;
      await refused(
        'EXPIRED',
        registrar.patients.recordGuardian({ patient, acts: ['consent'], ...guardian }),
      );
    });
  });
});
