import assert from 'node:assert/strict';
import { isKnownPurpose } from '../decision/purposes.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { type ConsortiumDocument, validateDocument } from './document.js';
import { ORGANIZATION_KINDS, ROLES } from './roles.js';
import { activeOrganizations, isAdopted, votesNeeded } from './votes.js';
import { mayUsePurpose, mayVouch, purposesOf, VOUCHING } from './vouching.js';

const organization = {
  name: 'General Hospital',
  kinds: ['hospital'],
  jurisdiction: 'US-CA',
  status: 'active',
} as const;

function documentOf(...statuses: ('active' | 'suspended')[]): ConsortiumDocument {
  const organizations = Object.fromEntries(
    statuses.map((status, index) => [`Org${index}MSP`, { ...organization, status }]),
  );
  return { version: 1, organizations, packs: [], clock: { intervalSeconds: 300, skewSeconds: 30 } };
}

describe('validateDocument', () => {
  it('accepts a document', () => {
    const document = documentOf('active', 'suspended');
    assert.deepEqual(validateDocument(document), document);
  });

  const good = documentOf('active');
  const org = (changes: object) => ({ ...good, organizations: { AMSP: { ...organization, ...changes } } });
  const examples: readonly (readonly [string, unknown, string])[] = [
    ['an unknown kind', org({ kinds: ['hotel'] }), 'document.organizations.AMSP.kinds[0]'],
    ['no kind', org({ kinds: [] }), 'document.organizations.AMSP.kinds'],
    ['a kind twice', org({ kinds: ['clinic', 'clinic'] }), 'document.organizations.AMSP.kinds'],
    ['a jurisdiction in words', org({ jurisdiction: 'Germany' }), 'document.organizations.AMSP.jurisdiction'],
    ['an unknown status', org({ status: 'gone' }), 'document.organizations.AMSP.status'],
    ['an empty name', org({ name: ' ' }), 'document.organizations.AMSP.name'],
    ['an unknown member', org({ phone: '1' }), 'document.organizations.AMSP'],
    ['nobody', { ...good, organizations: {} }, 'document.organizations'],
    ['nobody active', documentOf('suspended'), 'document.organizations'],
    ['a bad MSP id', { ...good, organizations: { 'a b': organization } }, 'document.organizations'],
    ['version 0', { ...good, version: 0 }, 'document.version'],
    ['a fraction of a version', { ...good, version: 1.5 }, 'document.version'],
    ['packs', { ...good, packs: ['us-hipaa'] }, 'document.packs[0]'],
    [
      'a clock that stands',
      { ...good, clock: { intervalSeconds: 0, skewSeconds: 30 } },
      'document.clock.intervalSeconds',
    ],
    ['no clock', { ...good, clock: undefined }, 'document.clock'],
  ];
  for (const [what, document, path] of examples) {
    it(`refuses ${what}, naming the path`, () => {
      assert.throws(
        () => validateDocument(document),
        (error) => error instanceof VitaledgerError && error.details.path === path,
      );
    });
  }
});

describe('votes', () => {
  it('need more than half of the active organizations', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((n) => votesNeeded(documentOf(...Array<'active'>(n).fill('active')))),
      [1, 2, 2, 3, 3],
    );
    assert.equal(votesNeeded(documentOf('active', 'suspended', 'suspended')), 1);
  });

  it('count only from active organizations', () => {
    const document = documentOf('active', 'active', 'active', 'suspended');
    assert.deepEqual(activeOrganizations(document), ['Org0MSP', 'Org1MSP', 'Org2MSP']);
    assert.equal(isAdopted(document, { Org0MSP: true, Org3MSP: true, OtherMSP: true }), false);
    assert.equal(isAdopted(document, { Org0MSP: true, Org2MSP: true }), true);
  });
});

describe('vouching', () => {
  it('lets each kind vouch for its own roles, and every member for its administrators, auditors and services', () => {
    assert.equal(mayVouch(['hospital'], 'emergency'), true);
    assert.equal(mayVouch(['clinic'], 'emergency'), false);
    assert.equal(mayVouch(['research'], 'practitioner'), false);
    assert.equal(mayVouch(['pharmacy', 'laboratory'], 'laboratory'), true);
    for (const kind of ORGANIZATION_KINDS) {
      for (const role of ['admin', 'auditor', 'service'] as const) assert.equal(mayVouch([kind], role), true);
    }
    assert.equal(mayVouch([], 'admin'), false);
  });

  it('leaves no role without a kind that may vouch for it', () => {
    for (const role of ROLES) {
      assert.ok(
        Object.values(VOUCHING).some((roles) => roles.includes(role)) || mayVouch(['clinic'], role),
        role,
      );
    }
  });
});

describe('purposesOf', () => {
  it('names known purposes of use only', () => {
    for (const role of ROLES)
      for (const purpose of purposesOf(role)) assert.ok(isKnownPurpose(purpose), purpose);
  });

  const examples: readonly (readonly [(typeof ROLES)[number], string, boolean])[] = [
    ['practitioner', 'TREAT', true],
    ['practitioner', 'ETREAT', true],
    ['practitioner', 'BTG', false],
    ['practitioner', 'HRESCH', false],
    ['emergency', 'BTG', true],
    ['researcher', 'CLINTRCHPC', true],
    ['researcher', 'TREAT', false],
    ['investigator', 'CLINTRL', true],
    ['pharmacist', 'TREAT', true],
    ['registrar', 'PATADMIN', true],
    ['auditor', 'HCOMPL', true],
    ['sponsor', 'HRESCH', false],
    ['admin', 'TREAT', false],
    ['service', 'TREAT', false],
  ];
  for (const [role, purpose, may] of examples) {
    it(`${may ? 'lets' : 'does not let'} the role ${role} name ${purpose}`, () => {
      assert.equal(mayUsePurpose(role, purpose), may);
    });
  }
});
