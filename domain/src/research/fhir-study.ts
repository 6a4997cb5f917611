import type { ResearchStudy } from 'fhir/r4';
import { listElement } from '../fhir/list-element.js';
import { SYSTEMS } from '../records/coding.js';
import { studyState, type Study, type StudyState } from './study.js';

const STUDY = 'urn:vitaledger:study';
const TRIAL = 'urn:vitaledger:trial';
const AIM = 'urn:vitaledger:research-aim';

/** R4 research-study-status. */
const STATUSES: Readonly<Record<StudyState, ResearchStudy['status']>> = {
  waiting: 'in-review',
  refused: 'disapproved',
  approved: 'approved',
  expired: 'administratively-completed',
  revoked: 'withdrawn',
};

/** Code systems of the ontologies whose CURIEs studies name (https://terminology.hl7.org, external code systems). */
const ONTOLOGIES: Readonly<Record<string, string>> = {
  MONDO: 'http://purl.obolibrary.org/obo/mondo.owl',
  DOID: 'http://purl.obolibrary.org/obo/doid.owl',
};

/**
 * A study that wants patients' data as a FHIR R4 ResearchStudy: what it says of itself, and where it stands with its committee.
 *
 * @param at the instant at which it stands there, ISO 8601
 */
export function studyResource(study: Study, at: string): ResearchStudy {
  const { purpose, trial, decisions } = study;
  const approval = decisions.at(-1);
  return {
    resourceType: 'ResearchStudy',
    identifier: [{ system: STUDY, value: study.study }],
    title: study.title,
    ...(trial === undefined ? {} : { partOf: [{ identifier: { system: TRIAL, value: trial } }] }),
    status: STATUSES[studyState(study, at)],
    category: purpose.aims.map((code) => ({ coding: [{ system: AIM, code }] })),
    ...listElement('condition', purpose.diseases?.map(concept)),
    ...listElement('focus', purpose.types?.map(concept)),
    ...listElement(
      'location',
      purpose.regions?.map((code) => ({ coding: [{ system: 'urn:iso:std:iso:3166', code }] })),
    ),
    ...(approval?.until === undefined ? {} : { period: { start: approval.instant, end: approval.until } }),
    sponsor: {
      type: 'Organization',
      identifier: { system: SYSTEMS.organization, value: study.organization },
    },
  };
}

function concept(curie: string): { coding: { system: string; code: string }[] } | { text: string } {
  const [prefix = ''] = curie.split(':');
  const system = ONTOLOGIES[prefix];
  return system === undefined ? { text: curie } : { coding: [{ system, code: curie }] };
}
