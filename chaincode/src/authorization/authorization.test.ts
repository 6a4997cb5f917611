import assert from 'node:assert/strict';
import { ROLES, type Role, type VitaledgerError } from '@vitaledger/domain';
import { allKindsDocument, Bench, caller, consortiumDocument, type Call } from '../testing/bench.js';
import { everyCall, target, type EveryCall } from '../testing/every-call.js';
import { actingPerson } from './acting-person.js';
import { PERMISSIONS } from './permissions.js';

// Both may vouch for every role, so that nothing but the role and the organization decides.
const HOME = 'HomeMSP';
const OTHER = 'OtherMSP';
const document = allKindsDocument(HOME, OTHER);

const EVERYONE: readonly Role[] = ROLES;
const CARE_STAFF: readonly Role[] = ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service'];

/** Written from docs/protocol.md, not from the code: function → roles at home, and of another organization. */
const EXPECTED: Readonly<Record<keyof typeof PERMISSIONS, readonly [readonly Role[], readonly Role[]]>> = {
  'ConsortiumContract:beat': [['admin'], ['admin']],
  'ConsortiumContract:propose': [['admin'], ['admin']],
  'ConsortiumContract:vote': [['admin'], ['admin']],
  'ConsortiumContract:publishMap': [['admin'], ['admin']],
  'ConsortiumContract:publishPack': [['admin'], ['admin']],
  'RecordContract:enrol': [['registrar'], []],
  'RecordContract:register': [CARE_STAFF, []],
  'RecordContract:registerBatch': [CARE_STAFF, []],
  // For the purpose HCOMPL and metadata.
  'RecordContract:inspect': [['registrar', 'auditor'], []],
  // The inspection is registrar-1's, and only theirs.
  'RecordContract:list': [['registrar'], []],
  'CorrectionContract:amend': [CARE_STAFF, []],
  'CorrectionContract:retract': [CARE_STAFF, []],
  'RectificationContract:request': [['registrar', 'practitioner'], []],
  'RectificationContract:refuse': [['registrar', 'practitioner'], []],
  'RectificationContract:list': [['registrar', 'practitioner', 'auditor'], []],
  'RectificationContract:answers': [EVERYONE, EVERYONE],
  'ErasureContract:preview': [['registrar'], []],
  'ErasureContract:erase': [['registrar'], []],
  'ErasureContract:hold': [['auditor'], []],
  'ErasureContract:release': [['auditor'], []],
  'ConsentContract:grant': [EVERYONE, EVERYONE],
  'ConsentContract:declare': [EVERYONE, EVERYONE],
  'ConsentContract:record': [['registrar'], []],
  'ConsentContract:revoke': [EVERYONE, EVERYONE],
  'ConsentContract:close': [EVERYONE, EVERYONE],
  'ConsentContract:list': [EVERYONE, EVERYONE],
  'ConsentContract:history': [EVERYONE, EVERYONE],
  // For the purpose TREAT.
  'AccessContract:request': [
    ['practitioner', 'emergency', 'pharmacist', 'laboratory'],
    ['practitioner', 'emergency', 'pharmacist', 'laboratory'],
  ],
  'AccessContract:log': [EVERYONE, EVERYONE],
  'NotificationContract:changeKey': [EVERYONE, EVERYONE],
  'NotificationContract:key': [EVERYONE, EVERYONE],
  'NotificationContract:notice': [EVERYONE, EVERYONE],
  'OrderContract:place': [['practitioner'], []],
  'OrderContract:placed': [['practitioner'], []],
  'OrderContract:accept': [['laboratory', 'practitioner'], []],
  'OrderContract:result': [['laboratory', 'practitioner'], []],
  // The orders are HomeMSP's own.
  'OrderContract:show': [['laboratory', 'practitioner'], []],
  'OrderContract:status': [['practitioner'], []],
  'OrderContract:acknowledge': [['practitioner'], []],
  'OrderContract:awaited': [['laboratory', 'practitioner', 'service'], []],
  'AccessContract:reviews': [['registrar', 'auditor'], []],
  'AccessContract:review': [['registrar', 'auditor'], []],
  'PrescriptionContract:issue': [['practitioner'], []],
  // In public a service says for nobody that it acts; both organizations may vouch for both roles.
  'PrescriptionContract:publish': [
    ['practitioner', 'service'],
    ['practitioner', 'service'],
  ],
  'PrescriptionContract:redeem': [['pharmacist'], ['pharmacist']],
  'PrescriptionContract:fill': [
    ['pharmacist', 'service'],
    ['pharmacist', 'service'],
  ],
  'PrescriptionContract:cancel': [EVERYONE, EVERYONE],
  'PrescriptionContract:cancellation': [['practitioner'], []],
  'DispenseContract:begin': [['pharmacist'], []],
  'DispenseContract:portion': [['pharmacist'], []],
  'DispenseContract:get': [['pharmacist', 'auditor'], []],
  'TrialRegistryContract:register': [
    ['sponsor', 'investigator'],
    ['sponsor', 'investigator'],
  ],
  // The trial is HomeMSP's.
  'TrialRegistryContract:approve': [[], ['ethics']],
  'TrialRegistryContract:amend': [['sponsor', 'investigator'], []],
  'TrialRegistryContract:advance': [['sponsor', 'investigator'], []],
  'TrialDelayContract:submit': [['sponsor', 'investigator'], []],
  // How a certificate ended.
  'TrialDelayContract:end': [['sponsor', 'investigator', 'regulator'], ['regulator']],
  'ParticipationContract:enrol': [['investigator'], []],
  'ParticipationContract:emergency': [['investigator', 'practitioner', 'emergency'], []],
  'ParticipationContract:list': [['investigator', 'auditor'], []],
  'ParticipationContract:emergencies': [['investigator', 'auditor'], []],
  'ParticipationContract:counts': [['investigator', 'auditor'], []],
  'TrialEnrolmentContract:report': [
    ['investigator', 'service'],
    ['investigator', 'service'],
  ],
  'TrialDataContract:offer': [['sponsor', 'investigator'], []],
  'TrialDataContract:request': [['researcher'], ['researcher']],
  'TrialDataContract:decide': [[], ['ethics']],
  'TrialAnalysisContract:commitList': [['sponsor', 'investigator'], []],
  'TrialAnalysisContract:unblind': [['sponsor', 'investigator'], []],
  'TrialAnalysisContract:revealList': [['sponsor', 'investigator'], []],
  'TrialDocumentContract:register': [['sponsor', 'investigator'], []],
  // The letter is HomeMSP's, the sponsor's.
  'TrialDocumentContract:revise': [['sponsor', 'investigator'], []],
};

describe('authorization', () => {
  let bench: Bench;
  let calls: EveryCall;

  before(async () => {
    bench = await Bench.founded(document);
    calls = await everyCall(bench, HOME);
  });

  /** Executes at HomeMSP's peer without committing, so that every caller meets the same state. */
  const outcome = async (name: keyof typeof PERMISSIONS, as: Call['as'], input?: object): Promise<string> => {
    const [contract, method] = target(name);
    const { input: own, ...args } = calls[name];
    const call: Call = { as, at: HOME, input: input ? { ...(own as object), ...input } : own, ...args };
    try {
      await bench.execute(contract, method, call, bench.begin(call));
      return 'permitted';
    } catch (error) {
      return (error as VitaledgerError).code;
    }
  };

  for (const [name, [home, other]] of Object.entries(EXPECTED) as [
    keyof typeof PERMISSIONS,
    [Role[], Role[]],
  ][]) {
    it(`lets only these call ${name}: ${home.join(', ')}; of other members: ${other.join(', ') || 'nobody'}`, async () => {
      for (const role of ROLES) {
        // HomeMSP has voted for the proposal already: that it may is what ALREADY_EXISTS says.
        const yes = (mspId: string) =>
          name === 'ConsortiumContract:vote' && mspId === HOME ? 'ALREADY_EXISTS' : 'permitted';
        const expected = (roles: readonly Role[], mspId: string) =>
          roles.includes(role) ? yes(mspId) : 'PERMISSION_DENIED';
        assert.equal(
          await outcome(name, caller(HOME, role)),
          expected(home, HOME),
          `${role} of the custodian`,
        );
        assert.equal(
          await outcome(name, caller(OTHER, role)),
          expected(other, OTHER),
          `${role} of another member`,
        );
        assert.equal(
          await outcome(name, caller('StrangerMSP', role)),
          'PERMISSION_DENIED',
          `${role} of no member`,
        );
      }
    });

    it(`refuses certificates without role or subject at ${name}`, async () => {
      for (const [role, subject] of [
        [undefined, 's-1'],
        ['chief', 's-1'],
        [home[0] ?? other[0], 'not a pseudonym'],
      ]) {
        assert.equal(await outcome(name, { mspId: HOME, role, subject }), 'PERMISSION_DENIED');
      }
      assert.equal(
        await outcome(name, { mspId: HOME, role: 'admin', subject: undefined }),
        'PERMISSION_DENIED',
      );
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
