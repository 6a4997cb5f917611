import { permission, PatientKey, VitaledgerError, type Vitaledger } from '@vitaledger/client';
import type { ConsentProvision } from 'fhir/r4';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { GatewayClient } from '../bench/gateway-client.js';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, grantToClinic, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
const text = { content: 'What this is about, in plain words.', language: 'en' };
const permit = permission({ to: [{ organization: 'HospitalMSP' }], purposes: ['TREAT'] });

/** The list of bad input that the project is held to, by its words, over the network; chaincode/src/access/bad-input has all orders. */
describe('bad input to consents and requests', () => {
  let hospital: Vitaledger;
  let patient: TestPatient;
  let gateway: GatewayClient;

  before(async () => {
    hospital = await as('hospital', 'service', { actor });
    gateway = await GatewayClient.connect(await suiteNetwork());
  });
  after(() => {
    gateway.close();
  });

  beforeEach(async () => {
    patient = await enrol(['hospital', 'HospitalMSP']);
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
  });

  const question = () => ({ ...patient.at.HospitalMSP!, purpose: 'TREAT' });
  const delivered = async (provision: ConsentProvision) => {
    const patients = Object.values(patient.at);
    const consent = await patient.key.consent({ patients, provision, text });
    const { deliveries } = await hospital.consents.grant({ consent, patients, key: patient.key });
    return deliveries[0]?.error;
  };
  /** A request as the SDK makes it, in the hands of Fabric's own client. */
  const proposal = async () => {
    const { publicKeys } = await PatientKey.generate();
    const input = {
      patient: patient.at.HospitalMSP!.patient,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: publicKeys.find(({ use }) => use === 'enc')!.jwk,
      salt: randomBytes(16).toString('hex'),
      actor,
    };
    return gateway.contract('care', 'care').newProposal('AccessContract:request', {
      transientData: { input: JSON.stringify(input) },
      endorsingOrganizations: ['HospitalMSP'],
    });
  };
  const opener = (receipt: string) => ({
    receipt,
    custodian: 'HospitalMSP',
    patient: patient.at.HospitalMSP!.patient,
    scope: 'content' as const,
    key: { open: () => assert.fail('something was released') },
  });

  it('contradictory provisions: the denial wins', async () => {
    assert.equal(await delivered({ ...permit, provision: [{ ...permit, type: 'deny' }] }), undefined);
    assert.equal(await delivered(permit), undefined);
    await refused('CONSENT_DENIED', all(hospital.access.read(question())));
  });

  it('codes of an unknown system: refused with their place', async () => {
    const error = await delivered({ ...permit, securityLabel: [{ system: 'urn:example:own', code: 'X' }] });
    assert.deepEqual(
      [error?.code, error?.details.path],
      ['INVALID_ARGUMENT', 'statement.body.provision.securityLabel[0]'],
    );
  });

  it('10,000-provision consents: refused with the bound, on the device or by the custodian', async () => {
    for (const count of [10_000, 600]) {
      const provision = {
        ...permit,
        provision: Array.from({ length: count }, () => ({ type: 'deny' as const })),
      };
      const error: unknown = await delivered(provision).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof VitaledgerError, String(error));
      assert.equal(error.code, 'INVALID_ARGUMENT');
      assert.match(error.message, /at most (32768 bytes|512 provisions)/);
    }
  });

  it('receipts of another user, and replayed ones: open for nobody else, and not after a revocation', async () => {
    const consent = await grantToClinic(hospital, patient);
    const clinic = await as('clinic', 'service', { actor });
    const receipt = await clinic.access.request(question());
    for (let times = 0; times < 2; times++) assert.equal((await all(clinic.access.open(receipt))).length, 1);
    const colleague = clinic.as({ ...actor, subject: 'c'.repeat(32) });
    for (const other of [colleague, hospital])
      await refused('PERMISSION_DENIED', all(other.access.open(receipt)));
    const secret = await patient.key.revocationSecret(consent);
    await hospital.consents.revoke({ consent, secret, patients: Object.values(patient.at) });
    await refused('CONSENT_DENIED', all(clinic.access.open(receipt)));
  });

  it('a probe that never submits: an endorsed request opens nothing and explains nothing', async () => {
    assert.equal(await delivered(permit), undefined);
    const endorsed = await (await proposal()).endorse();
    const { receipt } = JSON.parse(Buffer.from(endorsed.getResult()).toString()) as { receipt: string };
    assert.equal(receipt, endorsed.getTransactionId());
    await refused('NOT_FOUND', all(hospital.access.open(opener(receipt))));
    await refused('NOT_FOUND', hospital.access.outcome(opener(receipt)));
  });

  it('a held transaction past expiry: after the next beat it commits as invalid, and opens nothing', async function () {
    this.timeout(120_000);
    assert.equal(await delivered(permit), undefined);
    const endorsed = await (await proposal()).endorse();
    const admin = await as('hospital', 'Admin');
    const { beat } = await admin.consortium.clock('care');
    await eventually(
      () => admin.consortium.beat('care').catch(() => admin.consortium.clock('care')),
      (now) => now.beat > beat,
    );
    const status = await (await endorsed.submit()).getStatus();
    assert.deepEqual([status.successful, status.code], [false, 11]);
    await refused('NOT_FOUND', all(hospital.access.open(opener(endorsed.getTransactionId()))));
  });

  it('revocation racing a request: whichever commits first, nothing is released once both have', async function () {
    this.timeout(120_000);
    for (let race = 0; race < 10; race++) {
      const consent = await grantToClinic(hospital, patient);
      const clinic = await as('clinic', 'service', { actor });
      const secret = await patient.key.revocationSecret(consent);
      const [receipt] = await Promise.all([
        clinic.access.request(question()),
        hospital.consents.revoke({ consent, secret }),
      ]);
      await refused('CONSENT_DENIED', all(clinic.access.open(receipt)));
      await hospital.consents.revoke({ consent, secret, patients: Object.values(patient.at) });
    }
  });
});
