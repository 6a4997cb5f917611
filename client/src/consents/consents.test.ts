import assert from 'node:assert/strict';
import { VitaledgerError } from '@vitaledger/domain';
import { PatientKey } from '../patient/patient-key.js';
import { permission } from '../patient/permission.js';
import { sealed } from '../testing/sealed-answer.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { isCustodianCall, TransactionError } from '../transaction/index.js';
import { Consents } from './consents.js';

const patients = ['HospitalMSP', 'ClinicMSP', 'PharmacyMSP'].map((custodian, index) => ({
  custodian,
  patient: `${index}`.repeat(32),
}));
const terms = {
  patients,
  provision: permission({ to: [{ organization: 'ClinicMSP' }], purposes: ['TREAT'] }),
  text: { content: 'text', language: 'en' },
};

function unavailable(fate: 'failed' | 'unknown'): TransactionError {
  return new TransactionError(
    'UNAVAILABLE',
    'down',
    {},
    { phase: 'endorse', fate, transactionId: 'tx', attempts: 6 },
  );
}

describe('consents', () => {
  function connected(script: Script): { session: ScriptedSession; consents: Consents } {
    const session = new ScriptedSession(script);
    return { session, consents: new Consents(session) };
  }

  it('are delivered to each custodian on its own, under the id that it knows the patient by', async () => {
    const key = await PatientKey.generate();
    const consent = await key.consent(terms);
    const { session, consents } = connected(() => '');
    const report = await consents.grant({ consent, patients, key });
    assert.equal(String(report), '3 of 3 custodians have it');
    assert.ok(report.complete);
    for (const [index, call] of session.calls.entries()) {
      assert.ok(isCustodianCall(call));
      const { patient, statement, salt } = call.input as Record<string, string>;
      assert.equal(call.custodian, patients[index]!.custodian);
      assert.equal(patient, patients[index]!.patient);
      assert.equal(statement, consent.jws);
      assert.match(salt!, /^[0-9a-f]{32}$/);
    }
    assert.equal(
      new Set(session.calls.map((call) => (call as never as { input: { salt: string } }).input.salt)).size,
      3,
    );
  });

  it('tell who has them, who has not and of whom it is not known; the key remembers only the first', async () => {
    const key = await PatientKey.generate();
    const consent = await key.consent(terms);
    const { consents } = connected((call) => {
      const custodian = isCustodianCall(call) ? call.custodian : '';
      if (custodian !== 'HospitalMSP') {
        throw unavailable(custodian === 'ClinicMSP' ? 'failed' : 'unknown');
      }
      return '';
    });
    const report = await consents.grant({ consent, patients, key });
    assert.deepEqual(report.accepted, ['HospitalMSP']);
    assert.deepEqual(report.missing, ['ClinicMSP', 'PharmacyMSP']);
    assert.equal(
      String(report),
      '1 of 3 custodians have it; missing: ClinicMSP (UNAVAILABLE), PharmacyMSP (unknown)',
    );
    const next = await key.consent(terms);
    assert.deepEqual(
      terms.patients.map(({ custodian }) => next.custodians[custodian]!.sequence),
      [2, 1, 1],
    );
  });

  it('are not sent to a custodian that they are not addressed to', async () => {
    const consent = await (
      await PatientKey.generate()
    ).consent({
      ...terms,
      patients: patients.slice(0, 1),
    });
    const { session, consents } = connected(() => '');
    await assert.rejects(consents.grant({ consent, patients }), {
      code: 'INVALID_ARGUMENT',
      message: /ClinicMSP/,
    });
    assert.equal(session.calls.length, 0);
  });

  it('do not report a defect of the program as a refusal', async () => {
    const consent = await (await PatientKey.generate()).consent(terms);
    const { consents } = connected(() => {
      throw new TypeError('a defect');
    });
    await assert.rejects(consents.grant({ consent, patients }), TypeError);
  });

  it("are listed for the patient's key, which takes over a chain that has grown, and not one from a peer that lags", async () => {
    const key = await PatientKey.generate();
    const { jwk } = key.publicKeys.find(({ use }) => use === 'enc')!;
    const listed = async (sequence: number): Promise<number> => {
      const held = { consents: [], sequence, previous: 'ab'.repeat(32) };
      const { consents } = connected(() => sealed(held, jwk));
      assert.deepEqual(await consents.list(patients[0]!, key), held);
      return key.lastAccepted(patients[0]!).sequence;
    };
    assert.equal(await listed(3), 3);
    key.accepted(patients[0]!, await key.consent(terms));
    assert.equal(await listed(3), 4);
    assert.equal(await listed(5), 5);
    // A relay that makes an answer up does not lock the patient out: the next honest answer counts again.
    assert.equal(await listed(99_999_999), 99_999_999);
    assert.equal(await listed(5), 5);
  });

  it('are revoked by a public transaction that names nobody, then closed where custodians can be reached', async () => {
    const key = await PatientKey.generate();
    const { consent } = await key.consent(terms);
    const secret = await key.revocationSecret(consent);
    const { session, consents } = connected((call) => {
      if (isCustodianCall(call) && call.custodian === 'ClinicMSP') {
        throw unavailable('failed');
      }
      return '';
    });
    const report = await consents.revoke({ consent, secret, patients });
    assert.deepEqual(session.calls[0], { function: 'ConsentContract:revoke', arguments: [secret] });
    assert.deepEqual(report.closed.missing, ['ClinicMSP']);
    assert.deepEqual(
      session.inputs('ConsentContract:close').map((input) => [input.consent, input.secret]),
      [
        [consent, secret],
        [consent, secret],
        [consent, secret],
      ],
    );
  });

  it('are not closed anywhere when the revocation itself failed', async () => {
    const { session, consents } = connected(() => {
      throw unavailable('unknown');
    });
    await assert.rejects(consents.revoke({ consent: 'c', secret: 'ab'.repeat(32), patients }), {
      fate: 'unknown',
    });
    assert.equal(session.calls.length, 1);
  });

  it('never publish what is no secret, such as a consent id given by mistake', async () => {
    const { session, consents } = connected(() => '');
    await assert.rejects(
      consents.revoke({ consent: 'c', secret: 'ab'.repeat(16) }),
      (error) => error instanceof VitaledgerError && error.code === 'INVALID_ARGUMENT',
    );
    assert.equal(session.calls.length, 0);
  });
});
