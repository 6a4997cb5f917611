import assert from 'node:assert/strict';
import {
  handleOf,
  thumbprint,
  verifyStatement,
  VitaledgerError,
  type DelegationBody,
  type PatientKeyEntry,
  type ProhibitionBody,
  type Statement,
} from '@vitaledger/domain';
import { PatientKey } from '../patient/patient-key.js';
import { ScriptedSession, type Script } from '../testing/scripted-channel.js';
import { isCustodianCall } from '../transaction/index.js';
import { Delegations } from './delegations.js';
import { Prohibitions } from './prohibitions.js';

const patients = ['HospitalMSP', 'ClinicMSP'].map((custodian, index) => ({
  custodian,
  patient: `${index}`.repeat(32),
}));
const deny = { type: 'deny' } as const;

function enrolled(key: PatientKey): readonly PatientKeyEntry[] {
  return key.publicKeys.map(({ jwk, use }) => ({
    kid: thumbprint(jwk),
    jwk,
    use,
    from: '2020-01-01T00:00:00.000Z',
  }));
}

/** The statements that were sent, verified against the key. */
function sent({ calls }: ScriptedSession, key: PatientKey): Statement[] {
  return calls.filter(isCustodianCall).map(({ function: name, input }) => {
    assert.equal(name, 'ConsentContract:declare');
    const { statement } = input as { statement: string };
    return verifyStatement(statement, enrolled(key), new Date().toISOString()).statement;
  });
}

/** A session where a custodian cannot be reached. */
function without(missing: string): Script {
  return (call) => {
    if (isCustodianCall(call) && call.custodian === missing) {
      throw new VitaledgerError('UNAVAILABLE', 'down');
    }
    return '';
  };
}

describe('what the patient forbids', () => {
  let key: PatientKey;
  let session: ScriptedSession;
  let prohibitions: Prohibitions;

  const begin = (script: Script): void => {
    session = new ScriptedSession(script);
    prohibitions = new Prohibitions(session);
  };

  beforeEach(async () => {
    key = await PatientKey.generate();
    begin(() => '');
  });

  it('goes to each custodian as one statement of its kind, with what it forbids', async () => {
    const by = { patients, key };
    const provision = { ...deny, purpose: [{ code: 'HMARKT' }] };
    const reports = [
      await prohibitions.optOut(by),
      await prohibitions.optOutOfPrimaryUse(by),
      await prohibitions.restrict({ ...by, provision: deny }),
      await prohibitions.object({ ...by, provision }),
    ];
    assert.ok(reports.every(({ delivered }) => delivered.complete));
    const statements = sent(session, key);
    const expected = [
      ['opt-out', {}],
      ['opt-out', { use: 'primary-use' }],
      ['restriction', { provision: deny }],
      ['objection', { provision }],
    ] as const;
    for (const [index, [kind, said]] of expected.entries()) {
      for (const statement of statements.slice(2 * index, 2 * index + 2)) {
        const { prohibition, handle, ...body } = statement.body as ProhibitionBody;
        assert.deepEqual([statement.kind, body], [kind, said]);
        assert.equal(prohibition, reports[index]!.prohibition.id);
        assert.equal(handle, handleOf(await key.revocationSecret(prohibition)));
      }
    }
  });

  it('is told where it is in force and where it is missing; the next follows where it is', async () => {
    begin(without('ClinicMSP'));
    const { prohibition, delivered } = await prohibitions.restrict({ patients, key, provision: deny });
    assert.deepEqual([delivered.accepted, delivered.missing], [['HospitalMSP'], ['ClinicMSP']]);
    const sequences = patients.map((token) => key.lastAccepted(token).sequence);
    assert.deepEqual(sequences, [1, 0]);
    assert.equal(key.lastAccepted(patients[0]!).previous, prohibition.digest);
  });

  it('is lifted by its secret in public, and then taken out of each head', async () => {
    const { prohibition } = await prohibitions.optOut({ patients, key });
    session.calls.length = 0;
    const secret = await key.revocationSecret(prohibition.id);
    const { closed } = await prohibitions.lift({ prohibition: prohibition.id, secret, patients });
    assert.ok(closed.complete);
    assert.deepEqual(session.calls[0], { function: 'ConsentContract:revoke', arguments: [secret] });
    const closings = session.calls.slice(1).filter(isCustodianCall);
    assert.deepEqual(
      closings.map(({ function: name, custodian, input }) => [
        name,
        custodian,
        (input as { consent: string }).consent,
      ]),
      patients.map(({ custodian }) => ['ConsentContract:close', custodian, prohibition.id]),
    );
  });
});

describe('whom the patient lets act', () => {
  it('is said to each custodian with the delegate’s key, acts and limits, and ended by its secret', async () => {
    const [key, daughter] = [await PatientKey.generate(), await PatientKey.generate()];
    const session = new ScriptedSession(() => '');
    const delegations = new Delegations(session);
    const to = daughter.publicKeys.find(({ use }) => use === 'sig')!.jwk;
    const scope = { acts: ['consent'], purposes: ['TREAT'], hidden: ['SDV'] } as const;
    const text = { content: 'My daughter may decide for me.', language: 'en' };
    const { delegation, delivered } = await delegations.grant({ key, patients, to, ...scope, text });
    assert.ok(delivered.complete);
    for (const statement of sent(session, key)) {
      const { delegate, acts, purposes, hidden, handle } = statement.body as DelegationBody;
      assert.equal(statement.kind, 'delegation');
      assert.deepEqual({ delegate, acts, purposes, hidden }, { delegate: to, ...scope });
      assert.equal(handle, handleOf(await key.revocationSecret(delegation.id)));
    }
    const secret = await key.revocationSecret(delegation.id);
    session.calls.length = 0;
    await delegations.revoke({ delegation: delegation.id, secret });
    assert.deepEqual(session.calls, [{ function: 'ConsentContract:revoke', arguments: [secret] }]);
  });

  it('is told where it could not be delivered', async () => {
    const key = await PatientKey.generate();
    const delegations = new Delegations(new ScriptedSession(without('HospitalMSP')));
    const to = (await PatientKey.generate()).publicKeys[0]!.jwk;
    const text = { content: 'text', language: 'en' };
    const { delivered } = await delegations.grant({ key, patients, to, acts: ['log'], text });
    assert.deepEqual(delivered.missing, ['HospitalMSP']);
  });
});
