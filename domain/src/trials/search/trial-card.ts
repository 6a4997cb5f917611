import {
  type ClockHistory,
  type ClockSubject,
  countriesOf,
  type DaySpan,
  delaysOf,
  evaluateClocks,
  historyWith,
  isOpenDuty,
  type TrialDelay,
} from '../clocks/index.js';
import type { TrialStatus } from '../life-cycle.js';
import { objectsAt, textAt, type TrialRecord, valueAt } from '../trial-record.js';

/** A duty that is not met yet. */
export interface OpenDuty {
  readonly clock: string;
  readonly due: DaySpan;
  /** Whether something leaves open that it will be overdue, see `ClockState.doubts`. */
  readonly isDoubtful: boolean;
}

/** What a list of trials shows of one, and what it is found by. */
export interface TrialCard {
  readonly id: string;
  /** MSP id of the organization that registered it. */
  readonly sponsor: string;
  readonly status: TrialStatus;
  readonly version: number;
  /** Brief and official title. */
  readonly titles: readonly string[];
  readonly leadSponsor?: string;
  /** Recruitment status as the record states it, such as `RECRUITING`. */
  readonly recruitment: string;
  readonly phases: readonly string[];
  readonly conditions: readonly string[];
  readonly interventions: readonly string[];
  readonly countries: readonly string[];
  /** `2026-03` or `2026-03-02`. */
  readonly start?: string;
  readonly completion?: string;
  /** When the ledger was told what. */
  readonly history: ClockHistory;
  readonly duties: readonly OpenDuty[];
}

const P = 'protocolSection';

/** The duties of a trial that are not met at an instant. */
export function openDuties(subject: ClockSubject, instant: string): readonly OpenDuty[] {
  return evaluateClocks(subject, instant)
    .clocks.filter(isOpenDuty)
    .map(({ clock, due, doubts }) => ({ clock, due, isDoubtful: doubts.length > 0 }));
}

/**
 * The card of a trial's latest version.
 *
 * @param before the card of the version before; absent for the first one.
 * @param instant when this version is registered.
 * @param delays of its results.
 */
export function cardOf(
  head: Pick<TrialCard, 'id' | 'sponsor' | 'status' | 'version'>,
  record: TrialRecord,
  instant: string,
  before?: TrialCard,
  delays: readonly TrialDelay[] = [],
): TrialCard {
  const history = historyWith(before?.history, record, instant);
  const { id, sponsor, status, version } = head;
  const text = (name: string, path: string): Readonly<Record<string, string>> => {
    const found = textAt(record, `${P}.${path}`);
    return found === undefined ? {} : { [name]: found };
  };
  return {
    id,
    sponsor,
    status,
    version,
    titles: ['briefTitle', 'officialTitle'].flatMap(
      (name) => textAt(record, `${P}.identificationModule.${name}`) ?? [],
    ),
    ...text('leadSponsor', 'sponsorCollaboratorsModule.leadSponsor.name'),
    recruitment: textAt(record, `${P}.statusModule.overallStatus`) ?? 'UNKNOWN',
    phases: textsAt(record, `${P}.designModule.phases`),
    conditions: textsAt(record, `${P}.conditionsModule.conditions`),
    interventions: objectsAt(record, `${P}.armsInterventionsModule.interventions`).flatMap(
      ({ value }) => textAt(value, 'name') ?? [],
    ),
    countries: countriesOf(record),
    ...text('start', 'statusModule.startDateStruct.date'),
    ...text('completion', 'statusModule.completionDateStruct.date'),
    history,
    duties: openDuties({ record, history, ...delaysOf(delays) }, instant),
  };
}

function textsAt(record: TrialRecord, path: string): string[] {
  const value = valueAt(record, path);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
