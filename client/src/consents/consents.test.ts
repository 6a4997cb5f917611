import assert from 'node:assert/strict';
import { VitaledgerError } from '@vitaledger/domain';
import { PatientKey } from '../patient/patient-key.js';
import { permission } from '../patient/permission.js';
import { sealed } from '../testing/sealed-answer.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { isCustodianCall, TransactionError } from '../transaction/index.js';
import { Consents } from './consents.js';
import { StatementChain } from './history.js';
import { proofOf, verifyProof, type StatementProof } from './proof.js';

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

  it('count as delivered where the custodian has the very statement already, and only then', async () => {
    const key = await PatientKey.generate();
    const consent = await key.consent({ ...terms, patients: patients.slice(0, 1) });
    const { jwk } = key.publicKeys.find(({ use }) => use === 'enc')!;
    const again = async (jws: string) => {
      const { consents } = connected((call) => {
        if (call.function === 'ConsentContract:list') {
          return sealed({ consents: [{ jws }], sequence: 4, previous: 'ab'.repeat(32) }, jwk);
        }
        throw new VitaledgerError('CONFLICT', 'not next', { reason: 'NOT_NEXT_IN_CHAIN' });
      });
      return consents.grant({ consent, patients: patients.slice(0, 1), key });
    };
    assert.ok((await again(consent.jws)).complete);
    assert.equal(key.lastAccepted(patients[0]!).sequence, 4);
    assert.equal((await again('another')).deliveries[0]?.error?.code, 'CONFLICT');
  });

  it('are amended by delivering the new version and then revoking the one before, also where the new one is missing', async () => {
    const key = await PatientKey.generate();
    const before = await key.consent(terms);
    const consent = await key.amend(before, terms);
    assert.deepEqual([consent.consent, consent.version], [before.consent, 2]);
    const secret = await key.revocationSecret(before.consent, before.version);
    assert.notEqual(await key.revocationSecret(consent.consent, consent.version), secret);
    const { session, consents } = connected((call) => {
      if (
        call.function === 'ConsentContract:grant' &&
        isCustodianCall(call) &&
        call.custodian === 'PharmacyMSP'
      ) {
        throw unavailable('failed');
      }
      return '';
    });
    const { delivered, revoked } = await consents.amend({ consent, secret, patients, key });
    assert.deepEqual(delivered.missing, ['PharmacyMSP']);
    assert.deepEqual(revoked.closed.accepted, ['PharmacyMSP']);
    assert.deepEqual(
      session.calls.map((call) => call.function),
      [...Array<string>(3).fill('ConsentContract:grant'), 'ConsentContract:revoke', 'ConsentContract:close'],
    );
    const untouched = connected(() => '');
    await assert.rejects(untouched.consents.amend({ consent, secret: 'none', patients, key }), {
      code: 'INVALID_ARGUMENT',
    });
    assert.equal(untouched.session.calls.length, 0);
  });

  describe('have a history', () => {
    const token = patients[0]!;
    const stored = (jws: string) => ({
      jws,
      instant: new Date().toISOString(),
      relay: { mspId: 'ClinicMSP', role: 'service' as const, subject: 's' },
      salt: '0'.repeat(64),
    });

    it('in their order, page by page, and a gap is noticed', async () => {
      const key = await PatientKey.generate();
      const { jwk } = key.publicKeys.find(({ use }) => use === 'enc')!;
      const first = await key.consent({ ...terms, patients: [token] });
      key.accepted(token, first);
      const second = await key.consent({ ...terms, patients: [token] });
      const read = async (...pages: string[][]) => {
        let page = 0;
        const { consents } = connected(() => {
          const entries = (pages[page++] ?? []).map(stored);
          return sealed({ entries, bookmark: page < pages.length ? '00000001' : '' }, jwk);
        });
        const found = [];
        for await (const entry of consents.history(token, key)) found.push(entry);
        return found;
      };
      assert.deepEqual(
        (await read([first.jws], [second.jws])).map(({ sequence, digest }) => [sequence, digest]),
        [
          [1, first.digest],
          [2, second.digest],
        ],
      );
      for (const wrong of [[second.jws], [second.jws, first.jws], [first.jws, first.jws]]) {
        await assert.rejects(read(wrong), { code: 'INTEGRITY' });
      }
    });

    it('of which each statement can be proved: who signed, when, and which text', async () => {
      const key = await PatientKey.generate();
      const consent = await key.consent({ ...terms, patients: [token] });
      const entry = new StatementChain(token).next(stored(consent.jws));
      assert.ok(entry.type === 'signed');
      const { jwk } = key.publicKeys.find(({ use }) => use === 'sig')!;
      const proof = JSON.parse(JSON.stringify(proofOf(entry, token, jwk, 'text'))) as StatementProof;
      const proven = verifyProof(proof);
      assert.deepEqual(
        [proven.digest, proven.signer, proven.issued, proven.isText],
        [consent.digest, entry.statement.issuer, entry.statement.issued, true],
      );
      assert.match(proven.block.valueHash, /^[0-9a-f]{64}$/);
      assert.equal(verifyProof({ ...proof, text: 'another text' }).isText, false);
      const stranger = await PatientKey.generate();
      assert.throws(() => verifyProof({ ...proof, key: stranger.publicKeys[0]!.jwk }), {
        code: 'PERMISSION_DENIED',
      });
      const altered = consent.jws.replace('.', '.A');
      assert.throws(() => verifyProof({ ...proof, stored: { ...proof.stored, jws: altered } }));
      assert.throws(() => verifyProof({ ...proof, version: 2 as never }), { code: 'INVALID_ARGUMENT' });
      const backdated = { ...proof.stored, instant: '2020-01-01T00:00:00.000Z' };
      assert.throws(() => verifyProof({ ...proof, stored: backdated }), { code: 'INVALID_ARGUMENT' });
    });
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
