import type { Tri } from '../decision/tri.js';
import { DUO_TERMS, type DuoCode } from './duo.js';
import type { ResearchAim } from './research-purpose.js';

/** Why a term holds for a study, does not, or cannot be told: stable words, and what they mean. */
export const FINDING_REASONS = {
  AIM_PERMITTED: 'The permission includes this aim.',
  AIM_NOT_PERMITTED: 'The permission does not include this aim.',
  METHODS_WITH_PERMITTED_AIM:
    'Methods are developed for the study’s other aims, which are judged themselves.',
  METHODS_ALONE: 'Whether methods on their own belong to the permitted research is for a committee to say.',
  CARE_NEEDS_CC: 'Care is no research; it needs the term CC.',
  DISEASE_WITHIN: 'Every disease of the study is one that the terms name, or below one.',
  DISEASE_OUTSIDE: 'No disease of the study is one that the terms name, or below one.',
  DISEASE_PARTLY_WITHIN: 'Some diseases of the study are within the terms, others not.',
  DISEASE_UNKNOWN: 'The study does not say which diseases it is about.',
  ANCESTORS_UNKNOWN: 'What stands above a disease or type of the study in its ontology was not given.',
  CONDITION_MET: 'The study meets the condition.',
  CONDITION_NOT_MET: 'The study does not meet the condition.',
  CONDITION_PARTLY_MET: 'The study meets the condition in part.',
  FACT_UNKNOWN: 'The study does not state what the condition asks for.',
  UNDERTAKEN: 'The study undertakes to do it.',
  UNDERTAKING_MISSING: 'The study does not undertake to do it.',
  APPROVAL_MISSING: 'The study has no approval by an ethics committee.',
  APPROVAL_EXPIRED: 'The approval by an ethics committee has ended.',
  MORATORIUM_OVER: 'The moratorium is over.',
  PUBLISHED_TOO_EARLY: 'The study will publish before the moratorium is over.',
  TIME_LEFT: 'The time of use has not ended.',
  TIME_OVER: 'The time of use has ended.',
  USE_OUTLASTS_TIME: 'The study will use the data for longer than the terms allow.',
} as const;

export type FindingReason = keyof typeof FINDING_REASONS;

/** What one term says of the study. */
export interface TermFinding {
  readonly term: DuoCode;
  /** The term's CURIE. */
  readonly duo: string;
  /** Which of the study's aims the permission is asked for. */
  readonly aim?: ResearchAim;
  /** `maybe`: only a committee can tell. */
  readonly holds: Tri;
  readonly reason: FindingReason;
  /** The study's entries that the term does not, or not certainly, cover. */
  readonly values?: readonly string[];
}

export type Finding = Pick<TermFinding, 'holds' | 'reason' | 'values'>;

export function findingOf(term: DuoCode, finding: Finding, aim?: ResearchAim): TermFinding {
  return { term, duo: DUO_TERMS[term].id, ...(aim ? { aim } : {}), ...finding };
}
