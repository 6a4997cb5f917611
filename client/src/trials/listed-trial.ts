import type { ClockReport, ClockStatus, DaySpan, TrialCard } from '@vitaledger/domain';
import type { OperationOptions } from '../session/session.js';

export type {
  ClockReport,
  ClockState,
  ClockStatus,
  DateRange,
  DaySpan,
  TrialQuery,
} from '@vitaledger/domain';

/** A trial as lists show it. */
export type ListedTrial = Omit<TrialCard, 'history' | 'duties'>;

export interface TrialPageOptions extends OperationOptions {
  /** Entries per page, 1 to 200; 50 when absent. */
  readonly pageSize?: number;
}

/** Which page is asked for. */
export interface TrialBookmarkOptions extends TrialPageOptions {
  /** Of the page before; the first page when absent. */
  readonly bookmark?: string;
}

/** One page of trials. It may hold fewer than were asked for, or none, and still have a page after it. */
export interface TrialsPage {
  readonly trials: readonly ListedTrial[];
  /** Where the next page begins, whatever is registered or amended meanwhile; empty when this is the last one. */
  readonly bookmark: string;
}

/** One page of duties, as {@link TrialsPage} of trials. */
export interface DutiesPage {
  /** The instant at which they are measured: name it again for the next page. */
  readonly at: string;
  readonly duties: readonly ListedDuty[];
  readonly bookmark: string;
}

/** Which duties are asked for; filters combine. */
export interface OverdueQuery {
  /** The instant at which they are measured, ISO 8601 in UTC; now when absent. */
  readonly at?: string;
  /** Also those that come due within so many days from it, 0 to 3,660. */
  readonly within?: number;
  /** MSP id of the organization that registered the trial. */
  readonly sponsor?: string;
  /** A country with a site. */
  readonly country?: string;
  /** Such as `us-results`. */
  readonly clock?: string;
}

/** Which duties that come due are asked for. */
export type DueQuery = Omit<OverdueQuery, 'within'>;

/** As {@link OverdueQuery}; with `coming` only duties whose limit has not come. */
export interface DutiesQuery extends OverdueQuery {
  readonly coming?: boolean;
}

/** A duty that is not met. */
export interface ListedDuty {
  readonly trial: ListedTrial;
  readonly clock: string;
  /** The last day in time: one day, or the days that it may be. */
  readonly due: DaySpan;
  readonly status: ClockStatus;
}

/** Where a trial stands under each regulation. */
export interface TrialClocks extends ClockReport {
  readonly trial: string;
}
