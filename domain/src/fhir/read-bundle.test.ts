import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { VitaledgerError } from '../errors/index.js';
import { bundleSubject } from './bundle-subject.js';
import { bundleFaults, readBundle } from './read-bundle.js';

const PATIENT = 'urn:uuid:11111111-1111-4111-8111-111111111111';
const OTHER = 'urn:uuid:22222222-2222-4222-8222-222222222222';
const NAME = 'Quillfeather';

type Json = Record<string, unknown>;

const patient = {
  resourceType: 'Patient',
  id: '11111111-1111-4111-8111-111111111111',
  name: [{ family: NAME }],
};

function observation(overrides: Json = {}): Json {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '4548-4' }] },
    subject: { reference: PATIENT, display: NAME },
    effectiveDateTime: '2024-02-29T08:30:00+01:00',
    ...overrides,
  };
}

function entry(resource: unknown, fullUrl?: string): Json {
  const type = (resource as Json | undefined)?.resourceType;
  return { ...(fullUrl ? { fullUrl } : {}), resource, request: { method: 'POST', url: type } };
}

function transaction(...entries: unknown[]): Json {
  return { resourceType: 'Bundle', type: 'transaction', entry: [entry(patient, PATIENT), ...entries] };
}

function refusalOf(input: string | Uint8Array | object): VitaledgerError {
  try {
    readBundle(input);
  } catch (error) {
    assert.ok(error instanceof VitaledgerError);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.ok(!error.toWire().includes(NAME), 'the refusal names the patient');
    return error;
  }
  return assert.fail('the bundle was accepted');
}

describe('readBundle', () => {
  it('reads a transaction from an object, from text with a byte order mark and from UTF-8 bytes alike', () => {
    const bundle = transaction(entry(observation(), OTHER));
    const text = JSON.stringify(bundle);
    const read = readBundle(bundle);
    assert.equal(read.type, 'transaction');
    assert.deepEqual(
      read.entries.map(({ index, path, fullUrl, resource }) => [index, path, fullUrl, resource.resourceType]),
      [
        [0, 'Bundle.entry[0].resource', PATIENT, 'Patient'],
        [1, 'Bundle.entry[1].resource', OTHER, 'Observation'],
      ],
    );
    assert.deepEqual(readBundle(`\ufeff${text}`), read);
    assert.deepEqual(readBundle(Buffer.from(text)), read);
  });

  it('reads a collection, which has no requests', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: PATIENT, resource: patient }, { resource: observation() }],
    };
    assert.equal(readBundle(bundle).entries.length, 2);
  });

  it('leaves conditional references to be resolved elsewhere', () => {
    const performer = [{ reference: 'Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999999' }];
    assert.equal(readBundle(transaction(entry(observation({ performer })))).entries.length, 2);
  });

  it('says where a truncated text ends', () => {
    const text = JSON.stringify(transaction(entry(observation())), null, 1);
    const error = refusalOf(text.slice(0, text.indexOf(NAME) + 4));
    assert.match(error.message, /ends in the middle of the JSON, at line \d+, column \d+/);
    assert.equal(error.details.path, 'Bundle');
    assert.ok(Number(error.details.line) > 5);
  });

  it('says where malformed JSON goes wrong, without quoting it', () => {
    assert.match(
      refusalOf(`{"name": "${NAME}" "x": 1}`).message,
      /not well-formed JSON at line 1, column 25/,
    );
  });

  it('tells compressed, binary, empty and too deep input apart', () => {
    assert.match(refusalOf(gzipSync('{}')).message, /gzip/);
    assert.match(refusalOf(Uint8Array.of(0x7b, 0xff)).message, /not UTF-8/);
    assert.match(refusalOf(' \n').message, /is empty/);
    assert.match(refusalOf('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)).message, /nested deeper than/);
    assert.match(refusalOf('[]').message, /must be a FHIR Bundle/);
  });

  it('reports every fault of a bundle, and the first one with their number', () => {
    const bundle = transaction(entry(undefined), entry(observation({ status: undefined, code: undefined })));
    const paths = bundleFaults(bundle).map(({ path }) => path);
    assert.deepEqual(paths, [
      'Bundle.entry[1].request.url',
      'Bundle.entry[1].resource',
      'Bundle.entry[2].resource.status',
      'Bundle.entry[2].resource.code',
    ]);
    const error = refusalOf(bundle);
    assert.deepEqual(error.details, { path: 'Bundle.entry[1].request.url', faults: 4 });
    assert.match(error.message, /\(and 3 more\)$/);
  });

  const single = { resourceType: 'Patient', name: [{ family: NAME }] };
  const refused: [what: string, bundle: object, path: string, rule: RegExp][] = [
    ['a single resource', single, 'Bundle.resourceType', /wrap single resources/],
    ['a searchset', { ...transaction(), type: 'searchset' }, 'Bundle.type', /not "searchset"/],
    [
      'an unknown bundle type',
      { ...transaction(), type: NAME },
      'Bundle.type',
      /"transaction" or "collection"$/,
    ],
    ['a bundle without entries', { ...transaction(), entry: [] }, 'Bundle.entry', /at least one entry/],
    ['an entry that is no object', transaction(NAME), 'Bundle.entry[1]', /must be an object/],
    [
      'an entry without resource',
      transaction({ request: { method: 'POST', url: 'Patient' } }),
      'Bundle.entry[1].resource',
      /is required/,
    ],
    [
      'an entry without request',
      transaction({ resource: patient }),
      'Bundle.entry[1].request',
      /in a transaction/,
    ],
    [
      'a deletion',
      transaction({ resource: patient, request: { method: 'DELETE', url: 'Patient/1' } }),
      'Bundle.entry[1].request.method',
      /"POST" or "PUT"/,
    ],
    [
      'a resource without type',
      transaction(entry({ name: NAME, resourceType: undefined })),
      'Bundle.entry[1].request.url',
      /is required/,
    ],
    [
      'an unknown resource type',
      transaction(entry({ resourceType: NAME })),
      'Bundle.entry[1].resource.resourceType',
      /resource type of FHIR R4$/,
    ],
    [
      'a resource type in the wrong case',
      transaction(entry({ resourceType: 'imagingstudy' })),
      'Bundle.entry[1].resource.resourceType',
      /write "ImagingStudy"/,
    ],
    [
      'a bundle in a bundle',
      transaction(entry(transaction())),
      'Bundle.entry[1].resource.resourceType',
      /is no record/,
    ],
    [
      'a malformed id',
      transaction(entry({ ...patient, id: 'a b' })),
      'Bundle.entry[1].resource.id',
      /letters/,
    ],
    [
      'an unknown status',
      transaction(entry(observation({ status: NAME }))),
      'Bundle.entry[1].resource.status',
      /must be one of registered, preliminary, final/,
    ],
    [
      'a record of nobody',
      transaction(entry(observation({ subject: undefined }))),
      'Bundle.entry[1].resource.subject',
      /whose record/,
    ],
    [
      'a subject with neither reference nor identifier',
      transaction(entry(observation({ subject: { display: NAME } }))),
      'Bundle.entry[1].resource.subject',
      /reference or an identifier/,
    ],
    [
      'a prescription without a drug',
      transaction(
        entry({
          resourceType: 'MedicationRequest',
          status: 'active',
          intent: 'order',
          subject: { reference: PATIENT },
        }),
      ),
      'Bundle.entry[1].resource.medication[x]',
      /medicationCodeableConcept, medicationReference/,
    ],
    [
      'a month that does not exist',
      transaction(entry(observation({ effectiveDateTime: '2024-13-01' }))),
      'Bundle.entry[1].resource.effectiveDateTime',
      /FHIR date/,
    ],
    [
      'a day that does not exist',
      transaction(entry(observation({ effectiveDateTime: '2023-02-29' }))),
      'Bundle.entry[1].resource.effectiveDateTime',
      /FHIR date/,
    ],
    [
      'a duplicate fullUrl',
      transaction(entry(observation(), PATIENT)),
      'Bundle.entry[1].fullUrl',
      /unique; Bundle.entry\[0\].fullUrl is the same/,
    ],
    [
      'a relative fullUrl',
      transaction(entry(observation(), 'Patient/1')),
      'Bundle.entry[1].fullUrl',
      /absolute/,
    ],
    [
      'a reference to an entry that is not there',
      transaction(entry(observation({ encounter: { reference: OTHER } }))),
      'Bundle.entry[1].resource.encounter.reference',
      /not in this bundle/,
    ],
    [
      'a reference to a contained resource that is not there',
      transaction(entry(observation({ specimen: { reference: '#s' } }))),
      'Bundle.entry[1].resource.specimen.reference',
      /contained/,
    ],
    [
      'a contained resource of unknown type',
      transaction(entry(observation({ contained: [{ resourceType: NAME }] }))),
      'Bundle.entry[1].resource.contained[0].resourceType',
      /resource type of FHIR R4/,
    ],
    [
      'a reference under a name that is no element',
      transaction(entry(observation({ [`Mr. ${NAME}`]: { reference: OTHER } }))),
      'Bundle.entry[1].resource[?].reference',
      /not in this bundle/,
    ],
  ];
  for (const [what, bundle, path, rule] of refused) {
    it(`refuses ${what}, and says where`, () => {
      const error = refusalOf(bundle);
      assert.equal(error.details.path, path);
      assert.match(error.message.replace(/ \(and \d+ more\)$/, ''), rule);
    });
  }
});

describe('bundleSubject', () => {
  it('finds the patient whom all entries name', () => {
    const subject = bundleSubject(readBundle(transaction(entry(observation()))));
    assert.equal(subject.reference, PATIENT);
    assert.equal(subject.patient?.index, 0);
  });

  it('accepts records of one patient who is not in the bundle', () => {
    const subjectReference = { subject: { reference: 'Patient/known' } };
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: observation(subjectReference) }, { resource: observation(subjectReference) }],
    };
    assert.deepEqual(bundleSubject(readBundle(bundle)), { reference: 'Patient/known', patient: undefined });
  });

  it('refuses a bundle with records of somebody else', () => {
    const stray = observation({ subject: { reference: 'Patient/somebody-else' } });
    assert.throws(
      () => bundleSubject(readBundle(transaction(entry(stray)))),
      (error: VitaledgerError) => error.details.path === 'Bundle.entry[1].resource.subject.reference',
    );
    assert.throws(
      () => bundleSubject(readBundle(transaction(entry(patient, OTHER)))),
      (error: VitaledgerError) => error.details.path === 'Bundle.entry[1].resource',
    );
  });
});
