import type { CodeableConcept, ResearchStudy, ResearchStudyArm, ResearchStudyObjective } from 'fhir/r4';
import { listElement } from '../fhir/list-element.js';
import { isDateTime } from '../records/dates.js';
import { trialIdentifiers } from './validate-registration.js';
import { objectsAt, textAt, valueAt, type TrialRecord } from './trial-record.js';

const TERMINOLOGY = 'http://terminology.hl7.org/CodeSystem';
const TRIAL = 'urn:vitaledger:trial';
const P = 'protocolSection';

/** What ClinicalTrials.gov calls a recruitment status, in R4's research-study-status. */
const STATUSES: Readonly<Record<string, ResearchStudy['status']>> = {
  NOT_YET_RECRUITING: 'approved',
  RECRUITING: 'active',
  ENROLLING_BY_INVITATION: 'active',
  ACTIVE_NOT_RECRUITING: 'closed-to-accrual',
  SUSPENDED: 'temporarily-closed-to-accrual',
  COMPLETED: 'completed',
  TERMINATED: 'administratively-completed',
  WITHDRAWN: 'withdrawn',
};

/** Primary purposes for which R4 has a code; others are told in words. */
const PURPOSES: Readonly<Record<string, string>> = {
  TREATMENT: 'treatment',
  PREVENTION: 'prevention',
  DIAGNOSTIC: 'diagnostic',
  SUPPORTIVE_CARE: 'supportive-care',
  SCREENING: 'screening',
  HEALTH_SERVICES_RESEARCH: 'health-services-research',
  BASIC_SCIENCE: 'basic-science',
  DEVICE_FEASIBILITY: 'device-feasibility',
};

const PHASES: Readonly<Record<string, string>> = {
  NA: 'n-a',
  EARLY_PHASE1: 'early-phase-1',
  PHASE1: 'phase-1',
  'PHASE1 PHASE2': 'phase-1-phase-2',
  PHASE2: 'phase-2',
  'PHASE2 PHASE3': 'phase-2-phase-3',
  PHASE3: 'phase-3',
  PHASE4: 'phase-4',
};

/**
 * A version of a trial's record as a FHIR R4 ResearchStudy: what R4 has elements for. The record itself says more, and is what was
 * registered.
 *
 * @param trial the registry's number
 */
export function trialResource(trial: string, record: TrialRecord): ResearchStudy {
  const description = textAt(record, `${P}.descriptionModule.briefSummary`);
  const whyStopped = textAt(record, `${P}.statusModule.whyStopped`);
  return {
    resourceType: 'ResearchStudy',
    identifier: [{ system: TRIAL, value: trial }, ...identifiersOf(record)],
    ...titleOf(record),
    status: statusOf(record),
    ...purposeOf(record),
    ...phaseOf(record),
    ...listElement('condition', textsAt(record, `${P}.conditionsModule.conditions`).map(inWords)),
    ...listElement('keyword', textsAt(record, `${P}.conditionsModule.keywords`).map(inWords)),
    ...listElement(
      'focus',
      namesAt(record, `${P}.armsInterventionsModule.interventions`, 'name').map(inWords),
    ),
    ...listElement('location', countriesOf(record).map(inWords)),
    ...(description === undefined ? {} : { description }),
    ...periodOf(record),
    ...sponsorOf(record),
    ...(whyStopped === undefined ? {} : { reasonStopped: inWords(whyStopped) }),
    ...listElement('arm', armsOf(record)),
    ...listElement('objective', objectivesOf(record)),
  };
}

/** Numbers by which other registries and the sponsor know it. */
function identifiersOf(record: TrialRecord): { value: string }[] {
  return trialIdentifiers(record).map(({ number }) => ({ value: number }));
}

function titleOf(record: TrialRecord): Pick<ResearchStudy, 'title'> {
  const names = `${P}.identificationModule`;
  const title = textAt(record, `${names}.officialTitle`) ?? textAt(record, `${names}.briefTitle`);
  return title === undefined ? {} : { title };
}

/** Where the registry calls it unknown, because nobody confirmed it for years: as it was last known. */
function statusOf(record: TrialRecord): ResearchStudy['status'] {
  const status = textAt(record, `${P}.statusModule.overallStatus`) ?? '';
  const last = textAt(record, `${P}.statusModule.lastKnownStatus`) ?? '';
  return STATUSES[status] ?? STATUSES[last] ?? 'active';
}

function purposeOf(record: TrialRecord): Pick<ResearchStudy, 'primaryPurposeType'> {
  const purpose = textAt(record, `${P}.designModule.designInfo.primaryPurpose`);
  if (purpose === undefined) return {};
  const code = PURPOSES[purpose];
  return {
    primaryPurposeType: code === undefined ? inWords(purpose) : coded('research-study-prim-purp-type', code),
  };
}

function phaseOf(record: TrialRecord): Pick<ResearchStudy, 'phase'> {
  const code = PHASES[textsAt(record, `${P}.designModule.phases`).join(' ')];
  return code === undefined ? {} : { phase: coded('research-study-phase', code) };
}

function periodOf(record: TrialRecord): Pick<ResearchStudy, 'period'> {
  const start = textAt(record, `${P}.statusModule.startDateStruct.date`);
  const end = textAt(record, `${P}.statusModule.completionDateStruct.date`);
  const period = {
    ...(isDateTime(start) ? { start } : {}),
    ...(isDateTime(end) ? { end } : {}),
  };
  return Object.keys(period).length === 0 ? {} : { period };
}

function sponsorOf(record: TrialRecord): Pick<ResearchStudy, 'sponsor'> {
  const display = textAt(record, `${P}.sponsorCollaboratorsModule.leadSponsor.name`);
  return display === undefined ? {} : { sponsor: { type: 'Organization', display } };
}

function armsOf(record: TrialRecord): ResearchStudyArm[] {
  return objectsAt(record, `${P}.armsInterventionsModule.armGroups`).flatMap(({ value }) => {
    const [name, type, description] = ['label', 'type', 'description'].map((member) => textAt(value, member));
    if (name === undefined) return [];
    return [{ name, ...(type ? { type: inWords(type) } : {}), ...(description ? { description } : {}) }];
  });
}

function objectivesOf(record: TrialRecord): ResearchStudyObjective[] {
  return [
    ['primaryOutcomes', 'primary'],
    ['secondaryOutcomes', 'secondary'],
    ['otherOutcomes', 'exploratory'],
  ].flatMap(([list = '', type = '']) =>
    objectsAt(record, `${P}.outcomesModule.${list}`).flatMap(({ value }) => {
      const [measure, timeFrame] = [textAt(value, 'measure'), textAt(value, 'timeFrame')];
      if (measure === undefined) return [];
      const name = timeFrame === undefined ? measure : `${measure} [${timeFrame}]`;
      return [{ name, type: coded('research-study-objective-type', type) }];
    }),
  );
}

function countriesOf(record: TrialRecord): string[] {
  return [...new Set(namesAt(record, `${P}.contactsLocationsModule.locations`, 'country'))];
}

function namesAt(record: TrialRecord, path: string, member: string): string[] {
  return objectsAt(record, path).flatMap(({ value }) => textAt(value, member) ?? []);
}

function textsAt(record: TrialRecord, path: string): string[] {
  const values = valueAt(record, path);
  return Array.isArray(values) ? values.filter((value): value is string => typeof value === 'string') : [];
}

function coded(system: string, code: string): CodeableConcept {
  return { coding: [{ system: `${TERMINOLOGY}/${system}`, code }] };
}

function inWords(text: string): CodeableConcept {
  return { text };
}
