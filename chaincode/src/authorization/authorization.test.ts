import assert from 'node:assert/strict';
import { ROLES, type Role, type VitaledgerError } from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { RecordContract } from '../records/record-contract.js';
import {
  ALL_PURPOSES,
  AUTHORIZATION_MATRIX,
  PURPOSES_OF_ROLES,
  type Row,
} from '../testing/authorization-matrix.js';
import { allKindsDocument, Bench, caller, consortiumDocument, random, type Call } from '../testing/bench.js';
import { CONSENT_STATES, type ConsentState } from '../testing/consent-state.js';
import { target } from '../testing/every-call.js';
import { everyFunction, functionsOfContracts, type EveryFunction } from '../testing/every-function.js';
import { KeyPair, Patient } from '../testing/patient.js';
import { actingPerson } from './acting-person.js';
import { PERMISSIONS } from './permissions.js';

// Both may vouch for every role, so that nothing but the role, the organization and the consent decides.
const HOME = 'HomeMSP';
const OTHER = 'OtherMSP';
const document = allKindsDocument(HOME, OTHER);
const ROWS = Object.entries(AUTHORIZATION_MATRIX);

describe('authorization', () => {
  const benches = new Map<ConsentState, readonly [Bench, EveryFunction]>();

  before(async () => {
    for (const state of CONSENT_STATES) {
      const bench = await Bench.founded(document);
      benches.set(state, [bench, await everyFunction(bench, HOME, OTHER, state)]);
    }
  });

  /** Executes at HomeMSP's peer without committing, so that every caller meets the same state. */
  const outcome = async (
    name: string,
    as: Call['as'],
    change: object = {},
    state: ConsentState = 'permitted',
  ): Promise<string> => {
    const [bench, everything] = benches.get(state) ?? assert.fail(state);
    const [contract, method] = target(name);
    const { input: own, ...args } = everything(as.mspId)[name] ?? assert.fail(`no call of ${name}`);
    const input = own === undefined ? {} : { input: { ...(own as object), ...change } };
    const call: Call = { as, at: HOME, ...input, ...args };
    try {
      await bench.execute(contract, method, call, bench.begin(call));
      return 'permitted';
    } catch (error) {
      return (error as VitaledgerError).code;
    }
  };

  it('has a row for every function of both channels, and for nothing else', () => {
    assert.deepEqual(Object.keys(AUTHORIZATION_MATRIX).sort(), [...functionsOfContracts().keys()].sort());
  });

  it('guards every function that is not for anybody, or answers the holder of a receipt only', () => {
    const held = [
      'AccessContract:open',
      'AccessContract:outcome',
      'CohortContract:read',
      'OrderContract:open',
      'PrescriptionContract:open',
    ];
    const guarded = ROWS.flatMap(([name, { anybody }]) => (anybody || held.includes(name) ? [] : [name]));
    assert.deepEqual(Object.keys(PERMISSIONS).sort(), guarded.sort());
  });

  for (const [name, row] of ROWS) {
    it(`lets only these call ${name}: ${named(row.own)}; of other members: ${named(row.other)}${row.anybody ? '; and anybody' : ''}`, async () => {
      for (const state of CONSENT_STATES)
        for (const role of ROLES)
          for (const [mspId, roles] of [
            [HOME, row.own],
            [OTHER, row.other],
          ] as const)
            assert.equal(
              await outcome(name, caller(mspId, role), {}, state),
              roles.includes(role) ? answer(name, mspId, row, state) : 'PERMISSION_DENIED',
              `${role} of ${mspId}, ${state}`,
            );
    });

    it(`${row.anybody ? 'lets those outside the consortium, and without role or subject, call' : 'refuses those outside the consortium, and without role or subject, at'} ${name}`, async () => {
      const expected = row.anybody ? 'permitted' : 'PERMISSION_DENIED';
      const some = row.own[0] ?? row.other[0];
      const strangers = [
        ...ROLES.map((role) => caller('StrangerMSP', role)),
        { mspId: HOME, role: undefined, subject: 's-1' },
        { mspId: HOME, role: 'chief', subject: 's-1' },
        { mspId: HOME, role: some, subject: 'not a pseudonym' },
        { mspId: HOME, role: some, subject: undefined },
      ];
      const [, everything] = benches.get('permitted') ?? assert.fail();
      for (const as of strangers) {
        const { input } = everything(HOME)[name] ?? {};
        assert.equal(await outcome(name, as, input as object), expected, JSON.stringify(as));
      }
    });
  }

  it('answers a receipt to nobody but who asked: not to a colleague in the same role', async () => {
    for (const [name, role] of [
      ['AccessContract:outcome', 'practitioner'],
      ['AccessContract:open', 'practitioner'],
      ['OrderContract:open', 'practitioner'],
      ['PrescriptionContract:open', 'pharmacist'],
      ['RecordContract:list', 'registrar'],
    ] as const) {
      assert.equal(await outcome(name, caller(HOME, role)), 'permitted');
      assert.equal(await outcome(name, caller(HOME, role, `${role}-2`)), 'PERMISSION_DENIED', name);
    }
  });

  for (const role of ROLES) {
    it(`lets ${role} ask for these purposes only: ${PURPOSES_OF_ROLES[role].join(', ') || 'none'}`, async () => {
      const [bench] = benches.get('permitted') ?? assert.fail();
      const patient = new Patient(bench, HOME);
      const registrar = caller(HOME, 'registrar');
      await bench.submit(new RecordContract(), 'enrol', { as: registrar, input: patient.enrolment() });
      const permitted: string[] = [];
      for (const purpose of ALL_PURPOSES) {
        const asked = { scope: 'metadata', purpose, filter: {}, encryptionKey: new KeyPair().jwk };
        const emergency = purpose === 'BTG' ? { emergency: { reason: 'unconscious' } } : {};
        const input = { patient: patient.id, ...asked, ...emergency, salt: random() };
        const call = { as: caller(OTHER, role), at: HOME, input };
        try {
          await bench.execute(new AccessContract(), 'request', call, bench.begin(call));
          permitted.push(purpose);
        } catch (error) {
          assert.equal((error as VitaledgerError).code, 'PERMISSION_DENIED', purpose);
        }
      }
      assert.deepEqual(permitted.sort(), [...PURPOSES_OF_ROLES[role]].sort());
    });
  }

  it('judges a person that a service names by that person’s role', async () => {
    const service = caller(HOME, 'service');
    const named = (role: string) =>
      outcome('RecordContract:enrol', service, { actor: { role, subject: 'p-1' } });
    assert.equal(await named('registrar'), 'permitted');
    assert.equal(await named('practitioner'), 'PERMISSION_DENIED');
    for (const role of ['admin', 'service', 'chief']) assert.equal(await named(role), 'INVALID_ARGUMENT');
  });

  it('lets nobody but a service name somebody else', async () => {
    const actor = { role: 'registrar', subject: 'p-1' };
    for (const role of ROLES.filter((one) => one !== 'service')) {
      assert.equal(await outcome('RecordContract:enrol', caller(HOME, role), { actor }), 'PERMISSION_DENIED');
    }
  });

  it('honours a role only if the organization’s kinds may vouch for it, named by a service too', () => {
    const clinic = consortiumDocument();
    const service = caller('ClinicMSP', 'service', 'ehr-1');
    assert.throws(() => actingPerson(caller('ClinicMSP', 'emergency'), clinic, undefined), {
      code: 'PERMISSION_DENIED',
      details: { reason: 'ROLE_NOT_VOUCHED' },
    });
    assert.throws(() => actingPerson(service, clinic, { role: 'emergency', subject: 'p-1' }), {
      details: { reason: 'ROLE_NOT_VOUCHED' },
    });
    assert.deepEqual(actingPerson(service, clinic, { role: 'practitioner', subject: 'p-1' }), {
      person: { mspId: 'ClinicMSP', role: 'practitioner', subject: 'p-1' },
      via: 'ehr-1',
    });
  });

  it('does not take an inherited property for an organization', () => {
    assert.throws(() => actingPerson(caller('constructor', 'admin'), consortiumDocument(), undefined), {
      details: { reason: 'NOT_A_MEMBER' },
    });
  });
});

/** What who may call is told. HomeMSP has voted for the proposal already: that it may is what ALREADY_EXISTS says. */
function answer(name: string, mspId: string, { consent = {} }: Row, state: ConsentState): string {
  const done = name === 'ConsortiumContract:vote' && mspId === HOME ? 'ALREADY_EXISTS' : 'permitted';
  return consent[state] ?? done;
}

function named(roles: readonly Role[]): string {
  return roles.length === ROLES.length ? 'every role' : roles.join(', ') || 'nobody';
}
