import {
  contactAt,
  type ItemCheck,
  objectsWith,
  optionalDate,
  optionalPattern,
  requiredCode,
  requiredCount,
  requiredDate,
  requiredText,
  requiredTexts,
  sponsorName,
  when,
} from './registration-checks.js';
import { objectsAt, textAt, type TrialRecord } from './trial-record.js';

/** One of the 24 items of the WHO Trial Registration Data Set, version 1.3.1. */
export interface RegistrationItem {
  readonly item: number;
  readonly name: string;
  readonly checks: readonly ItemCheck[];
}

const P = 'protocolSection';
const CONTACTS = `${P}.contactsLocationsModule`;
const ELIGIBILITY = `${P}.eligibilityModule`;
const STATUS = `${P}.statusModule`;
const DESIGN = `${P}.designModule`;

const codes = (list: string): string[] => list.split(' ');
const OVERALL_STATUS = codes(
  'NOT_YET_RECRUITING RECRUITING ENROLLING_BY_INVITATION ACTIVE_NOT_RECRUITING SUSPENDED COMPLETED TERMINATED WITHDRAWN UNKNOWN',
);
const PURPOSE = codes(
  'TREATMENT PREVENTION DIAGNOSTIC ECT SUPPORTIVE_CARE SCREENING HEALTH_SERVICES_RESEARCH BASIC_SCIENCE DEVICE_FEASIBILITY OTHER',
);
const AGE = /^\d{1,3} (?:Year|Month|Week|Day|Hour|Minute)s?$/;
const AGE_RULE = 'must be an age such as "18 Years" or "6 Months"';

const isInterventional = (record: TrialRecord): boolean =>
  textAt(record, `${DESIGN}.studyType`) === 'INTERVENTIONAL';

/** Withdrawn before the first participant. */
const isWithdrawn = (record: TrialRecord): boolean =>
  textAt(record, `${STATUS}.overallStatus`) === 'WITHDRAWN';

const noneAt =
  (path: string): ItemCheck =>
  (record, report) => {
    if (objectsAt(record, path).length > 0)
      report(path, 'must be empty: a withdrawn trial enrolled nobody, so it has no results');
  };

/** ClinicalTrials.gov takes contacts off a record when recruitment has ended; until then somebody must be there to ask. */
const isOpen = (record: TrialRecord): boolean =>
  ['NOT_YET_RECRUITING', 'RECRUITING', 'ENROLLING_BY_INVITATION'].includes(
    textAt(record, `${STATUS}.overallStatus`) ?? '',
  );

/** ICMJE asks for a data sharing statement of trials that begin to enrol on or after 1 January 2019. */
const startsSince2019 = (record: TrialRecord): boolean =>
  (textAt(record, `${STATUS}.startDateStruct.date`) ?? '') >= '2019-01';

const locationCountries: ItemCheck = (record, report) => {
  const locations = objectsAt(record, `${CONTACTS}.locations`);
  if (locations.length === 0) report(`${CONTACTS}.locations`, 'must list at least one, with its country');
  for (const { index, value } of locations) {
    if (textAt(value, 'country') === undefined)
      report(`${CONTACTS}.locations[${index}].country`, 'is required');
  }
};

/** Where a record of ClinicalTrials.gov v2 form keeps each item. */
export const REGISTRATION_ITEMS: readonly RegistrationItem[] = [
  {
    item: 1,
    name: 'Primary registry and trial identifying number',
    checks: [
      requiredText(`${P}.identificationModule.orgStudyIdInfo.id`),
      optionalPattern(`${P}.identificationModule.nctId`, /^NCT\d{8}$/, 'must be NCT and 8 digits'),
    ],
  },
  {
    item: 2,
    name: 'Date of registration in primary registry',
    checks: [optionalDate(`${STATUS}.studyFirstSubmitDate`)],
  },
  {
    item: 3,
    name: 'Secondary identifying numbers',
    checks: [objectsWith(`${P}.identificationModule.secondaryIdInfos`, ['id'], 0)],
  },
  {
    item: 4,
    name: 'Sources of monetary or material support',
    checks: [requiredText(`${P}.sponsorCollaboratorsModule.leadSponsor.class`)],
  },
  { item: 5, name: 'Primary sponsor', checks: [sponsorName(`${P}.sponsorCollaboratorsModule.leadSponsor`)] },
  {
    item: 6,
    name: 'Secondary sponsors',
    checks: [objectsWith(`${P}.sponsorCollaboratorsModule.collaborators`, ['class'], 0)],
  },
  {
    item: 7,
    name: 'Contact for public queries',
    checks: [
      when(
        isOpen,
        contactAt([
          `${CONTACTS}.centralContacts`,
          `${CONTACTS}.locations[].contacts`,
          'resultsSection.moreInfoModule.pointOfContact',
        ]),
      ),
    ],
  },
  {
    item: 8,
    name: 'Contact for scientific queries',
    checks: [
      when(
        isOpen,
        contactAt([
          `${CONTACTS}.overallOfficials`,
          `${P}.sponsorCollaboratorsModule.responsibleParty`,
          `${CONTACTS}.centralContacts`,
          'resultsSection.moreInfoModule.pointOfContact',
        ]),
      ),
    ],
  },
  { item: 9, name: 'Public title', checks: [requiredText(`${P}.identificationModule.briefTitle`)] },
  { item: 10, name: 'Scientific title', checks: [requiredText(`${P}.identificationModule.officialTitle`)] },
  { item: 11, name: 'Countries of recruitment', checks: [locationCountries] },
  {
    item: 12,
    name: 'Health conditions or problems studied',
    checks: [requiredTexts(`${P}.conditionsModule.conditions`)],
  },
  {
    item: 13,
    name: 'Interventions',
    checks: [
      when(isInterventional, objectsWith(`${P}.armsInterventionsModule.interventions`, ['type', 'name'], 1)),
      objectsWith(`${P}.armsInterventionsModule.armGroups`, ['label'], 0),
    ],
  },
  {
    item: 14,
    name: 'Key inclusion and exclusion criteria',
    checks: [
      requiredText(`${ELIGIBILITY}.eligibilityCriteria`),
      requiredCode(`${ELIGIBILITY}.sex`, ['ALL', 'FEMALE', 'MALE']),
      optionalPattern(`${ELIGIBILITY}.minimumAge`, AGE, AGE_RULE),
      optionalPattern(`${ELIGIBILITY}.maximumAge`, AGE, AGE_RULE),
    ],
  },
  {
    item: 15,
    name: 'Study type',
    checks: [
      requiredCode(`${DESIGN}.studyType`, ['INTERVENTIONAL', 'OBSERVATIONAL']),
      when(isInterventional, requiredCode(`${DESIGN}.designInfo.primaryPurpose`, PURPOSE)),
      when(
        isInterventional,
        requiredCode(`${DESIGN}.designInfo.allocation`, ['RANDOMIZED', 'NON_RANDOMIZED', 'NA']),
      ),
      when(
        isInterventional,
        requiredCode(
          `${DESIGN}.designInfo.interventionModel`,
          codes('SINGLE_GROUP PARALLEL CROSSOVER FACTORIAL SEQUENTIAL'),
        ),
      ),
      when(
        isInterventional,
        requiredCode(
          `${DESIGN}.designInfo.maskingInfo.masking`,
          codes('NONE SINGLE DOUBLE TRIPLE QUADRUPLE'),
        ),
      ),
      when(isInterventional, requiredTexts(`${DESIGN}.phases`)),
    ],
  },
  { item: 16, name: 'Date of first enrolment', checks: [requiredDate(`${STATUS}.startDateStruct.date`)] },
  { item: 17, name: 'Sample size', checks: [requiredCount(`${DESIGN}.enrollmentInfo.count`)] },
  {
    item: 18,
    name: 'Recruitment status',
    checks: [requiredCode(`${STATUS}.overallStatus`, OVERALL_STATUS)],
  },
  {
    item: 19,
    name: 'Primary outcomes',
    checks: [objectsWith(`${P}.outcomesModule.primaryOutcomes`, ['measure', 'timeFrame'], 1)],
  },
  {
    item: 20,
    name: 'Key secondary outcomes',
    checks: [
      objectsWith(`${P}.outcomesModule.secondaryOutcomes`, ['measure', 'timeFrame'], 0),
      objectsWith(`${P}.outcomesModule.otherOutcomes`, ['measure'], 0),
    ],
  },
  // No field of the record: the approval is a step of the trial's life on the ledger.
  { item: 21, name: 'Ethics review', checks: [] },
  {
    item: 22,
    name: 'Completion date',
    checks: [
      requiredDate(`${STATUS}.completionDateStruct.date`),
      optionalDate(`${STATUS}.primaryCompletionDateStruct.date`),
    ],
  },
  {
    item: 23,
    name: 'Summary results',
    checks: [
      objectsWith('resultsSection.outcomeMeasuresModule.outcomeMeasures', ['type', 'title'], 0),
      when(isWithdrawn, noneAt('resultsSection.outcomeMeasuresModule.outcomeMeasures')),
    ],
  },
  {
    item: 24,
    name: 'IPD sharing statement',
    checks: [
      when(
        startsSince2019,
        requiredCode(`${P}.ipdSharingStatementModule.ipdSharing`, ['YES', 'NO', 'UNDECIDED']),
      ),
    ],
  },
];
