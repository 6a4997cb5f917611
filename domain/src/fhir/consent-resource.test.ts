import assert from 'node:assert/strict';
import type { Consent, ConsentProvision } from 'fhir/r4';
import {
  classCoding,
  confidentialityCoding,
  organizationActor,
  personActor,
  purposeCoding,
  recordReference,
  roleActor,
  sensitivityCoding,
} from '../decision/terms.js';
import { VitaledgerError } from '../errors/vitaledger-error.js';
import { canonicalJson, digestOf } from '../json/canonical.js';
import { fillTemplate, TEMPLATE_NAMES } from '../templates/templates.js';
import { fromFhirConsent, toFhirConsent, type FhirConsent } from './consent-resource.js';

const content = 'Die Klinik darf meine Diagnosen lesen – außer HIV.';
const provision: ConsentProvision = {
  type: 'permit',
  period: { start: '2026-01', end: '2027-06-30' },
  actor: [organizationActor('ClinicMSP'), personActor('ClinicMSP', 's-1'), roleActor('emergency')],
  purpose: [purposeCoding('TREAT')],
  class: [classCoding('Condition')],
  code: [{ coding: [{ system: 'http://loinc.org', code: '4548-4', display: 'HbA1c' }], text: 'HbA1c' }],
  provision: [
    {
      type: 'deny',
      securityLabel: [sensitivityCoding('HIV'), confidentialityCoding('R')],
      dataPeriod: { end: '2020' },
      provision: [
        { type: 'permit', data: [{ meaning: 'instance', reference: recordReference('1'.repeat(32)) }] },
      ],
    },
  ],
};
const full: FhirConsent = {
  consent: 'c'.repeat(32),
  version: 2,
  handle: 'd'.repeat(64),
  provision,
  policyRule: 'OPTIN',
  replaces: { consent: 'c'.repeat(32), version: 1 },
  text: { language: 'de-CH', digest: digestOf(content), content },
  patient: { reference: 'Patient/1', display: 'Jane' },
  dateTime: '2026-03-01T12:00:00.000Z',
  custodians: ['HospitalMSP', 'ClinicMSP'],
};
const least: FhirConsent = {
  provision: { type: 'deny' },
  text: { language: 'en', digest: 'e'.repeat(64) },
};

const toResearch: FhirConsent = {
  provision: { type: 'permit', purpose: [purposeCoding('CLINTRCH')] },
  trial: 'VL-0123456789abcdef',
  dataUse: {
    permission: { code: 'DS', diseases: ['MONDO:0005015'] },
    modifiers: [{ code: 'TS', months: 6 }],
  },
  recontact: true,
  text: { language: 'en', digest: 'e'.repeat(64) },
};

/** As a FHIR server would hand it back. */
const sent = (consent: FhirConsent): Consent => JSON.parse(JSON.stringify(toFhirConsent(consent))) as Consent;

describe('a FHIR R4 Consent', () => {
  it('is read back as it was written, with everything and with the least', () => {
    assert.deepEqual(fromFhirConsent(sent(full)), full);
    assert.deepEqual(fromFhirConsent(sent(least)), least);
    assert.deepEqual(fromFhirConsent(sent(toResearch)), toResearch);
    for (const name of TEMPLATE_NAMES) {
      const team = { reference: `HospitalMSP/${'7'.repeat(32)}`, name: 'Diabetes team' };
      const recipient =
        name === 'treatment-by-team'
          ? { careTeam: team }
          : { organization: { mspId: 'ClinicMSP', name: 'The clinic' } };
      const needs = name === 'emergency-only' ? {} : recipient;
      const classes = name === 'treatment-of-some' ? { classes: ['Condition'] } : {};
      const sensitivities = name === 'treatment-without-sensitive' ? { sensitivities: ['HIV'] } : {};
      const filled = fillTemplate(name, { language: 'de', ...needs, ...classes, ...sensitivities });
      const consent = { provision: filled.provision, text: { ...filled.text, digest: filled.digest } };
      assert.deepEqual(fromFhirConsent(sent(consent)), consent);
    }
  });

  it('refuses data-use terms that are none, and on anything but research', () => {
    const resource = sent(toResearch);
    const changed = (valueString: string): Consent => ({
      ...resource,
      extension: (resource.extension ?? []).map((one) =>
        one.url.endsWith('data-use') ? { ...one, valueString } : one,
      ),
    });
    for (const terms of ['{', '{}', '{"modifiers":[],"permission":{"code":"XYZ"}}'])
      assert.throws(() => fromFhirConsent(changed(terms)), { code: 'INVALID_ARGUMENT' }, terms);
    assert.throws(() => fromFhirConsent({ ...resource, provision }), { code: 'INVALID_ARGUMENT' });
  });

  it('is written back as it was read', () => {
    for (const consent of [full, least, toResearch]) {
      const resource = sent(consent);
      assert.equal(canonicalJson(toFhirConsent(fromFhirConsent(resource))), canonicalJson(resource));
    }
  });

  it('has what R4 requires: status, scope, category, and a policy', () => {
    const { resourceType, status, scope, category, policy } = toFhirConsent(least);
    assert.deepEqual(
      [resourceType, status, scope.coding?.[0]?.code, category[0]?.coding?.[0]?.code, policy?.length],
      ['Consent', 'active', 'patient-privacy', '59284-0', 1],
    );
  });

  it('gets the digest of its text where it has only the text', () => {
    const resource = sent(full);
    const { extension: _digest, ...attachment } = resource.sourceAttachment!;
    assert.ok(_digest);
    assert.deepEqual(fromFhirConsent({ ...resource, sourceAttachment: attachment }).text, full.text);
  });

  it('may have a server’s own id and time', () => {
    const resource = {
      ...sent(full),
      id: '17',
      meta: { versionId: '2', lastUpdated: '2026-03-02T00:00:00Z' },
    };
    assert.deepEqual(fromFhirConsent(resource), full);
  });

  const base = sent(full);
  const attachment = base.sourceAttachment!;
  const refusals: readonly (readonly [string, unknown, string])[] = [
    ['another resource', { ...base, resourceType: 'Contract' }, 'Consent.resourceType'],
    ['no object', [], 'Consent'],
    ['another status', { ...base, status: 'rejected' }, 'Consent.status'],
    [
      'another scope',
      { ...base, scope: { coding: [{ ...base.scope.coding![0], code: 'research' }] } },
      'Consent.scope.coding[0].code',
    ],
    ['a scope in words', { ...base, scope: { text: 'privacy' } }, 'Consent.scope.coding'],
    [
      'another category',
      { ...base, category: [{ coding: [{ system: 'http://loinc.org', code: '1-8' }] }] },
      'Consent.category[0].coding[0].code',
    ],
    ['a narrative', { ...base, text: { status: 'generated', div: '<div>Jane Doe</div>' } }, 'Consent'],
    ['a performer', { ...base, performer: [{ reference: 'Patient/1' }] }, 'Consent'],
    ['a patient with an unknown member', { ...base, patient: { name: 'Jane' } }, 'Consent.patient'],
    ['a verification', { ...base, verification: [{ verified: true }] }, 'Consent'],
    ['a source by reference', { ...base, sourceReference: { reference: 'DocumentReference/1' } }, 'Consent'],
    ['implicit rules', { ...base, implicitRules: 'http://example.org' }, 'Consent'],
    ['a modifier extension', { ...base, modifierExtension: [{ url: 'http://example.org' }] }, 'Consent'],
    [
      'an unknown extension',
      { ...base, extension: [{ url: 'http://example.org', valueString: '1' }] },
      'Consent.extension[0].url',
    ],
    [
      'an extension twice',
      { ...base, extension: [base.extension![0], base.extension![0]] },
      'Consent.extension',
    ],
    [
      'a handle that is none',
      { ...base, extension: [{ ...base.extension![0], valueString: '1' }] },
      'Consent.extension[0].valueString',
    ],
    [
      'a replaced version that is none',
      { ...base, extension: [{ ...base.extension![1], valueString: 'x/01' }] },
      'Consent.extension[0].valueString',
    ],
    [
      'an identifier of another system',
      { ...base, identifier: [{ system: 'urn:x', value: 'c'.repeat(32) }] },
      'Consent.identifier[0].system',
    ],
    [
      'a custodian by server reference',
      { ...base, organization: [{ reference: 'Organization/1' }] },
      'Consent.organization[0]',
    ],
    ['another policy', { ...base, policy: [{ uri: 'http://example.org/policy' }] }, 'Consent.policy[0].uri'],
    [
      'another policy rule',
      { ...base, policyRule: { coding: [{ ...base.policyRule!.coding![0], code: 'OPTOUTE' }] } },
      'Consent.policyRule.coding[0].code',
    ],
    ['no text', { ...base, sourceAttachment: undefined }, 'Consent.sourceAttachment'],
    [
      'a text of another type',
      { ...base, sourceAttachment: { ...attachment, contentType: 'application/pdf' } },
      'Consent.sourceAttachment.contentType',
    ],
    [
      'a text that is not that of the digest',
      { ...base, sourceAttachment: { ...attachment, data: 'QUJD' } },
      'Consent.sourceAttachment.data',
    ],
    [
      'text that is no base64',
      { ...base, sourceAttachment: { ...attachment, data: '!' } },
      'Consent.sourceAttachment.data',
    ],
    [
      'text that is no UTF-8',
      { ...base, sourceAttachment: { ...attachment, data: '/w==' } },
      'Consent.sourceAttachment.data',
    ],
    [
      'neither text nor digest',
      { ...base, sourceAttachment: { contentType: 'text/plain', language: 'en' } },
      'Consent.sourceAttachment.data',
    ],
    ['no provision', { ...base, provision: undefined }, 'Consent.provision'],
    ['no base rule', { ...base, policyRule: undefined, provision: {} }, 'Consent.provision.type'],
    [
      'a nested provision without type',
      { ...base, provision: { type: 'permit', provision: [{}] } },
      'Consent.provision.provision[0].type',
    ],
    [
      'a literal actor',
      {
        ...base,
        provision: {
          type: 'permit',
          actor: [{ ...organizationActor('ClinicMSP'), reference: { reference: 'Organization/1' } }],
        },
      },
      'Consent.provision.actor[0].reference',
    ],
    [
      'data by another meaning',
      {
        ...base,
        provision: {
          type: 'permit',
          data: [{ meaning: 'related', reference: recordReference('1'.repeat(32)) }],
        },
      },
      'Consent.provision.data[0].meaning',
    ],
  ];
  for (const [what, resource, path] of refusals) {
    it(`is refused with ${what}, naming the path and no value`, () => {
      const plain: unknown = JSON.parse(JSON.stringify(resource));
      assert.throws(
        () => fromFhirConsent(plain),
        (error) => {
          assert.ok(error instanceof VitaledgerError);
          assert.ok(String(error.details.path).startsWith(path), String(error.details.path));
          assert.doesNotMatch(error.message, /Jane|Patient\/1/);
          return error.code === 'INVALID_ARGUMENT';
        },
      );
    });
  }

  it('is not written from what the ledger would refuse', () => {
    assert.throws(() => toFhirConsent({ ...least, provision: {} }), {
      details: { path: 'consent.provision.type' },
    });
    const text = { ...least.text, content: 'another text' };
    assert.throws(() => toFhirConsent({ ...least, text }), { details: { path: 'consent.text.content' } });
  });
});
