import assert from 'node:assert/strict';
import { demoTrial, realTrials, withValue } from './records-for-tests.test.js';
import { trialResource } from './trial-resource.js';

const number = 'VT-0123456789abcdef';

describe('a trial as a ResearchStudy', () => {
  it('says what R4 has elements for, in its codes', () => {
    const record = demoTrial('trial');
    const { identifier, title, objective, arm, period } = trialResource(number, record);
    assert.deepEqual(identifier?.[0], { system: 'urn:vitaledger:trial', value: number });
    assert.deepEqual([typeof title, typeof period?.start, arm!.length > 0], ['string', 'string', true]);
    assert.equal(objective![0]!.type!.coding![0]!.code, 'primary');
    const module = 'protocolSection.statusModule';
    assert.equal(
      trialResource(number, withValue(record, `${module}.overallStatus`, 'SUSPENDED')).status,
      'temporarily-closed-to-accrual',
    );
    const unknown = withValue(record, `${module}.overallStatus`, 'UNKNOWN');
    assert.equal(
      trialResource(number, withValue(unknown, `${module}.lastKnownStatus`, 'ACTIVE_NOT_RECRUITING')).status,
      'closed-to-accrual',
    );
  });

  it('leaves out what the record does not say', () => {
    const bare = trialResource(number, { protocolSection: {} });
    assert.deepEqual(bare, {
      resourceType: 'ResearchStudy',
      identifier: [{ system: 'urn:vitaledger:trial', value: number }],
      status: 'active',
    });
    const phases = withValue(demoTrial('trial'), 'protocolSection.designModule.phases', ['PHASE2', 'PHASE3']);
    assert.equal(trialResource(number, phases).phase?.coding?.[0]?.code, 'phase-2-phase-3');
  });

  it('takes real records', function () {
    const records = realTrials();
    if (!records) return this.skip();
    for (const { record } of records) assert.ok((trialResource(number, record).objective ?? []).length > 0);
  });
});
