import type { TrialStatus } from '../trials/life-cycle.js';

/** When something was registered, and at which beat of the clock. */
export interface RegisteredMoment {
  readonly instant: string;
  readonly beat: number;
}

/** A randomization list that was committed to before it was shown. */
export interface CommittedList extends RegisteredMoment {
  /** See `randomizationCommitment`. */
  readonly commitment: string;
  /** Whether the trial recruited already: participants may have been allocated before it was fixed. */
  readonly late: boolean;
  readonly revealed?: RegisteredMoment & {
    /** SHA-256 of the list. */
    readonly digest: string;
    readonly salt: string;
  };
}

/** That the data were unblinded for analysis. */
export interface Unblinding extends RegisteredMoment {
  readonly reason: string;
  /** The analysis plan that was in force; null where the sponsor declared that there was none. */
  readonly plan: { readonly document: string; readonly version: number; readonly digest: string } | null;
}

/** What a trial has committed to before it knew its results. */
export interface AnalysisRecord {
  /** In the order of their numbers, from 1. */
  readonly lists: readonly CommittedList[];
  readonly unblinding?: Unblinding;
}

/** Before a trial recruits, nobody has been allocated. */
export function isBeforeRecruitment(status: TrialStatus): boolean {
  return ['draft', 'submitted', 'ethics-approved', 'registered'].includes(status);
}

/** Whether a version of an analysis plan came after the unblinding, so that it may have been written in knowledge of the data. */
export function isLatePlan(plan: RegisteredMoment, unblinding: RegisteredMoment | undefined): boolean {
  return unblinding !== undefined && plan.instant > unblinding.instant;
}
