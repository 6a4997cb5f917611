import assert from 'node:assert/strict';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { MAX_PROVISION_DEPTH, MAX_PROVISIONS, validateConsent, validateProvision } from './provision.js';
import { organizationActor, purposeCoding, recordReference, sensitivityCoding } from './terms.js';

const SECRET = 'JaneDoe1970';

function refused(provision: unknown): VitaledgerError {
  let caught: unknown;
  try {
    validateProvision(provision);
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof VitaledgerError, 'should be refused');
  assert.equal(caught.code, 'INVALID_ARGUMENT');
  assert.ok(!caught.toWire().includes(SECRET), 'quotes the value');
  return caught;
}

const actor = organizationActor('ClinicMSP');
const nested = (levels: number): object =>
  levels === 1 ? { type: 'deny' } : { type: 'deny', provision: [nested(levels - 1)] };

describe('validateProvision', () => {
  it('accepts every element that the engine knows, together and nested', () => {
    validateProvision({
      type: 'permit',
      period: { start: '2026', end: '2027-06-30T12:00:00+02:00' },
      actor: [actor],
      action: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentaction', code: 'access' }],
          text: 'read',
        },
      ],
      securityLabel: [sensitivityCoding('HIV')],
      purpose: [{ ...purposeCoding('TREAT'), display: 'treatment' }],
      class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }],
      code: [{ coding: [{ system: 'http://loinc.org', code: '4548-4' }] }],
      dataPeriod: { start: '2019' },
      data: [{ meaning: 'instance', reference: recordReference('0'.repeat(32)) }],
      provision: [{ type: 'deny', provision: [{ type: 'permit', actor: [actor] }] }],
    });
  });

  const examples: readonly (readonly [string, unknown, string])[] = [
    ['something that is no object', 'permit', 'provision'],
    ['an array', [], 'provision'],
    ['an unknown type', { type: SECRET }, 'provision.type'],
    [
      'a nested provision without type',
      { type: 'deny', provision: [{ actor: [actor] }] },
      'provision.provision[0].type',
    ],
    [
      'a fault deep inside',
      {
        type: 'deny',
        provision: [{ type: 'permit' }, { type: 'permit', provision: [{ type: 'deny', actor: [] }] }],
      },
      'provision.provision[1].provision[0].actor',
    ],
    ['an unknown element', { type: 'permit', [SECRET]: 1 }, 'provision'],
    ['an extension', { type: 'permit', extension: [{ url: 'urn:x', valueString: SECRET }] }, 'provision'],
    ['a modifier extension', { type: 'permit', modifierExtension: [{ url: 'urn:x' }] }, 'provision'],
    ['an extended primitive', { type: 'permit', _type: { id: SECRET } }, 'provision'],
    ['an empty element', { type: 'permit', purpose: [] }, 'provision.purpose'],
    ['an unknown purpose', { type: 'permit', purpose: [purposeCoding(SECRET)] }, 'provision.purpose[0]'],
    [
      'a purpose of another code system',
      { type: 'permit', purpose: [purposeCoding('TREAT'), { system: 'urn:other', code: 'TREAT' }] },
      'provision.purpose[1]',
    ],
    [
      'an unknown label',
      { type: 'deny', securityLabel: [sensitivityCoding(SECRET)] },
      'provision.securityLabel[0]',
    ],
    [
      'an unknown class',
      { type: 'deny', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observations' }] },
      'provision.class[0]',
    ],
    [
      'an actor by another identifier',
      {
        type: 'permit',
        actor: [{ ...actor, reference: { identifier: { system: 'urn:oid:1.2.3', value: SECRET } } }],
      },
      'provision.actor[0].reference.identifier',
    ],
    [
      'an actor by literal reference',
      { type: 'permit', actor: [{ ...actor, reference: { reference: `Practitioner/${SECRET}` } }] },
      'provision.actor[0].reference.identifier',
    ],
    [
      'an actor without role',
      { type: 'permit', actor: [{ reference: actor.reference }] },
      'provision.actor[0].role',
    ],
    [
      'an unknown role',
      {
        type: 'permit',
        actor: [{ ...actor, reference: { identifier: { system: 'urn:vitaledger:role', value: SECRET } } }],
      },
      'provision.actor[0].reference.identifier',
    ],
    [
      'a system named like a member of every object',
      { type: 'permit', purpose: [{ system: 'constructor:x', code: 'name' }] },
      'provision.purpose[0]',
    ],
    ['a code known by its text only', { type: 'deny', code: [{ text: SECRET }] }, 'provision.code[0].coding'],
    [
      'data related to an instance',
      { type: 'deny', data: [{ meaning: 'related', reference: recordReference('0'.repeat(32)) }] },
      'provision.data[0].meaning',
    ],
    ['a period without ends', { type: 'permit', period: {} }, 'provision.period'],
    [
      'a period that runs backwards',
      { type: 'permit', period: { start: '2027', end: '2026' } },
      'provision.period',
    ],
    ['a day that does not exist', { type: 'permit', period: { end: '2026-02-30' } }, 'provision.period.end'],
  ];
  for (const [what, provision, path] of examples) {
    it(`refuses ${what}, naming the path and no value`, () => {
      assert.equal(refused(provision).details.path, path);
    });
  }

  it('accepts exceptions down to the greatest depth and refuses the level below', () => {
    validateProvision(nested(MAX_PROVISION_DEPTH));
    assert.match(refused(nested(MAX_PROVISION_DEPTH + 1)).message, /nested deeper/);
  });

  it('refuses more provisions than a decision should have to look at', () => {
    const deny = { type: 'deny' };
    validateProvision({ type: 'permit', provision: Array.from({ length: MAX_PROVISIONS - 1 }, () => deny) });
    refused({ type: 'permit', provision: Array.from({ length: MAX_PROVISIONS }, () => deny) });
  });
});

describe('validateConsent', () => {
  it('needs a base rule: the root type or a policyRule', () => {
    validateConsent({ provision: { type: 'deny' } });
    validateConsent({ provision: {}, policyRule: 'OPTIN' });
    assert.throws(
      () => {
        validateConsent({ provision: {} });
      },
      { code: 'INVALID_ARGUMENT', details: { path: 'consent.provision.type' } },
    );
  });
});
