import { digestOf } from '../json/canonical.js';
import type { DataUse } from './data-use.js';
import { matchDataUse, type DataUseMatch } from './match-data-use.js';
import { studyState, type Study, type StudyDecision } from './study.js';

/** What a decision takes of a study. */
export type StudyTerms = Pick<
  Study,
  'study' | 'organization' | 'purpose' | 'ancestors' | 'instant' | 'decisions'
>;

/** Which study a decision is about, as its receipt keeps it. */
export interface ConsideredStudy {
  readonly study: string;
  /** Of what the study says of itself, so that a replay can tell that it is the same. */
  readonly digest: string;
  /** The committee's approval in force. */
  readonly approval?: Pick<StudyDecision, 'organization' | 'until'> & { readonly document: string };
}

/** What the data-use terms of a consent say of a study. */
export interface StudyUse extends Pick<DataUseMatch, 'obligations'> {
  readonly outcome: DataUseMatch['outcome'] | 'no-study';
  /** True where the terms approve, or where they leave it to a committee and that has approved the study. */
  readonly permitted: boolean;
}

/** The study as a receipt names it. */
export function consideredStudy(study: StudyTerms, instant: string): ConsideredStudy {
  const { study: number, organization, purpose, ancestors = {} } = study;
  const approval = approvalInForce(study, instant);
  return {
    study: number,
    digest: digestOf({ organization, purpose, ancestors }),
    ...(approval ? { approval } : {}),
  };
}

/**
 * What terms say of a study at an instant. A use for no study is never permitted under terms. What the study claims of the
 * hierarchy of its diseases counts once a committee has approved it, and only the committee's word is an ethics approval; its use
 * of patients' data is taken to have begun when it was registered.
 */
export function studyUse(dataUse: DataUse, study: StudyTerms | undefined, instant: string): StudyUse {
  if (!study) return { outcome: 'no-study', permitted: false, obligations: [] };
  const approval = approvalInForce(study, instant);
  const purpose = approval ? { ...study.purpose, ethics: { digest: approval.document } } : study.purpose;
  const ancestors = approval ? (study.ancestors ?? {}) : {};
  const { outcome, obligations } = matchDataUse(dataUse, purpose, {
    instant,
    began: study.instant,
    ancestors,
  });
  const permitted = outcome === 'approve' || (outcome === 'abstain' && approval !== undefined);
  return { outcome, permitted, obligations };
}

function approvalInForce(study: StudyTerms, instant: string): ConsideredStudy['approval'] | undefined {
  const last = study.decisions.at(-1);
  if (last?.document === undefined || studyState(study, instant) !== 'approved') return undefined;
  const { organization, document, until } = last;
  return { organization, document, ...(until === undefined ? {} : { until }) };
}
