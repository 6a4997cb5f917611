import assert from 'node:assert/strict';
import { VitaledgerError } from '../errors/index.js';
import { redactContacts } from './contacts.js';
import { REGISTRATION_ITEMS } from './registration-items.js';
import { demoTrial, realTrials, withValue } from './records-for-tests.test.js';
import { registrationFaults, trialIdentifiers, validateRegistration } from './validate-registration.js';

const P = 'protocolSection';

describe('validateRegistration', () => {
  const trial = demoTrial('trial');

  it('accepts the demo trial, before and after its amendment, with contacts in clear or as digests', () => {
    for (const record of [trial, demoTrial('trial-amended')]) {
      assert.deepEqual(registrationFaults(record), []);
      const redacted = redactContacts(record, () => 'ab'.repeat(32)).record;
      assert.equal(validateRegistration(redacted), redacted);
    }
  });

  it('knows results of a withdrawn trial for impossible', () => {
    const outcomeMeasures = [{ type: 'PRIMARY', title: 'Blood pressure' }];
    const withResults = withValue(trial, 'resultsSection', { outcomeMeasuresModule: { outcomeMeasures } });
    assert.deepEqual(registrationFaults(withResults), []);
    const withdrawn = withValue(withResults, `${P}.statusModule.overallStatus`, 'WITHDRAWN');
    assert.deepEqual(
      registrationFaults(withdrawn).map(({ item, rule }) => [item, rule.slice(0, 13)]),
      [[23, 'must be empty']],
    );
  });

  const removed: [item: number, path: string][] = [
    [1, 'identificationModule.orgStudyIdInfo.id'],
    [4, 'sponsorCollaboratorsModule.leadSponsor.class'],
    [5, 'sponsorCollaboratorsModule.leadSponsor.name'],
    [9, 'identificationModule.briefTitle'],
    [10, 'identificationModule.officialTitle'],
    [11, 'contactsLocationsModule.locations'],
    [12, 'conditionsModule.conditions'],
    [13, 'armsInterventionsModule.interventions'],
    [14, 'eligibilityModule.eligibilityCriteria'],
    [14, 'eligibilityModule.sex'],
    [15, 'designModule.studyType'],
    [15, 'designModule.designInfo.allocation'],
    [15, 'designModule.designInfo.maskingInfo.masking'],
    [15, 'designModule.phases'],
    [16, 'statusModule.startDateStruct.date'],
    [17, 'designModule.enrollmentInfo.count'],
    [18, 'statusModule.overallStatus'],
    [19, 'outcomesModule.primaryOutcomes'],
    [22, 'statusModule.completionDateStruct.date'],
    [24, 'ipdSharingStatementModule.ipdSharing'],
  ];
  for (const [item, path] of removed) {
    it(`names WHO item ${item} when ${path} is missing`, () => {
      const faults = registrationFaults(withValue(trial, `${P}.${path}`, undefined));
      assert.deepEqual([faults[0]?.item, faults[0]?.path], [item, `record.${P}.${path}`]);
      assert.equal(faults.length, 1);
    });
  }

  const replaced: [item: number, path: string, value: unknown, at: string][] = [
    [1, 'identificationModule.nctId', 'NCT123', 'identificationModule.nctId'],
    [2, 'statusModule.studyFirstSubmitDate', 'yesterday', 'statusModule.studyFirstSubmitDate'],
    [3, 'identificationModule.secondaryIdInfos', [{}], 'identificationModule.secondaryIdInfos[0].id'],
    [6, 'sponsorCollaboratorsModule.collaborators', ['A'], 'sponsorCollaboratorsModule.collaborators[0]'],
    [11, 'contactsLocationsModule.locations.1.country', '', 'contactsLocationsModule.locations[1].country'],
    [14, 'eligibilityModule.minimumAge', 'forty', 'eligibilityModule.minimumAge'],
    [16, 'statusModule.startDateStruct.date', '2026-02-30', 'statusModule.startDateStruct.date'],
    [16, 'statusModule.startDateStruct.date', '2026', 'statusModule.startDateStruct.date'],
    [17, 'designModule.enrollmentInfo.count', -1, 'designModule.enrollmentInfo.count'],
    [17, 'designModule.enrollmentInfo.count', '480', 'designModule.enrollmentInfo.count'],
    [18, 'statusModule.overallStatus', 'Open', 'statusModule.overallStatus'],
    [19, 'outcomesModule.primaryOutcomes', [], 'outcomesModule.primaryOutcomes'],
    [19, 'outcomesModule.primaryOutcomes.0.timeFrame', ' ', 'outcomesModule.primaryOutcomes[0].timeFrame'],
    [20, 'outcomesModule.secondaryOutcomes.2.measure', 7, 'outcomesModule.secondaryOutcomes[2].measure'],
    [24, 'ipdSharingStatementModule.ipdSharing', 'MAYBE', 'ipdSharingStatementModule.ipdSharing'],
  ];
  for (const [item, path, value, at] of replaced) {
    it(`refuses ${JSON.stringify(value)} as ${path}, with item ${item}`, () => {
      const faults = registrationFaults(withValue(trial, `${P}.${path}`, value));
      assert.deepEqual(
        faults.map((fault) => [fault.item, fault.path]),
        [[item, `record.${P}.${at}`]],
      );
    });
  }

  /** What makes a record fail each item of the WHO data set, and no other. */
  const broken: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
    1: { [`${P}.identificationModule.orgStudyIdInfo`]: {} },
    2: { [`${P}.statusModule.studyFirstSubmitDate`]: '2019-13' },
    3: { [`${P}.identificationModule.secondaryIdInfos`]: [{ type: 'OTHER' }] },
    4: { [`${P}.sponsorCollaboratorsModule.leadSponsor.class`]: undefined },
    5: { [`${P}.sponsorCollaboratorsModule.leadSponsor.name`]: ' ' },
    6: { [`${P}.sponsorCollaboratorsModule.collaborators`]: {} },
    7: {
      [`${P}.contactsLocationsModule.centralContacts`]: [],
      [`${P}.contactsLocationsModule.locations`]: [{ country: 'France' }],
    },
    8: {
      [`${P}.contactsLocationsModule.centralContacts`]: [],
      [`${P}.contactsLocationsModule.overallOfficials`]: [],
      [`${P}.sponsorCollaboratorsModule.responsibleParty`]: { type: 'SPONSOR' },
    },
    9: { [`${P}.identificationModule.briefTitle`]: 5 },
    10: { [`${P}.identificationModule.officialTitle`]: undefined },
    11: { [`${P}.contactsLocationsModule.locations.0.country`]: undefined },
    12: { [`${P}.conditionsModule.conditions`]: [''] },
    13: { [`${P}.armsInterventionsModule.interventions`]: [{ type: 'DRUG' }] },
    14: { [`${P}.eligibilityModule.sex`]: 'ANY' },
    15: { [`${P}.designModule.designInfo.primaryPurpose`]: 'MONEY' },
    16: { [`${P}.statusModule.startDateStruct`]: undefined },
    17: { [`${P}.designModule.enrollmentInfo.count`]: 1.5 },
    18: { [`${P}.statusModule.overallStatus`]: 'recruiting' },
    19: { [`${P}.outcomesModule.primaryOutcomes`]: [] },
    20: { [`${P}.outcomesModule.secondaryOutcomes`]: [{ measure: 'Pulse' }] },
    22: { [`${P}.statusModule.completionDateStruct.date`]: 'soon' },
    23: { resultsSection: { outcomeMeasuresModule: { outcomeMeasures: [{ type: 'PRIMARY' }] } } },
    24: { [`${P}.ipdSharingStatementModule`]: undefined },
  };

  it('has all 24 items of the WHO data set, and one that is no field: the approval is a step on the ledger', () => {
    const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
    assert.deepEqual(
      REGISTRATION_ITEMS.map(({ item }) => item),
      numbers,
    );
    const withoutField = REGISTRATION_ITEMS.filter(({ checks }) => checks.length === 0);
    assert.deepEqual(
      withoutField.map(({ item, name }) => [item, name]),
      [[21, 'Ethics review']],
    );
    assert.deepEqual(
      Object.keys(broken).map(Number),
      numbers.filter((item) => item !== 21),
    );
  });

  for (const { item, name } of REGISTRATION_ITEMS.filter(({ item }) => item in broken)) {
    it(`says in its error that item ${item}, ${name}, is at fault`, () => {
      const record = Object.entries(broken[item]!).reduce(
        (changed, [path, value]) => withValue(changed, path, value),
        trial,
      );
      assert.throws(
        () => validateRegistration(record),
        (error: VitaledgerError) => {
          assert.deepEqual(
            [error.code, error.details.item, error.details.faults],
            ['INVALID_ARGUMENT', item, 1],
          );
          assert.ok(error.message.endsWith(`: WHO item ${item}, ${name}`), error.message);
          return true;
        },
      );
    });
  }

  it('accepts dates without a day as they are', () => {
    const record = withValue(trial, `${P}.statusModule.startDateStruct.date`, '2019-02');
    assert.equal(validateRegistration(record), record);
  });

  it('asks for somebody to contact (items 7 and 8) only while the trial recruits or is about to', () => {
    let record = withValue(trial, `${P}.contactsLocationsModule.centralContacts`, undefined);
    record = withValue(record, `${P}.contactsLocationsModule.overallOfficials`, undefined);
    record = withValue(record, `${P}.sponsorCollaboratorsModule.responsibleParty`, { type: 'SPONSOR' });
    assert.deepEqual(
      registrationFaults(record).map(({ item }) => item),
      [8],
    );
    record = withValue(record, `${P}.contactsLocationsModule.locations.0.contacts`, undefined);
    record = withValue(record, `${P}.contactsLocationsModule.locations.1.contacts`, []);
    assert.deepEqual(
      registrationFaults(record).map(({ item }) => item),
      [7, 8],
    );
    assert.deepEqual(
      registrationFaults(withValue(record, `${P}.statusModule.overallStatus`, 'COMPLETED')),
      [],
    );
  });

  it('asks trials that started before 2019 for no data sharing statement', () => {
    const record = withValue(trial, `${P}.ipdSharingStatementModule`, undefined);
    assert.equal(registrationFaults(record)[0]?.item, 24);
    assert.deepEqual(
      registrationFaults(withValue(record, `${P}.statusModule.startDateStruct.date`, '2018-12')),
      [],
    );
  });

  it('asks an observational study for neither allocation nor intervention', () => {
    let record = withValue(trial, `${P}.designModule.studyType`, 'OBSERVATIONAL');
    record = withValue(record, `${P}.designModule.designInfo`, undefined);
    record = withValue(record, `${P}.armsInterventionsModule`, undefined);
    assert.deepEqual(registrationFaults(record), []);
  });

  it('throws the first fault with item, path and number of faults', () => {
    const record = withValue(
      withValue(trial, `${P}.identificationModule.briefTitle`, ''),
      `${P}.designModule`,
      {},
    );
    assert.throws(
      () => validateRegistration(record),
      (error: VitaledgerError) => {
        assert.equal(error.code, 'INVALID_ARGUMENT');
        assert.equal(error.details.path, `record.${P}.identificationModule.briefTitle`);
        assert.equal(error.details.item, 9);
        assert.equal(error.details.faults, 3);
        assert.match(error.message, /is required: WHO item 9, Public title \(and 2 more\)$/);
        return true;
      },
    );
  });

  for (const notARecord of [
    null,
    [],
    'text',
    {},
    { protocolSection: [] },
    { protocolSection: {}, resultsSection: 1 },
  ]) {
    it(`refuses ${JSON.stringify(notARecord)} as no record at all`, () => {
      assert.throws(() => validateRegistration(notARecord), VitaledgerError);
    });
  }

  it('accepts real records', function () {
    const trials = realTrials();
    if (trials === undefined) {
      console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
      this.skip();
    }
    for (const { name, record } of trials) assert.deepEqual(registrationFaults(record), [], name);
  });
});

describe('trialIdentifiers', () => {
  it('lists primary and secondary numbers, each once, with where they are unique', () => {
    const record = withValue(demoTrial('trial'), `${P}.identificationModule.secondaryIdInfos`, [
      { id: 'ITM-7731', type: 'OTHER' },
      { id: ' ITM-HTN-2026-01 ' },
      { id: '2026-012345-10', type: 'EUDRACT_NUMBER' },
    ]);
    assert.deepEqual(trialIdentifiers(record), [
      { number: '2026-012345-10', uniqueIn: 'registry' },
      { number: 'ITM-HTN-2026-01', uniqueIn: 'sponsor' },
      { number: 'ITM-7731', uniqueIn: 'sponsor' },
    ]);
  });

  it('leaves out grants, since one pays for many trials', () => {
    const record = withValue(demoTrial('trial'), `${P}.identificationModule.secondaryIdInfos`, [
      { id: 'P30CA000000', type: 'NIH' },
      { id: 'ITM-GRANT-7731', type: 'OTHER_GRANT' },
    ]);
    assert.deepEqual(trialIdentifiers(record), [{ number: 'ITM-HTN-2026-01', uniqueIn: 'sponsor' }]);
  });
});
