import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  thumbprint,
  VitaledgerError,
  verifyStatement,
  handleOf,
  patientMark,
  validateConsent,
  type PatientKeyEntry,
} from '@vitaledger/domain';
import { sealed } from '../testing/sealed-answer.js';
import { PatientKey, type ConsentTerms } from './patient-key.js';
import { permission } from './permission.js';

const atHospital = { custodian: 'HospitalMSP', patient: '1'.repeat(32) };
const atClinic = { custodian: 'ClinicMSP', patient: '2'.repeat(32) };

const terms: ConsentTerms = {
  patients: [atHospital, atClinic],
  provision: permission({
    to: [
      { organization: 'ClinicMSP' },
      { organization: 'ClinicMSP', subject: 's1' },
      { role: 'emergency' },
      { organization: 'PharmacyMSP', role: 'pharmacist' },
    ],
    purposes: ['TREAT'],
    classes: ['Condition'],
    from: '2026-01-01',
    until: '2027-01-01',
    except: { classes: ['Observation'], sensitivities: ['PSY'] },
  }),
  text: { content: 'The clinic may read my records.', language: 'en' },
};

function enrolled(key: PatientKey): readonly PatientKeyEntry[] {
  return key.publicKeys.map(({ jwk, use }) => ({
    kid: thumbprint(jwk),
    jwk,
    use,
    from: '2020-01-01T00:00:00.000Z',
  }));
}

const now = (): string => new Date().toISOString();

describe('a patient key', () => {
  let key: PatientKey;

  beforeEach(async () => {
    key = await PatientKey.generate();
  });

  it('goes on from what it saw accepted, also where a custodian that was rolled back says less', async () => {
    const first = await key.consent(terms);
    key.accepted(atHospital, first);
    key.heard(atHospital, { sequence: 0, previous: null });
    assert.deepEqual(key.lastAccepted(atHospital), { sequence: 1, previous: first.digest });
    const next = await key.consent(terms);
    assert.equal(next.custodians.HospitalMSP?.sequence, 2);
    // Another device of the patient has signed since.
    key.heard(atHospital, { sequence: 4, previous: 'ab'.repeat(32) });
    assert.equal(key.lastAccepted(atHospital).sequence, 4);
  });

  it('signs consents that the contract verifies and understands', async () => {
    const signed = await key.consent(terms);
    const { statement, digest } = verifyStatement(signed.jws, enrolled(key), now());
    assert.equal(digest, signed.digest);
    assert.ok(statement.kind === 'consent');
    assert.equal(statement.body.consent, signed.consent);
    assert.deepEqual(statement.custodians, {
      ClinicMSP: { patient: patientMark(atClinic.patient), sequence: 1, previous: null },
      HospitalMSP: { patient: patientMark(atHospital.patient), sequence: 1, previous: null },
    });
    validateConsent(statement.body);
    const digest256 = createHash('sha256').update(terms.text.content).digest('hex');
    assert.deepEqual(statement.body.text, { digest: digest256, language: 'en' });
  });

  it('never lets the text itself leave the device', async () => {
    const { jws } = await key.consent(terms);
    assert.doesNotMatch(Buffer.from(jws.split('.')[1]!, 'base64url').toString(), /may read my records/);
  });

  it('signs nothing that another key could have signed, or that was altered', async () => {
    const { jws } = await key.consent(terms);
    const other = await PatientKey.generate();
    assert.throws(() => verifyStatement(jws, enrolled(other), now()), { code: 'PERMISSION_DENIED' });
    const [header, payload, signature] = jws.split('.');
    const altered = Buffer.from(
      Buffer.from(payload!, 'base64url').toString().replace('Condition', 'Procedure'),
    );
    assert.throws(
      () =>
        verifyStatement([header, altered.toString('base64url'), signature].join('.'), enrolled(key), now()),
      {
        code: 'PERMISSION_DENIED',
      },
    );
  });

  it('chains its statements for each custodian by what that custodian accepted', async () => {
    const first = await key.consent(terms);
    key.accepted(atHospital, first);
    const second = await key.consent(terms);
    assert.deepEqual(second.custodians, {
      HospitalMSP: { patient: patientMark(atHospital.patient), sequence: 2, previous: first.digest },
      ClinicMSP: { patient: patientMark(atClinic.patient), sequence: 1, previous: null },
    });
    key.synchronize(atClinic, { sequence: 7, previous: 'ab'.repeat(32) });
    assert.deepEqual((await key.consent(terms)).custodians.ClinicMSP, {
      patient: patientMark(atClinic.patient),
      sequence: 8,
      previous: 'ab'.repeat(32),
    });
    assert.throws(
      () => {
        key.accepted({ ...atHospital, custodian: 'PharmacyMSP' }, first);
      },
      { code: 'INVALID_ARGUMENT' },
    );
    assert.throws(
      () => {
        key.synchronize(atClinic, { sequence: -1, previous: null });
      },
      { code: 'INVALID_ARGUMENT' },
    );
  });

  it('keeps a chain of its own for each of several patients at one custodian, and never names two in one statement', async () => {
    const sibling = { ...atHospital, patient: '3'.repeat(32) };
    const first = await key.consent({ ...terms, patients: [atHospital] });
    key.accepted(atHospital, first);
    assert.deepEqual((await key.consent({ ...terms, patients: [sibling] })).custodians, {
      HospitalMSP: { patient: patientMark(sibling.patient), sequence: 1, previous: null },
    });
    await assert.rejects(key.consent({ ...terms, patients: [atHospital, sibling] }), {
      code: 'INVALID_ARGUMENT',
      message: /about one patient/,
    });
  });

  it('derives for each consent the secret whose handle the consent shows', async () => {
    const [one, two] = [await key.consent(terms), await key.consent(terms)];
    const secret = await key.revocationSecret(one.consent);
    const { statement } = verifyStatement(one.jws, enrolled(key), now());
    assert.ok(statement.kind === 'consent');
    assert.equal(statement.body.handle, handleOf(secret));
    assert.notEqual(await key.revocationSecret(two.consent), secret);
    assert.notEqual(await (await PatientKey.generate()).revocationSecret(one.consent), secret);
  });

  it('is the same after export and import, with its memory', async () => {
    const signed = await key.consent(terms);
    key.accepted(atHospital, signed);
    const exported = JSON.parse(JSON.stringify(await key.export())) as Awaited<
      ReturnType<PatientKey['export']>
    >;
    const again = await PatientKey.import(exported);
    assert.deepEqual(again.publicKeys, key.publicKeys);
    assert.equal(await again.revocationSecret(signed.consent), await key.revocationSecret(signed.consent));
    assert.equal((await again.consent(terms)).custodians.HospitalMSP!.previous, signed.digest);
    verifyStatement((await again.consent(terms)).jws, enrolled(key), now());
    assert.deepEqual(await again.decrypt(await answerTo(key, { hello: 'world' })), { hello: 'world' });
  });

  it('is not imported from anything else, and the error does not repeat it', async () => {
    const exported = await key.export();
    for (const bad of [
      { ...exported, version: 1 },
      { ...exported, seed: 'c2hvcnQ' },
      { ...exported, signing: {} },
      {},
    ]) {
      await assert.rejects(PatientKey.import(bad as never), (error) => {
        assert.ok(error instanceof VitaledgerError);
        assert.equal(error.code, 'INVALID_ARGUMENT');
        assert.equal(error.cause, undefined);
        return true;
      });
    }
  });

  it('signs requests to read, addressed to one custodian and answered to its own key', async () => {
    const jws = await key.readStatement({
      ...atHospital,
      what: 'log',
      bookmark: 'b',
      pageSize: 5,
    });
    const { statement } = verifyStatement(jws, enrolled(key), now());
    assert.ok(statement.kind === 'read');
    assert.deepEqual(statement.custodians, {
      HospitalMSP: { patient: patientMark(atHospital.patient) },
    });
    assert.deepEqual(statement.body, {
      what: 'log',
      bookmark: 'b',
      pageSize: 5,
      encryptionKey: key.publicKeys.find(({ use }) => use === 'enc')!.jwk,
    });
    await assert.rejects(key.readStatement({ ...atHospital, custodian: 'no MSP id', what: 'log' }), {
      code: 'INVALID_ARGUMENT',
    });
    await assert.rejects(key.readStatement({ ...atHospital, patient: 'Jane', what: 'log' }), {
      code: 'INVALID_ARGUMENT',
    });
  });

  it('reads answers to itself only', async () => {
    const jwe = await answerTo(key, { consents: [] });
    assert.deepEqual(await key.decrypt(jwe), { consents: [] });
    await assert.rejects((await PatientKey.generate()).decrypt(jwe), { code: 'INTEGRITY' });
    await assert.rejects(key.decrypt(jwe.slice(0, -4)), { code: 'INTEGRITY' });
  });
});

async function answerTo(key: PatientKey, value: unknown): Promise<string> {
  return sealed(value, key.publicKeys.find(({ use }) => use === 'enc')!.jwk);
}
