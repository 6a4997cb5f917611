import { connect, PatientKey, permission, type Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, condition, enrol, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as, suiteNetwork } from '../harness/suite-network.js';

/** How many files there are below a folder. */
const files = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

describe('bad input', () => {
  let hospital: Vitaledger;
  let patient: TestPatient;
  let vault: string;
  const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
  const terms = () => ({
    patients: [patient.at.HospitalMSP!],
    provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] }),
    text: { content: 'The clinic may read my records to treat me.', language: 'en' },
  });

  before(async () => {
    hospital = await as('hospital', 'service', { actor });
    patient = await enrol(['hospital', 'HospitalMSP']);
    await hospital.records.register(patient.at.HospitalMSP!.patient, condition());
    vault = (await suiteNetwork()).vault('hospital');
  });

  const bundle = (entry: unknown[]) => ({ resourceType: 'Bundle', type: 'transaction', entry });
  const entryOf = (resource: object, n = 1) => ({
    fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    resource,
    request: { method: 'POST', url: 'Observation' },
  });

  describe('in a bundle leaves nothing behind', () => {
    const cases: [string, unknown, RegExp][] = [
      ['truncated JSON', JSON.stringify(bundle([entryOf(observation())])).slice(0, -20), /JSON/],
      ['not a Bundle', { resourceType: 'Patient' }, /Bundle/],
      [
        'an entry without a resource',
        bundle([{ fullUrl: 'urn:uuid:00000000-0000-4000-8000-000000000001' }]),
        /entry\[0\]|resource/,
      ],
      [
        'an unknown resource type',
        bundle([entryOf({ resourceType: 'Horoscope' })]),
        /resourceType|Horoscope|resource type/i,
      ],
      [
        'one malformed resource among good ones',
        bundle([entryOf(observation(), 1), entryOf({ ...observation(), code: undefined }, 2)]),
        /entry\[1\]/,
      ],
    ];
    for (const [name, input, text] of cases) {
      it(name, async () => {
        const id = patient.at.HospitalMSP!.patient;
        const registrar = await as('hospital', 'registrar');
        const [stored, listed] = [files(vault), (await all(registrar.records.list(id))).length];
        const error = await refused('INVALID_ARGUMENT', hospital.records.registerBundle(id, input as string));
        assert.match(`${error.message} ${JSON.stringify(error.details)}`, text);
        assert.equal(files(vault), stored, 'the vault grew');
        assert.equal((await all(registrar.records.list(id))).length, listed);
      });
    }

    it('a patient that the custodian does not know', async () => {
      const stored = files(vault);
      await refused(
        'NOT_FOUND',
        hospital.records.registerBundle('0'.repeat(32), bundle([entryOf(observation())])),
      );
      assert.equal(files(vault), stored, 'the vault grew');
    });
  });

  it('an unknown patient is not found, at no organization', async () => {
    await refused(
      'NOT_FOUND',
      hospital.access.request({ custodian: 'HospitalMSP', patient: '0'.repeat(32), purpose: 'TREAT' }),
    );
    const clinic = await as('clinic', 'service', { actor });
    await refused(
      'NOT_FOUND',
      clinic.access.request({ ...patient.at.HospitalMSP!, custodian: 'ClinicMSP', purpose: 'TREAT' }),
    );
  });

  it('a role that the organization may not vouch for is refused', async () => {
    const pharmacy = await as('pharmacy', 'service', {
      actor: { role: 'practitioner', subject: actor.subject },
    });
    await refused(
      'PERMISSION_DENIED',
      pharmacy.access.request({ ...patient.at.HospitalMSP!, purpose: 'TREAT' }),
    );
  });

  it('another organization cannot write to a custodian, whatever its role', async () => {
    const clinic = await as('clinic', 'registrar');
    const other = await PatientKey.generate();
    await refused('NOT_FOUND', clinic.records.register(patient.at.HospitalMSP!.patient, condition()));
    await refused(
      'PERMISSION_DENIED',
      (await as('research', 'researcher')).access.request({
        ...patient.at.HospitalMSP!,
        purpose: 'TREAT',
      }),
    );
    assert.ok(other);
  });

  it('a statement signed by another key is refused', async () => {
    const stranger = await PatientKey.generate();
    const report = await hospital.consents.grant({
      consent: await stranger.consent(terms()),
      patients: [patient.at.HospitalMSP!],
    });
    assert.match(report.deliveries[0]?.error?.code ?? '', /PERMISSION_DENIED|INVALID_ARGUMENT/);
    await refused('PERMISSION_DENIED', all(hospital.access.log(patient.at.HospitalMSP!, stranger)));
  });

  it('a statement that the relay altered is refused', async () => {
    const signed = await patient.key.consent(terms());
    const [header, payload, signature] = signed.jws.split('.') as [string, string, string];
    const altered = Buffer.from(
      Buffer.from(payload, 'base64url').toString().replace('ClinicMSP', 'SponsoMSP'),
    ).toString('base64url');
    const jws = `${header}.${altered}.${signature}`;
    const report = await hospital.consents.grant({
      consent: { ...signed, jws },
      patients: [patient.at.HospitalMSP!],
    });
    assert.match(report.deliveries[0]?.error?.code ?? '', /PERMISSION_DENIED|INVALID_ARGUMENT/);
    const held = await hospital.consents.list(patient.at.HospitalMSP!, patient.key);
    assert.deepEqual(held.consents, []);
  });

  it('a statement that was accepted once is not accepted again, nor an older one after it', async () => {
    const once = await enrol(['hospital', 'HospitalMSP']);
    const patients = [once.at.HospitalMSP!];
    const first = await once.key.consent({ ...terms(), patients });
    assert.ok((await hospital.consents.grant({ consent: first, patients, key: once.key })).complete);
    const again = await hospital.consents.grant({ consent: first, patients });
    assert.equal(again.deliveries[0]?.error?.code, 'CONFLICT');
  });

  it('an expired consent permits nothing, and cannot be granted', async () => {
    const provision = permission({
      to: [{ organization: 'ClinicMSP' }],
      purposes: ['TREAT'],
      from: '2020-01-01',
      until: '2020-12-31',
    });
    const expired = await patient.key.consent({ ...terms(), provision });
    const report = await hospital.consents.grant({
      consent: expired,
      patients: [patient.at.HospitalMSP!],
    });
    const error = report.deliveries[0]?.error;
    assert.equal(error?.details.reason, 'CONSENT_EXPIRED', String(error));
    const clinic = await as('clinic', 'service', { actor });
    await refused(
      'CONSENT_DENIED',
      all(clinic.access.read({ ...patient.at.HospitalMSP!, purpose: 'TREAT' })),
    );
  });

  it('a consent that the engine cannot interpret is refused, with the place', async () => {
    const provision = {
      ...terms().provision,
      modifierExtension: [{ url: 'https://example.org/unless', valueBoolean: true }],
    };
    const report = await hospital.consents.grant({
      consent: await patient.key.consent({ ...terms(), provision }),
      patients: [patient.at.HospitalMSP!],
    });
    const error = report.deliveries[0]?.error;
    assert.equal(error?.code, 'INVALID_ARGUMENT');
    assert.match(`${error.message} ${JSON.stringify(error.details)}`, /statement\.body\.provision/);
  });

  describe('on the way to the ledger', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'vitaledger-bad-'));
    });
    afterEach(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it('a missing profile says so', async () => {
      const network = await suiteNetwork();
      const { mspDirectory: identity } = network.identity('hospital', 'service');
      await refused('NOT_FOUND', connect({ profile: join(folder, 'none.json'), identity }), /profile/i);
    });

    it('a missing key file says so', async () => {
      const network = await suiteNetwork();
      const identity = join(folder, 'msp');
      cpSync(network.identity('hospital', 'service').mspDirectory, identity, { recursive: true });
      rmSync(join(identity, 'keystore'), { recursive: true });
      await refused('NOT_FOUND', connect({ profile: network.profile('hospital'), identity }), /key/i);
    });

    it('a profile of another network is noticed', async () => {
      const network = await suiteNetwork();
      const profile = JSON.parse(readFileSync(network.profile('hospital'), 'utf8')) as {
        peers: Record<string, { tlsCACerts: { pem: string } }>;
      };
      // The same addresses, another network's roots.
      const foreign = readFileSync(
        join(network.directory.peerOrganization('clinic.example'), 'tlsca', 'tlsca.clinic.example-cert.pem'),
        'utf8',
      );
      for (const peer of Object.values(profile.peers)) peer.tlsCACerts.pem = foreign;
      writeFileSync(join(folder, 'profile.json'), JSON.stringify(profile));
      await using ledger = await connect({
        profile: join(folder, 'profile.json'),
        identity: network.identity('hospital', 'service').mspDirectory,
        retry: { attempts: 1 },
      });
      const error = await ledger.consortium.document('care').then(
        () => assert.fail('a connection to another network succeeded'),
        (reason: unknown) => reason as { code?: string; message: string },
      );
      assert.match(error.code ?? '', /PRECONDITION_FAILED|UNAVAILABLE/);
      assert.match(error.message, /profile|network|certificate/i);
    });
  });
});
