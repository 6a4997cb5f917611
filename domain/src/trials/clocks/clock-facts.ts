import { objectsAt, textAt, type TrialRecord, valueAt } from '../trial-record.js';
import { dayOfInstant, type DaySpan, daysOf, laterOf } from './legal-dates.js';

/** What the ledger itself knows of a trial, beside what its record states. All instants are those of ledger transactions. */
export interface ClockHistory {
  /** Of the first version. */
  readonly registered: string;
  /** Of the latest version. */
  readonly updated: string;
  /** Of the first version with the results of the primary outcomes. */
  readonly results?: string;
  /** Of the first version with the results of all outcomes. */
  readonly allResults?: string;
  /** Of the version that first stated the event as having happened (type ACTUAL) on the date it states now. */
  readonly stated: Readonly<Partial<Record<DatedEvent, { readonly date: string; readonly instant: string }>>>;
}

/** The events of a trial that its record dates. */
export type DatedEvent = 'start' | 'primaryCompletion' | 'completion';

/** A certification that delays results (42 CFR 11.44(b), (c)). */
export interface DelayCertificate {
  readonly kind: 'initial-approval' | 'new-use';
  /** When it was submitted, a trial date. */
  readonly submitted: string;
  /** What became of the application, and when; absent while it is pending. */
  readonly ended?: { readonly event: ApplicationEnd; readonly date: string };
}

/** FDA approves, licenses or clears; it ends its review without; or the application is withdrawn and not submitted again. */
export type ApplicationEnd = 'approved' | 'not-approved' | 'withdrawn';

/** A request to submit results later for good cause (42 CFR 11.44(e)). */
export interface DelayExtension {
  /** When it was made, a trial date. */
  readonly submitted: string;
  /** The day it asks for. */
  readonly until: string;
  /** Absent while it is pending; `until` is the day granted. */
  readonly decided?: { readonly granted: boolean; readonly date: string; readonly until?: string };
}

/** A request to submit no results at all (42 CFR 11.54). */
export interface ResultsWaiver {
  /** When it was made, a trial date. */
  readonly submitted: string;
  /** Absent while it is pending. */
  readonly decided?: { readonly granted: boolean; readonly date: string };
}

/** A trial as its clocks see it. */
export interface ClockSubject {
  /** The latest version. */
  readonly record: TrialRecord;
  readonly history: ClockHistory;
  readonly certificates?: readonly DelayCertificate[];
  readonly extensions?: readonly DelayExtension[];
  readonly waivers?: readonly ResultsWaiver[];
  /** When FDA approved or cleared the device that is studied, which no record states; and when the registry was told. */
  readonly deviceClearance?: { readonly date: string; readonly stated?: string };
}

/** Whether a date is of what happened, or of what is expected. */
export type DateBasis = 'actual' | 'anticipated';

/** A date in the record and what it rests on. */
export interface DatedFact {
  readonly days: DaySpan;
  readonly basis: DateBasis;
}

/** A date of something done with the registry: shown by the ledger, or only declared by the record. */
export interface DoneFact {
  readonly days: DaySpan;
  readonly source: 'ledger' | 'declared';
}

const STATUS = 'protocolSection.statusModule';
const STRUCT: Readonly<Record<DatedEvent, string>> = {
  start: 'startDateStruct',
  primaryCompletion: 'primaryCompletionDateStruct',
  completion: 'completionDateStruct',
};
const ENDED = ['COMPLETED', 'TERMINATED'];
const NOT_BEGUN = ['NOT_YET_RECRUITING', 'WITHDRAWN'];

/**
 * When an event of the trial was or is expected. Older records give no type of date; then the event counts as having happened when the
 * recruitment status says so. A withdrawn trial never enrolled anybody, so none of its events comes.
 */
export function eventOf(record: TrialRecord, event: DatedEvent): DatedFact | undefined {
  const status = textAt(record, `${STATUS}.overallStatus`) ?? '';
  const days = daysOf(valueAt(record, `${STATUS}.${STRUCT[event]}.date`));
  if (days === undefined || status === 'WITHDRAWN') return undefined;
  const type = textAt(record, `${STATUS}.${STRUCT[event]}.type`);
  const happened = event === 'start' ? !NOT_BEGUN.includes(status) : ENDED.includes(status);
  const isActual = type === undefined ? happened : type === 'ACTUAL';
  return { days, basis: isActual ? 'actual' : 'anticipated' };
}

/** Whether the record comes from another registry, whose dates it then declares. */
export function isImported(record: TrialRecord): boolean {
  return textAt(record, 'protocolSection.identificationModule.nctId') !== undefined;
}

/** A date that a record of another registry declares, such as `studyFirstSubmitDate`. */
function declared(record: TrialRecord, field: string): DoneFact | undefined {
  const days = isImported(record) ? daysOf(valueAt(record, `${STATUS}.${field}`)) : undefined;
  return days && { days, source: 'declared' };
}

/** When the trial was first registered: here, or earlier elsewhere. */
export function registrationOf({ record, history }: ClockSubject): DoneFact {
  const here: DoneFact = { days: dayOfInstant(history.registered), source: 'ledger' };
  const elsewhere = declared(record, 'studyFirstSubmitDate');
  return elsewhere && elsewhere.days.first < here.days.first ? elsewhere : here;
}

/** When the results of the primary outcomes were submitted; undefined while the record has not all of them. */
export function resultsOf({ record, history }: ClockSubject): DoneFact | undefined {
  if (!hasPrimaryResults(record)) return undefined;
  const elsewhere = declared(record, 'resultsFirstSubmitDate');
  const here: DoneFact | undefined =
    history.results === undefined ? undefined : { days: dayOfInstant(history.results), source: 'ledger' };
  if (here === undefined || elsewhere === undefined) return here ?? elsewhere;
  return elsewhere.days.first < here.days.first ? elsewhere : here;
}

/**
 * When the results of all outcomes were submitted; undefined while one is missing. A record of another registry dates its first results and its
 * last update: between them the last results came.
 */
export function allResultsOf({ record, history }: ClockSubject): DoneFact | undefined {
  if (!hasAllResults(record)) return undefined;
  const first = declared(record, 'resultsFirstSubmitDate');
  const last = declared(record, 'lastUpdateSubmitDate');
  if (first && last) return { days: { first: first.days.first, last: last.days.last }, source: 'declared' };
  return history.allResults === undefined
    ? first
    : { days: dayOfInstant(history.allResults), source: 'ledger' };
}

/** When somebody last stood by the whole record: it was verified (item of ClinicalTrials.gov), or amended here. */
export function verificationOf({ record, history }: ClockSubject): DaySpan {
  const verified = daysOf(valueAt(record, `${STATUS}.statusVerifiedDate`));
  const wasAmended = history.updated !== history.registered;
  const updated = wasAmended || verified === undefined ? dayOfInstant(history.updated) : undefined;
  if (verified === undefined || updated === undefined)
    return verified ?? updated ?? dayOfInstant(history.updated);
  return laterOf(verified, updated);
}

/** When the registry was told that an event has happened; undefined when it was not, or elsewhere at a time that nobody states. */
export function statementOf({ history }: ClockSubject, event: DatedEvent): DaySpan | undefined {
  const stated = history.stated[event];
  return stated && dayOfInstant(stated.instant);
}

/** The outcomes that the results list, by their type, and whether their data are there yet (ClinicalTrials.gov, `reportingStatus`). */
function measures(record: TrialRecord): readonly { readonly type: string; readonly isPosted: boolean }[] {
  const listed = objectsAt(record, 'resultsSection.outcomeMeasuresModule.outcomeMeasures');
  return listed.map(({ value }) => ({
    type: textAt(value, 'type') ?? '',
    isPosted: textAt(value, 'reportingStatus') !== 'NOT_POSTED',
  }));
}

/** The results of a record are there when they report an outcome. */
export function hasResults(record: TrialRecord): boolean {
  return measures(record).some(({ isPosted }) => isPosted);
}

/** Results may come in parts (42 CFR 11.44(d)): first those of the primary outcomes. */
function hasPrimaryResults(record: TrialRecord): boolean {
  const primary = measures(record).filter(({ type }) => type === 'PRIMARY');
  return primary.length > 0 && primary.every(({ isPosted }) => isPosted);
}

/** Whether nothing is missing, as far as the record tells: an outcome that was dropped is shown by the comparison of outcomes. */
function hasAllResults(record: TrialRecord): boolean {
  const isSecondaryAnnounced =
    objectsAt(record, 'protocolSection.outcomesModule.secondaryOutcomes').length > 0;
  return (
    hasPrimaryResults(record) &&
    measures(record).every(({ isPosted }) => isPosted) &&
    (!isSecondaryAnnounced || measures(record).some(({ type }) => type === 'SECONDARY'))
  );
}

/** Whether a record of another registry says that its results were waived. */
export function isWaivedElsewhere(record: TrialRecord): boolean {
  return isImported(record) && valueAt(record, `${STATUS}.resultsWaived`) === true;
}

/** The countries of the trial's sites. */
export function countriesOf(record: TrialRecord): readonly string[] {
  const sites = objectsAt(record, 'protocolSection.contactsLocationsModule.locations');
  return [...new Set(sites.flatMap(({ value }) => textAt(value, 'country') ?? []))];
}

/** The history after one more version: what the ledger can show about when it was told what. */
export function historyWith(
  before: ClockHistory | undefined,
  record: TrialRecord,
  instant: string,
): ClockHistory {
  return {
    registered: before?.registered ?? instant,
    updated: instant,
    ...firstSeen('results', before, hasPrimaryResults(record), instant),
    ...firstSeen('allResults', before, hasAllResults(record), instant),
    stated: Object.fromEntries(
      (Object.keys(STRUCT) as DatedEvent[]).flatMap((event) => {
        const date = textAt(record, `${STATUS}.${STRUCT[event]}.date`);
        if (date === undefined || eventOf(record, event)?.basis !== 'actual') return [];
        const known = before?.stated[event];
        if (known?.date === date) return [[event, known]];
        // What an imported record says already was told elsewhere, at a time that it does not state.
        return before === undefined && isImported(record) ? [] : [[event, { date, instant }]];
      }),
    ),
  };
}

function firstSeen<Name extends 'results' | 'allResults'>(
  name: Name,
  before: ClockHistory | undefined,
  isThere: boolean,
  instant: string,
): Partial<Record<Name, string>> {
  const seen = before?.[name] ?? (isThere ? instant : undefined);
  return (seen === undefined ? {} : { [name]: seen }) as Partial<Record<Name, string>>;
}

/** The certificates of a trial: those given, or the one that the record names without its kind. */
export function certificateSubmitted(record: TrialRecord): DaySpan | undefined {
  return daysOf(valueAt(record, `${STATUS}.dispFirstSubmitDate`));
}
