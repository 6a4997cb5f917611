import assert from 'node:assert/strict';
import fc from 'fast-check';
import { contactDigest, redactContacts } from './contacts.js';
import { diffRecords } from './diff-records.js';
import { demoTrial, withValue } from './records-for-tests.test.js';
import type { TrialRecord } from './trial-record.js';

const OUTCOMES = '/protocolSection/outcomesModule';

function record(protocolSection: Record<string, unknown>): TrialRecord {
  return { protocolSection };
}

describe('diffRecords', () => {
  it('tells the amendment of the demo trial field by field', () => {
    const changes = diffRecords(demoTrial('trial'), demoTrial('trial-amended'));
    assert.deepEqual(
      changes.map(({ op, pointer }) => `${op} ${pointer}`),
      [
        'changed /protocolSection/statusModule/statusVerifiedDate',
        'changed /protocolSection/statusModule/overallStatus',
        'changed /protocolSection/statusModule/startDateStruct/date',
        'changed /protocolSection/statusModule/startDateStruct/type',
        'changed /protocolSection/designModule/enrollmentInfo/count',
        `removed ${OUTCOMES}/primaryOutcomes/0`,
        `added ${OUTCOMES}/primaryOutcomes/0`,
        `removed ${OUTCOMES}/secondaryOutcomes/0`,
        `removed ${OUTCOMES}/secondaryOutcomes/2`,
        `added ${OUTCOMES}/secondaryOutcomes/1`,
        'changed /protocolSection/contactsLocationsModule/centralContacts/0/phone',
        'changed /protocolSection/contactsLocationsModule/locations/0/status',
        'changed /protocolSection/contactsLocationsModule/locations/1/status',
      ],
    );
    const count = changes.find(({ pointer }) => pointer.endsWith('/count'));
    assert.deepEqual([count?.before, count?.after], [480, 360]);
  });

  it('shows of a changed contact only that its digest changed', () => {
    const [before, after] = (['trial', 'trial-amended'] as const).map(
      (name) =>
        redactContacts(demoTrial(name), ({ contact }) => contactDigest(contact, '0'.repeat(32))).record,
    );
    const changes = diffRecords(before!, after!).filter(({ pointer }) => pointer.includes('entralContacts'));
    assert.deepEqual(
      changes.map(({ op, pointer }) => `${op} ${pointer}`),
      ['changed /protocolSection/contactsLocationsModule/centralContacts/0/digest'],
    );
  });

  it('matches outcomes by their measure, wherever they stand', () => {
    const path = 'protocolSection.outcomesModule.secondaryOutcomes';
    const trial = demoTrial('trial');
    const list = (trial.protocolSection as { outcomesModule: { secondaryOutcomes: object[] } }).outcomesModule
      .secondaryOutcomes;
    const changed = { ...list[2], timeFrame: 'Week 4' };
    const changes = diffRecords(
      trial,
      withValue(trial, path, [{ measure: 'New', timeFrame: 'x' }, changed, list[0], list[1]]),
    );
    assert.deepEqual(
      changes.map(({ op, pointer }) => `${op} ${pointer}`),
      [`changed ${OUTCOMES}/secondaryOutcomes/1/timeFrame`, `added ${OUTCOMES}/secondaryOutcomes/0`],
    );
  });

  it('tells which texts of a list came and went', () => {
    const changes = diffRecords(record({ conditions: ['A', 'B', 'B'] }), record({ conditions: ['B', 'C'] }));
    assert.deepEqual(changes, [
      { op: 'removed', pointer: '/protocolSection/conditions/0', before: 'A' },
      { op: 'removed', pointer: '/protocolSection/conditions/2', before: 'B' },
      { op: 'added', pointer: '/protocolSection/conditions/1', after: 'C' },
    ]);
  });

  it('tells a change of type, of null, and of a name that needs escaping', () => {
    const changes = diffRecords(record({ 'a/b~c': null, x: [1], y: 1 }), record({ 'a/b~c': 0, x: { z: 1 } }));
    assert.deepEqual(changes, [
      { op: 'changed', pointer: '/protocolSection/a~1b~0c', before: null, after: 0 },
      { op: 'changed', pointer: '/protocolSection/x', before: [1], after: { z: 1 } },
      { op: 'removed', pointer: '/protocolSection/y', before: 1 },
    ]);
  });

  it('finds nothing between a record and its copy, and something between any that differ in a member', () => {
    const section = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(section, fc.string(), fc.string(), (members, one, other) => {
        const before = JSON.parse(
          JSON.stringify({ protocolSection: { ...members, probe: one } }),
        ) as TrialRecord;
        assert.deepEqual(diffRecords(before, structuredClone(before)), []);
        const after = withValue(before, 'protocolSection.probe', other);
        assert.equal(diffRecords(before, after).length, one === other ? 0 : 1);
      }),
    );
  });

  it('says the opposite when the versions are exchanged', () => {
    const opposite = { added: 'removed', removed: 'added', changed: 'changed' };
    const forth = diffRecords(demoTrial('trial'), demoTrial('trial-amended'));
    const back = diffRecords(demoTrial('trial-amended'), demoTrial('trial'));
    assert.deepEqual(
      forth.map(({ op, pointer }) => `${opposite[op]} ${pointer}`).sort(),
      back.map(({ op, pointer }) => `${op} ${pointer}`).sort(),
    );
  });
});
