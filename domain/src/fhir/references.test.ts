import assert from 'node:assert/strict';
import type { Encounter, FhirResource, Observation } from 'fhir/r4';
import { readBundle } from './read-bundle.js';
import {
  literalReferences,
  logicalReferences,
  planReferences,
  referenceResolver,
  rewriteReferences,
} from './references.js';

const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const bundle = readBundle({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    { fullUrl: PATIENT, resource: { resourceType: 'Patient', id: 'p' } },
    { fullUrl: 'https://ehr.example.org/Device/d', resource: { resourceType: 'Device', id: 'd' } },
    {
      resource: {
        resourceType: 'Observation',
        status: 'final',
        contained: [{ resourceType: 'Specimen', id: 's', subject: { reference: PATIENT } }],
        text: {
          status: 'generated',
          div: `<div><a href="${PATIENT}">her</a> <a href="https://example.org">x</a></div>`,
        },
        code: { text: 'urn:uuid:11111111-1111-4111-8111-111111111111' },
        identifier: [{ system: 'urn:ietf:rfc:3986', value: PATIENT }],
        subject: { reference: PATIENT },
        device: { reference: 'Device/d/_history/3' },
        specimen: { reference: '#s' },
        performer: [{ reference: 'Practitioner?identifier=a|b' }, { reference: 'Organization/elsewhere' }],
        extension: [{ url: 'https://example.org/about', valueUri: PATIENT }],
      },
    },
  ],
});
const source = bundle.entries[2]!.resource as Observation;

describe('planReferences and rewriteReferences', () => {
  const plan = planReferences(bundle, ['p0', 'd1', 'o2']);
  const rewritten = rewriteReferences(source, plan);

  it('turns references between entries into references to records', () => {
    assert.equal(rewritten.subject?.reference, 'Patient/p0');
    assert.equal(rewritten.device?.reference, 'Device/d1');
    assert.equal(rewritten.extension?.[0]?.valueUri, 'Patient/p0');
    const specimen = rewritten.contained?.[0] as { subject?: { reference?: string } };
    assert.equal(specimen.subject?.reference, 'Patient/p0');
    assert.ok(rewritten.text?.div.includes('<a href="Patient/p0">her</a> <a href="https://example.org">'));
  });

  it('leaves conditional, contained and outside references, identifiers and texts as they are', () => {
    assert.deepEqual(rewritten.performer, source.performer);
    assert.equal(rewritten.specimen?.reference, '#s');
    assert.deepEqual(rewritten.identifier, source.identifier);
    assert.deepEqual(rewritten.code, source.code);
  });

  it('does not change the resource it was given', () => {
    assert.equal(source.subject?.reference, PATIENT);
  });

  it('keeps a member called __proto__ a member', () => {
    const odd = JSON.parse('{"resourceType":"Basic","__proto__":{"reference":"x"}}') as FhirResource;
    assert.equal(
      JSON.stringify(rewriteReferences(odd, new Map([['x', 'y']]))).includes('"__proto__":{"reference":"y"}'),
      true,
    );
  });

  it('needs one record id for each entry', () => {
    assert.throws(() => planReferences(bundle, ['p0']), RangeError);
  });
});

describe('referenceResolver', () => {
  const resolve = referenceResolver(bundle.entries);

  it('resolves by fullUrl, and relative to a RESTful fullUrl', () => {
    assert.equal(resolve(PATIENT)?.index, 0);
    assert.equal(resolve('Device/d')?.index, 1);
    assert.equal(resolve('https://ehr.example.org/Device/d')?.index, 1);
  });

  it('does not take a resource id for an address when the fullUrl is a UUID', () => {
    assert.equal(resolve('Patient/p'), undefined);
  });
});

describe('literalReferences', () => {
  it('names each reference with its path', () => {
    const found = literalReferences(source, 'Bundle.entry[2].resource');
    assert.deepEqual(found[0], {
      reference: PATIENT,
      path: 'Bundle.entry[2].resource.contained[0].subject.reference',
    });
    assert.equal(found.length, 6);
  });
});

describe('references by a search', () => {
  it('say the identifier that they search for, whatever else they are left', () => {
    const found: Encounter = {
      resourceType: 'Encounter',
      status: 'finished',
      class: {},
      serviceProvider: {
        reference: 'Organization?identifier=https://x.example/ids|a%20b',
        display: 'Clinic',
      },
      participant: [
        { individual: { reference: 'Practitioner?name=Smith' } },
        { individual: { reference: 'Practitioner?identifier=x|100%' } },
      ],
      subject: { reference: 'Patient/1' },
    };
    assert.deepEqual(logicalReferences(found), {
      ...found,
      serviceProvider: {
        display: 'Clinic',
        type: 'Organization',
        identifier: { system: 'https://x.example/ids', value: 'a b' },
      },
      participant: [
        found.participant![0],
        { individual: { type: 'Practitioner', identifier: { system: 'x', value: '100%' } } },
      ],
    });
    const plain: Encounter = { resourceType: 'Encounter', status: 'finished', class: {} };
    assert.equal(logicalReferences(plain), plain);
  });
});
