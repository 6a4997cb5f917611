import assert from 'node:assert/strict';
import { VitaledgerError } from '../errors/index.js';
import { redactContacts } from './contacts.js';
import { findPersonalData, refusePersonalData } from './personal-data.js';
import { demoTrial, realTrials, withValue } from './records-for-tests.test.js';

const DIGEST = '0a'.repeat(32);
const redacted = redactContacts(demoTrial('trial'), () => DIGEST).record;
const SUMMARY = 'protocolSection.descriptionModule.briefSummary';
const AT_SUMMARY = '/protocolSection/descriptionModule/briefSummary';

describe('findPersonalData', () => {
  it('finds nothing in a redacted record', () => {
    assert.deepEqual(findPersonalData(redacted), []);
    refusePersonalData(redacted);
  });

  it('finds every contact of a record that nobody redacted', () => {
    const contacts = findPersonalData(demoTrial('trial')).filter(({ kind }) => kind === 'contact');
    const pointers = contacts.map(({ pointer }) => pointer);
    for (const { pointer } of redactContacts(demoTrial('trial'), () => DIGEST).contacts) {
      assert.ok(pointers.includes(pointer), pointer);
    }
  });

  const addresses = [
    'Write to jo.doe+trial@clinic.example.org for details',
    'jo.doe＠clinic.example.org',
    'jo.doe [at] clinic [dot] example.org',
    'jo(at)clinic.org',
    'mailto:jo@klinik.example.de',
  ];
  for (const text of addresses) {
    it(`takes "${text}" for an e-mail address`, () => {
      assert.deepEqual(findPersonalData(withValue(redacted, SUMMARY, text)), [
        { pointer: AT_SUMMARY, kind: 'e-mail' },
      ]);
    });
  }

  const numbers = [
    '+1 617-555-0134',
    'Call +49 (0)30 1234567.',
    '0049 30 1234567',
    '(508) 555-0102',
    '617-555-0119',
    '617.555.0119',
    '1-800-555-0199',
    '617\u2011555\u20110119',
    'Tel. 030 1234567',
    'phone: 6175550119',
    'Fax no. 555 0119',
  ];
  for (const text of numbers) {
    it(`takes "${text}" for a telephone number`, () => {
      assert.deepEqual(findPersonalData(withValue(redacted, SUMMARY, text)), [
        { pointer: AT_SUMMARY, kind: 'telephone' },
      ]);
    });
  }

  const harmless = [
    'From 2013-11-14 to 2018-06, NCT01987596, EudraCT 2012-003456-11, ISRCTN12345678',
    'doses of 100 200 3000 mg; 533 mg/kg; 1,000/uL; 95% CI -12.5 to +100.25',
    'doi:10.1056/NEJMoa1801109, PMID 27914822, version 1.3.1, 10.0.0.1',
    'BP 120/80 @ week 12; CD4+ 200 - 350 cells; 100 000 000 copies',
    '1.2.840.10008.5.1.4.1.1.1.3',
    'arm 1: 10-20-30 mg, 555-0100',
  ];
  for (const text of harmless) {
    it(`takes "${text}" for nobody's`, () => {
      assert.deepEqual(findPersonalData(withValue(redacted, SUMMARY, text)), []);
    });
  }

  it('finds members that hold personal data outside the places for contacts', () => {
    const record = withValue(redacted, 'documentSection.author', {
      Email: 'x',
      investigatorFullName: 'N. N.',
    });
    assert.deepEqual(
      findPersonalData(record).map(({ pointer }) => pointer),
      ['/documentSection/author/Email', '/documentSection/author/investigatorFullName'],
    );
  });

  it('finds a name where a digest or a contact object belongs', () => {
    const officials = 'protocolSection.contactsLocationsModule.overallOfficials';
    for (const official of [
      { digest: 'Ottilie Brandvold' },
      { role: 'CONTACT', digest: DIGEST, name: 'O. B.' },
      'O. B.',
    ]) {
      assert.ok(
        findPersonalData(withValue(redacted, officials, [official])).length > 0,
        JSON.stringify(official),
      );
    }
    assert.ok(findPersonalData(withValue(redacted, officials, 'Ottilie Brandvold')).length > 0);
    assert.deepEqual(
      findPersonalData(withValue(redacted, 'more.digest', 'Ottilie Brandvold'))[0]?.kind,
      'digest',
    );
  });

  it('finds an address in a member name, and does not repeat it', () => {
    const record = { ...redacted, more: { 'jo@example.org': 1 } };
    assert.deepEqual(findPersonalData(record), [{ pointer: '/more', kind: 'e-mail' }]);
  });

  // Backtracking without bound would take minutes here, beyond any timeout; reading takes a fraction of a second.
  it('reads a long text without spaces in time proportional to its length', () => {
    for (const text of [
      'a'.repeat(400_000),
      '1-'.repeat(200_000),
      '+1'.repeat(200_000),
      'a@'.repeat(200_000),
    ]) {
      findPersonalData(withValue(redacted, SUMMARY, text));
    }
  });

  it('takes nothing in real records without contacts for personal, but their investigators', function () {
    const trials = realTrials();
    if (trials === undefined) {
      console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
      this.skip();
    }
    for (const { name, record } of trials) {
      assert.deepEqual(findPersonalData(redactContacts(record, () => DIGEST).record), [], name);
    }
  });
});

describe('refusePersonalData', () => {
  it('says where, and does not repeat what it found', () => {
    const record = withValue(redacted, SUMMARY, 'Ask jo@example.org');
    assert.throws(
      () => {
        refusePersonalData(record);
      },
      (error: VitaledgerError) => {
        assert.deepEqual(error.details, {
          path: `record.${SUMMARY}`,
          reason: 'PERSONAL_DATA',
          faults: 1,
        });
        assert.ok(!error.toWire().includes('jo@'));
        return error.code === 'INVALID_ARGUMENT';
      },
    );
  });
});
