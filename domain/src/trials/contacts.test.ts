import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  contactDigest,
  findContacts,
  redactContacts,
  rejoinContacts,
  type TrialContact,
} from './contacts.js';
import { demoTrial, withValue } from './records-for-tests.test.js';
import type { TrialRecord } from './trial-record.js';

const PERSONS = [
  'Brandvold',
  'Ashgrove',
  'Okonjo',
  'Dunleavy',
  'Nakagawa',
  'example.org',
  '555-01',
  'Professor of Clinical',
];

function salted(contact: TrialContact): string {
  return contactDigest(contact.contact, contact.pointer.length.toString(16).padStart(32, '0'));
}

/** A record with every kind of contact the format knows, sponsor-investigators included. */
function everyContact(): TrialRecord {
  let record = demoTrial('trial');
  record = withValue(record, 'protocolSection.sponsorCollaboratorsModule.leadSponsor', {
    name: 'Ottilie Brandvold',
    class: 'INDIV',
  });
  record = withValue(record, 'protocolSection.sponsorCollaboratorsModule.collaborators.1', {
    name: 'Leopold Ashgrove',
    class: 'INDIV',
  });
  record = withValue(record, 'protocolSection.identificationModule.organization', {
    fullName: 'Brandvold, Ottilie',
    class: 'INDIV',
  });
  return withValue(record, 'resultsSection.moreInfoModule.pointOfContact', {
    title: 'Leopold Ashgrove',
    organization: 'Institute for Translational Medicine',
    email: 'l.ashgrove@itm.example.org',
    phone: '617-555-0134',
    phoneExt: '7',
  });
}

function at(record: TrialRecord, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], record);
}

describe('redactContacts', () => {
  it('leaves no name, e-mail address or telephone number of the demo trial', () => {
    for (const trial of [demoTrial('trial'), demoTrial('trial-amended'), everyContact()]) {
      const text = JSON.stringify(redactContacts(trial, salted).record);
      for (const word of PERSONS) assert.ok(!text.includes(word), word);
    }
  });

  it('puts a digest in the place of each contact and keeps what names nobody', () => {
    const { record, contacts } = redactContacts(everyContact(), salted);
    const digestAt = new Map(contacts.map(({ pointer, digest }) => [pointer, digest]));
    const sponsors = '/protocolSection/sponsorCollaboratorsModule';
    const places = '/protocolSection/contactsLocationsModule';
    const inPlace: [pointer: string, beside: object][] = [
      ['/protocolSection/identificationModule/organization', { class: 'INDIV' }],
      [`${sponsors}/responsibleParty`, { type: 'PRINCIPAL_INVESTIGATOR' }],
      [`${sponsors}/leadSponsor`, { class: 'INDIV' }],
      [`${sponsors}/collaborators/1`, { class: 'INDIV' }],
      [`${places}/centralContacts/0`, { role: 'CONTACT' }],
      [`${places}/centralContacts/1`, { role: 'CONTACT' }],
      [`${places}/overallOfficials/0`, { role: 'PRINCIPAL_INVESTIGATOR' }],
      [`${places}/locations/0/contacts/0`, { role: 'CONTACT' }],
      [`${places}/locations/0/contacts/1`, { role: 'PRINCIPAL_INVESTIGATOR' }],
      [`${places}/locations/1/contacts/0`, { role: 'CONTACT' }],
      ['/resultsSection/moreInfoModule/pointOfContact', {}],
    ];
    assert.deepEqual(
      contacts.map(({ pointer }) => pointer),
      inPlace.map(([pointer]) => pointer),
    );
    for (const [pointer, beside] of inPlace) {
      assert.deepEqual(at(record, pointer), { ...beside, digest: digestAt.get(pointer) }, pointer);
    }
    assert.deepEqual(contacts[0]?.contact, { fullName: 'Brandvold, Ottilie' });
    assert.equal(at(record, `${places}/locations/0/facility`), 'General Hospital');
  });

  it('takes organizations that sponsor for no persons', () => {
    const pointers = findContacts(demoTrial('trial')).map(({ pointer }) => pointer);
    assert.deepEqual(pointers, [
      '/protocolSection/sponsorCollaboratorsModule/responsibleParty',
      '/protocolSection/contactsLocationsModule/centralContacts/0',
      '/protocolSection/contactsLocationsModule/centralContacts/1',
      '/protocolSection/contactsLocationsModule/overallOfficials/0',
      '/protocolSection/contactsLocationsModule/locations/0/contacts/0',
      '/protocolSection/contactsLocationsModule/locations/0/contacts/1',
      '/protocolSection/contactsLocationsModule/locations/1/contacts/0',
    ]);
  });

  it('does nothing to a record it has already redacted', () => {
    const once = redactContacts(demoTrial('trial'), salted).record;
    const twice = redactContacts(once, salted);
    assert.deepEqual(twice.record, once);
    assert.deepEqual(twice.contacts, []);
  });

  it('does not change the record it was given', () => {
    const record = demoTrial('trial');
    redactContacts(record, salted);
    assert.deepEqual(record, demoTrial('trial'));
  });

  it('accepts nothing but a SHA-256 digest in the place of a contact', () => {
    assert.throws(() => redactContacts(demoTrial('trial'), () => 'Leopold Ashgrove'), TypeError);
  });

  it('is undone by rejoinContacts, whatever the contacts hold', () => {
    const contact = fc.dictionary(
      fc.constantFrom('name', 'phone', 'email', 'role', 'digest', 'affiliation'),
      fc.oneof(fc.string(), fc.constant('ab'.repeat(32))),
    );
    const record = fc.record({
      protocolSection: fc.record(
        {
          contactsLocationsModule: fc.record({
            centralContacts: fc.array(contact),
            locations: fc.array(fc.record({ city: fc.string(), contacts: fc.array(contact) })),
          }),
          sponsorCollaboratorsModule: fc.record({ responsibleParty: contact }),
        },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(record, (arbitrary) => {
        const given = JSON.parse(JSON.stringify(arbitrary)) as TrialRecord;
        let count = 0;
        const { record: redacted, contacts } = redactContacts(given, () =>
          (count++).toString(16).padStart(64, '0'),
        );
        assert.equal(contacts.length, count);
        assert.deepEqual(rejoinContacts(redacted, contacts), given);
        assert.deepEqual(findContacts(redacted), []);
      }),
    );
  });
});

describe('rejoinContacts', () => {
  it('finds contacts by their digests where an amendment has moved them', () => {
    const { record, contacts } = redactContacts(demoTrial('trial'), salted);
    const central = at(record, '/protocolSection/contactsLocationsModule/centralContacts') as unknown[];
    const path = 'protocolSection.contactsLocationsModule.centralContacts';
    const moved = withValue(record, path, [...central].reverse());
    const rejoined = JSON.stringify(rejoinContacts(moved, contacts));
    assert.ok(rejoined.indexOf('Okonjo') < rejoined.indexOf('Leopold Ashgrove'));
  });

  it('leaves the digest of a contact that was erased', () => {
    const { record } = redactContacts(demoTrial('trial'), salted);
    assert.deepEqual(rejoinContacts(record, []), record);
  });
});

describe('contactDigest', () => {
  it('depends on every member and on the salt, not on the order of members', () => {
    const salt = '0'.repeat(32);
    const digest = contactDigest({ name: 'A', phone: '1' }, salt);
    assert.equal(contactDigest({ phone: '1', name: 'A' }, salt), digest);
    assert.notEqual(contactDigest({ name: 'A', phone: '2' }, salt), digest);
    assert.notEqual(contactDigest({ name: 'A', phone: '1' }, '1'.repeat(32)), digest);
    assert.throws(() => contactDigest({ name: 'A' }, '00'), RangeError);
  });
});
