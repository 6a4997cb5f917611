import assert from 'node:assert/strict';
import fc from 'fast-check';
import { demoTrial, realTrials, withValue } from '../records-for-tests.test.js';
import type { TrialRecord } from '../trial-record.js';
import {
  addPeriod,
  type ApplicationEnd,
  type ClockPack,
  type ClockState,
  type ClockSubject,
  type DelayExtension,
  daysOf,
  evaluateClocks,
  historyWith,
} from './index.js';

const S = 'protocolSection.statusModule';
const COUNTRY = 'protocolSection.contactsLocationsModule.locations';

/** An applicable clinical trial under US law that has ended, as far as `values` do not say otherwise. */
function trial(values: Readonly<Record<string, unknown>> = {}): TrialRecord {
  const all = {
    [`${S}.overallStatus`]: 'COMPLETED',
    [`${S}.startDateStruct`]: { date: '2020-01-10', type: 'ACTUAL' },
    [`${S}.primaryCompletionDateStruct`]: { date: '2022-03-15', type: 'ACTUAL' },
    [`${S}.completionDateStruct`]: { date: '2022-06-15', type: 'ACTUAL' },
    [`${S}.statusVerifiedDate`]: undefined,
    [COUNTRY]: [{ country: 'United States' }],
    ...values,
  };
  return Object.entries(all).reduce(
    (record, [path, value]) => withValue(record, path, value),
    demoTrial('trial'),
  );
}

const REGISTERED = '2020-01-15T09:00:00.000Z';

function subject(record: TrialRecord, registered = REGISTERED): ClockSubject {
  return { record, history: historyWith(undefined, record, registered) };
}

function clock(of: ClockSubject, name: string, at = '2023-01-01T00:00:00.000Z'): ClockState {
  const found = evaluateClocks(of, at).clocks.find(({ clock }) => clock === name);
  assert.ok(found, name);
  return found;
}

/** Results with outcomes of these types; those of `pending` are announced, and not there yet. */
const resultsOf = (
  types: readonly string[],
  pending: readonly string[] = [],
): Readonly<Record<string, unknown>> => ({
  outcomeMeasuresModule: {
    outcomeMeasures: [
      ...types.map((type) => ({ type, title: 'Pressure' })),
      ...pending.map((type) => ({ type, title: 'Survival', reportingStatus: 'NOT_POSTED' })),
    ],
  },
});
const results = resultsOf(['PRIMARY', 'SECONDARY']);

describe('addPeriod', () => {
  it('counts a year by the calendar, not in 365 days, and clamps to the end of a month', () => {
    assert.equal(addPeriod('2019-03-01', { years: 1 }), '2020-03-01');
    assert.equal(addPeriod('2020-02-29', { years: 1 }), '2021-02-28');
    assert.equal(addPeriod('2021-08-31', { months: 6 }), '2022-02-28');
    assert.equal(addPeriod('2020-02-20', { days: 21 }), '2020-03-12');
  });

  it('never goes backwards', () => {
    const day = fc
      .date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(day, day, fc.nat(40), (one, other, count) => {
        const [early = '', late = ''] = [one, other].sort();
        for (const period of [{ days: count }, { months: count }, { years: count }])
          assert.ok(addPeriod(early, period) <= addPeriod(late, period));
      }),
    );
  });
});

describe('daysOf', () => {
  it('makes an interval of a month, and nothing of what is no date', () => {
    assert.deepEqual(daysOf('2019-02'), { first: '2019-02-01', last: '2019-02-28' });
    assert.deepEqual(daysOf('2019-02-03'), { first: '2019-02-03', last: '2019-02-03' });
    for (const bad of ['2019', '2019-02-30', '', undefined, 7]) assert.equal(daysOf(bad), undefined);
  });
});

describe('the clocks of 42 CFR Part 11', () => {
  it('give results one calendar year, over a leap day too', () => {
    const record = trial({ [`${S}.primaryCompletionDateStruct`]: { date: '2019-05-10', type: 'ACTUAL' } });
    const at = (day: string) => clock(subject(record), 'us-results', `${day}T23:59:59.999Z`).status;
    assert.deepEqual(clock(subject(record), 'us-results').due, { first: '2020-05-10', last: '2020-05-10' });
    assert.deepEqual([at('2020-05-09'), at('2020-05-10'), at('2020-05-11')], ['due', 'due', 'overdue']);
  });

  it('are possibly overdue, not overdue, while a month without a day leaves it open', () => {
    const record = trial({ [`${S}.primaryCompletionDateStruct`]: { date: '2019-02', type: 'ACTUAL' } });
    const at = (day: string) => clock(subject(record), 'us-results', `${day}T12:00:00.000Z`).status;
    assert.deepEqual(
      [at('2020-02-01'), at('2020-02-02'), at('2020-02-28'), at('2020-02-29')],
      ['due', 'possibly-overdue', 'possibly-overdue', 'overdue'],
    );
  });

  it('never call a trial overdue by a date that is only expected', () => {
    const record = trial({
      [`${S}.overallStatus`]: 'RECRUITING',
      [`${S}.primaryCompletionDateStruct`]: { date: '2021-01-01', type: 'ESTIMATED' },
    });
    const state = clock(subject(record), 'us-results', '2030-01-01T00:00:00.000Z');
    assert.deepEqual([state.status, state.basis], ['possibly-overdue', 'anticipated']);
  });

  it('stop when results are posted: in time, late, or within days that leave it open', () => {
    const record = { ...trial(), resultsSection: results };
    const posted = (date: string): string =>
      clock(
        {
          record,
          history: historyWith(historyWith(undefined, trial(), REGISTERED), record, `${date}T10:00:00.000Z`),
        },
        'us-results',
      ).status;
    assert.deepEqual([posted('2023-03-15'), posted('2023-03-16')], ['met', 'met-late']);
  });

  it('ask for registration within 21 days of the first enrolment', () => {
    const registered = (day: string) =>
      clock(subject(trial(), `${day}T08:00:00.000Z`), 'us-registration').status;
    assert.deepEqual([registered('2020-01-31'), registered('2020-02-01')], ['met', 'met-late']);
  });

  it('ask for the actual completion date within 30 days, as the ledger shows it was stated', () => {
    const open = trial({
      [`${S}.overallStatus`]: 'ACTIVE_NOT_RECRUITING',
      [`${S}.primaryCompletionDateStruct`]: { date: '2022-03-15', type: 'ESTIMATED' },
    });
    const first = historyWith(undefined, open, REGISTERED);
    const told = (day: string) =>
      clock(
        { record: trial(), history: historyWith(first, trial(), `${day}T08:00:00.000Z`) },
        'us-update-primary-completion',
      ).status;
    assert.deepEqual([told('2022-04-14'), told('2022-04-15')], ['met', 'met-late']);
  });

  it('ask for verification every 12 months until all results are there', () => {
    const verified = trial({ [`${S}.statusVerifiedDate`]: '2021-05' });
    const state = clock(subject(verified), 'us-verification', '2022-05-15T00:00:00.000Z');
    assert.deepEqual(
      [state.status, state.due],
      ['possibly-overdue', { first: '2022-05-01', last: '2022-05-31' }],
    );
    const verification = (resultsSection: Readonly<Record<string, unknown>>) =>
      clock(subject({ ...verified, resultsSection }), 'us-verification').status;
    assert.equal(verification(results), 'not-started');
    assert.equal(verification(resultsOf(['PRIMARY'], ['SECONDARY'])), 'overdue');
  });

  it('let the results of later outcomes come a year after the study’s completion, and tell parts from the whole', () => {
    const open = historyWith(undefined, trial(), REGISTERED);
    const posted = (resultsSection: Readonly<Record<string, unknown>>, on: string, later?: string) => {
      const first = { ...trial(), resultsSection };
      const history = historyWith(open, first, `${on}T10:00:00.000Z`);
      if (later === undefined) return { record: first, history };
      const record = { ...trial(), resultsSection: results };
      return { record, history: historyWith(history, record, `${later}T10:00:00.000Z`) };
    };
    const both = (of: ClockSubject) =>
      ['us-results', 'us-results-secondary'].map(
        (name) => clock(of, name, '2023-07-01T00:00:00.000Z').status,
      );
    assert.deepEqual(clock(subject(trial()), 'us-results-secondary').due?.last, '2023-06-15');
    assert.deepEqual(both({ record: trial(), history: open }), ['overdue', 'overdue']);
    assert.deepEqual(both(posted(resultsOf(['PRIMARY'], ['SECONDARY']), '2023-03-15')), ['met', 'overdue']);
    assert.deepEqual(both(posted(resultsOf(['PRIMARY']), '2023-03-15')), ['met', 'overdue']);
    assert.deepEqual(both(posted(resultsOf(['SECONDARY'], ['PRIMARY']), '2023-03-15')), [
      'overdue',
      'overdue',
    ]);
    assert.deepEqual(both(posted(resultsOf(['PRIMARY'], ['SECONDARY']), '2023-03-15', '2023-06-15')), [
      'met',
      'met',
    ]);
    assert.deepEqual(both(posted(resultsOf(['PRIMARY'], ['SECONDARY']), '2023-03-16', '2023-06-16')), [
      'met-late',
      'met-late',
    ]);
    // Where both ended on one day there is nothing later to report.
    const atOnce = trial({ [`${S}.completionDateStruct`]: { date: '2022-03-15', type: 'ACTUAL' } });
    assert.equal(clock(subject(atOnce), 'us-results-secondary').status, 'not-started');
    // Never before those of the primary outcomes, which a certificate delays.
    const certificates = [{ kind: 'new-use', submitted: '2023-03-01' }] as const;
    const delayed = clock({ ...subject(trial()), certificates }, 'us-results-secondary');
    assert.deepEqual([delayed.due?.last, delayed.doubts.length], ['2025-03-01', 1]);
  });

  it('leave open when the last results of another registry’s record came', () => {
    const record = trial({
      'protocolSection.identificationModule.nctId': 'NCT01234567',
      [`${S}.studyFirstSubmitDate`]: '2020-01-10',
      [`${S}.resultsFirstSubmitDate`]: '2023-03-01',
      [`${S}.lastUpdateSubmitDate`]: '2023-09-01',
    });
    const state = clock(subject({ ...record, resultsSection: results }), 'us-results-secondary');
    assert.deepEqual(
      [state.status, state.met],
      ['undetermined', { first: '2023-03-01', last: '2023-09-01' }],
    );
  });

  it('ask for no results where a waiver is granted, and for them 30 days after it was refused', () => {
    const waiver = (submitted: string, decided?: { granted: boolean; date: string }) => ({
      ...subject(trial()),
      waivers: [{ submitted, ...(decided ? { decided } : {}) }],
    });
    const status = (of: ClockSubject, name = 'us-results') =>
      clock(of, name, '2023-05-01T00:00:00.000Z').status;
    const granted = waiver('2023-03-14', { granted: true, date: '2023-04-01' });
    assert.deepEqual([status(granted), status(granted, 'us-results-secondary')], ['waived', 'waived']);
    assert.equal(status(waiver('2023-03-15', { granted: true, date: '2023-04-01' })), 'overdue');
    assert.equal(status(waiver('2023-03-14')), 'possibly-overdue');
    const refused = clock(waiver('2023-03-14', { granted: false, date: '2023-03-10' }), 'us-results');
    assert.equal(refused.due?.last, '2023-04-09');
    const posted = { ...trial(), resultsSection: results };
    assert.equal(status({ ...granted, ...subject(posted), waivers: granted.waivers }), 'met');
    const elsewhere = trial({
      'protocolSection.identificationModule.nctId': 'NCT01234567',
      [`${S}.resultsWaived`]: true,
    });
    assert.equal(status(subject(elsewhere)), 'waived');
    assert.equal(status(subject(trial({ [`${S}.resultsWaived`]: true }))), 'overdue');
  });

  it('ask for a cleared device within 15 days of what the sponsor tells beside the record', () => {
    const told = (stated?: string) =>
      clock(
        {
          ...subject(trial()),
          deviceClearance: { date: '2022-10-01', ...(stated === undefined ? {} : { stated }) },
        },
        'us-update-device',
      ).status;
    assert.deepEqual(
      [told('2022-10-16T00:00:00.000Z'), told('2022-10-17T00:00:00.000Z'), told()],
      ['met', 'met-late', 'overdue'],
    );
  });

  it('let a certificate submitted in time delay results by two years at most', () => {
    const certified = (submitted: string, ended?: string, event: ApplicationEnd = 'approved') =>
      clock(
        {
          ...subject(trial()),
          certificates: [
            { kind: 'new-use', submitted, ...(ended === undefined ? {} : { ended: { event, date: ended } }) },
          ],
        },
        'us-results',
      ).due?.last;
    assert.equal(certified('2023-03-01'), '2025-03-01');
    assert.equal(certified('2023-03-01', '2023-06-01'), '2023-07-01');
    assert.equal(certified('2023-03-01', '2022-11-01'), '2023-03-15');
    // On the day before the limit at the latest.
    assert.equal(certified('2023-03-14'), '2025-03-14');
    assert.equal(certified('2023-03-15'), '2023-03-15');
    // Withdrawn, not submitted again for 210 days, and 30 days more.
    assert.equal(certified('2023-03-01', '2023-06-01', 'withdrawn'), '2024-01-27');
    assert.equal(certified('2023-03-01', '2023-06-01', 'not-approved'), '2023-07-01');
  });

  it('let an extension for good cause move the limit when it is granted, or 30 days on when it is refused', () => {
    const extension = (submitted: string, decided?: DelayExtension['decided']) =>
      clock(
        {
          ...subject(trial()),
          extensions: [{ submitted, until: '2023-09-01', ...(decided === undefined ? {} : { decided }) }],
        },
        'us-results',
        '2023-04-01T00:00:00.000Z',
      );
    const due = (...args: Parameters<typeof extension>) => extension(...args).due?.last;
    assert.equal(due('2023-03-01', { granted: true, date: '2023-03-10', until: '2023-08-01' }), '2023-08-01');
    assert.equal(due('2023-03-01', { granted: false, date: '2023-03-10' }), '2023-04-09');
    assert.equal(due('2023-03-01', { granted: false, date: '2023-02-01' }), '2023-03-15');
    const pending = extension('2023-03-01');
    assert.deepEqual([pending.due?.last, pending.status], ['2023-03-15', 'possibly-overdue']);
    assert.equal(extension('2023-03-14').status, 'possibly-overdue');
    assert.equal(extension('2023-03-15').status, 'overdue');
  });

  it('let no certificate for initial approval delay results of trials completed before 2017', () => {
    const record = trial({ [`${S}.primaryCompletionDateStruct`]: { date: '2016-12-31', type: 'ACTUAL' } });
    const certificates = [{ kind: 'initial-approval', submitted: '2017-06-01' }] as const;
    assert.equal(clock({ ...subject(record), certificates }, 'us-results').due?.last, '2017-12-31');
  });

  const verdicts: [string, Readonly<Record<string, unknown>>, string][] = [
    ['a Phase 3 trial of an FDA-regulated drug with a site in the United States', {}, 'applicable'],
    ['Phase 1', { 'protocolSection.designModule.phases': ['PHASE1'] }, 'not-applicable'],
    ['Phase 1 and 2', { 'protocolSection.designModule.phases': ['PHASE1', 'PHASE2'] }, 'applicable'],
    [
      'an observational study',
      { 'protocolSection.designModule.studyType': 'OBSERVATIONAL' },
      'not-applicable',
    ],
    [
      'no regulated product',
      { 'protocolSection.oversightModule': { isFdaRegulatedDrug: false, isFdaRegulatedDevice: false } },
      'not-applicable',
    ],
    ['a record that does not say', { 'protocolSection.oversightModule': {} }, 'undetermined'],
    ['no site in the United States', { [COUNTRY]: [{ country: 'France' }] }, 'undetermined'],
    [
      'a trial that ended before the statute',
      {
        [`${S}.startDateStruct`]: { date: '2005-01' },
        [`${S}.completionDateStruct`]: { date: '2007-11' },
      },
      'not-applicable',
    ],
  ];
  for (const [what, values, expected] of verdicts) {
    it(`are ${expected} for ${what}`, () => {
      const { packs, clocks } = evaluateClocks(subject(trial(values)), '2023-01-01T00:00:00.000Z');
      assert.equal(packs.find(({ pack }) => pack === 'us-42cfr11')?.verdict, expected);
      assert.equal(
        clocks.some(({ pack }) => pack === 'us-42cfr11'),
        expected !== 'not-applicable',
      );
    });
  }

  it('have nothing to say of a withdrawn trial, which enrolled nobody', () => {
    const { clocks } = evaluateClocks(
      subject(trial({ [`${S}.overallStatus`]: 'WITHDRAWN' })),
      '2040-01-01T00:00:00.000Z',
    );
    assert.ok(clocks.every(({ status }) => status === 'not-started'));
  });
});

describe('the clock of Regulation (EU) 536/2014', () => {
  const european = (values: Readonly<Record<string, unknown>> = {}): ClockSubject =>
    subject(
      trial({
        [COUNTRY]: [{ country: 'Germany' }],
        [`${S}.startDateStruct`]: { date: '2023-03-01', type: 'ACTUAL' },
        [`${S}.completionDateStruct`]: { date: '2024-08-31', type: 'ACTUAL' },
        'protocolSection.eligibilityModule.stdAges': ['ADULT'],
        ...values,
      }),
    );

  it('gives a summary of results one year from the end of the trial, children’s trials six months', () => {
    const ages = (stdAges: string[]) =>
      clock(european({ 'protocolSection.eligibilityModule.stdAges': stdAges }), 'eu-results').due;
    assert.deepEqual(ages(['ADULT']), { first: '2025-08-31', last: '2025-08-31' });
    assert.deepEqual(ages(['CHILD']), { first: '2025-02-28', last: '2025-02-28' });
    assert.deepEqual(ages(['CHILD', 'ADULT']), { first: '2025-02-28', last: '2025-08-31' });
  });

  it('asks for notices of start and end within 15 days, and never calls them late: they go to another portal', () => {
    const before = european({
      [`${S}.overallStatus`]: 'NOT_YET_RECRUITING',
      [`${S}.startDateStruct`]: { date: '2023-03-01', type: 'ESTIMATED' },
      [`${S}.completionDateStruct`]: { date: '2024-08-31', type: 'ESTIMATED' },
    });
    const told = (name: string, day: string) => {
      const { record } = european();
      const history = historyWith(before.history, record, `${day}T08:00:00.000Z`);
      const { status, asRecorded } = clock({ record, history }, name, '2025-01-01T00:00:00.000Z');
      return [status, asRecorded];
    };
    assert.deepEqual(told('eu-notice-start', '2023-03-16'), ['met', 'met']);
    assert.deepEqual(told('eu-notice-start', '2023-03-17'), ['undetermined', 'met-late']);
    assert.deepEqual(told('eu-notice-end', '2024-09-15'), ['met', 'met']);
    assert.deepEqual(told('eu-notice-end', '2024-09-16'), ['undetermined', 'met-late']);
    const open = clock(before, 'eu-notice-end', '2024-10-01T00:00:00.000Z');
    assert.deepEqual(
      [open.status, open.due?.last, open.citation],
      ['possibly-overdue', '2024-09-15', 'Regulation (EU) 536/2014 art. 37(1) to (3)'],
    );
  });

  it('applies by place, product and time', () => {
    const verdict = (values: Readonly<Record<string, unknown>>) =>
      evaluateClocks(european(values), '2025-01-01T00:00:00.000Z').packs.find(
        ({ pack }) => pack === 'eu-536-2014',
      )?.verdict;
    const old = { [`${S}.startDateStruct`]: { date: '2019-03', type: 'ACTUAL' } };
    assert.equal(verdict({}), 'applicable');
    assert.equal(verdict({ [COUNTRY]: [{ country: 'Canada' }] }), 'not-applicable');
    assert.equal(verdict(old), 'not-applicable');
    assert.equal(verdict({ ...old, [`${S}.completionDateStruct`]: { date: '2025-02' } }), 'applicable');
    assert.equal(verdict({ [`${S}.startDateStruct`]: { date: '2022-06', type: 'ACTUAL' } }), 'undetermined');
    assert.equal(verdict({ 'protocolSection.armsInterventionsModule.interventions': [] }), 'not-applicable');
  });
});

describe('the clock of ICMJE', () => {
  const registered = (start: string, instant: string) =>
    clock(
      subject(trial({ [`${S}.startDateStruct`]: { date: start, type: 'ACTUAL' } }), instant),
      'icmje-prospective',
    ).status;

  it('tells prospective from retrospective registration, and leaves open what a month leaves open', () => {
    assert.equal(registered('2020-03-01', '2020-03-01T23:00:00.000Z'), 'met');
    assert.equal(registered('2020-03-01', '2020-03-02T00:00:00.000Z'), 'met-late');
    assert.equal(registered('2020-03', '2020-03-02T00:00:00.000Z'), 'undetermined');
    assert.equal(registered('2020-03', '2020-04-01T00:00:00.000Z'), 'met-late');
  });
});

describe('another regulation', () => {
  it('is a value of the same type, told with its version and citation', () => {
    const pack: ClockPack = {
      id: 'ch-humrv',
      version: '2025-03-01',
      jurisdiction: 'CH',
      source: 'A made-up ordinance',
      applicability: () => ({ verdict: 'applicable', reasons: [{ text: 'All are', citation: 'art. 1' }] }),
      clocks: [
        {
          id: 'ch-results',
          title: 'Results within two years',
          citation: 'art. 2',
          from: 'completion',
          within: { years: 2 },
          duty: 'results',
        },
      ],
    };
    const report = evaluateClocks(subject(trial()), '2024-06-16T00:00:00.000Z', [pack]);
    assert.deepEqual(
      report.packs.map(({ pack: id, version }) => [id, version]),
      [['ch-humrv', '2025-03-01']],
    );
    assert.deepEqual(
      report.clocks.map(({ clock, citation, jurisdiction, status, due }) => [
        clock,
        citation,
        jurisdiction,
        status,
        due?.last,
      ]),
      [['ch-results', 'art. 2', 'CH', 'overdue', '2024-06-15']],
    );
  });
});

describe('real records', () => {
  it('get the clock report that their dates give', function () {
    const trials = realTrials();
    if (trials === undefined) {
      console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
      this.skip();
    }
    const told = Object.fromEntries(
      trials.map(({ name, record }) => [
        name,
        evaluateClocks(subject(record, '2026-01-01T00:00:00.000Z'), '2026-06-01T00:00:00.000Z').clocks.map(
          ({ clock, status, asRecorded, due }) =>
            `${clock} ${status} ${asRecorded} ${due?.first ?? ''}..${due?.last ?? ''}`,
        ),
      ]),
    );
    const undetermined = (clock: string, first: string, last: string, asRecorded = 'undetermined'): string =>
      `${clock} undetermined ${asRecorded} ${first}..${last}`;
    assert.deepEqual(told, {
      // Submitted on 15 July 2008, 22 days after the first enrolment; whether FDAAA applies the record does not say.
      'NCT00716976.json': [
        undetermined('us-registration', '2008-07-14', '2008-07-14', 'met-late'),
        undetermined('us-update-start', '2008-07-23', '2008-07-23'),
        undetermined('us-update-primary-completion', '2015-05-09', '2015-05-09'),
        undetermined('us-update-completion', '2021-07-30', '2021-07-30'),
        'us-update-device not-started not-started ..',
        'us-verification not-started not-started ..',
        // Under a certificate of 14 April 2014 of unknown kind: two years at most.
        undetermined('us-results', '2016-04-09', '2016-04-14', 'met-late'),
        // The last results came between December 2016 and the last update of 2023.
        undetermined('us-results-secondary', '2022-06-30', '2022-06-30'),
        'icmje-prospective met-late met-late 2008-06-23..2008-06-23',
      ],
      'NCT01987596.json': [
        undetermined('us-registration', '2013-08-22', '2013-09-21', 'met-late'),
        undetermined('us-update-start', '2013-08-31', '2013-09-30'),
        undetermined('us-update-primary-completion', '2018-07-01', '2018-07-30'),
        undetermined('us-update-completion', '2018-07-01', '2018-07-30'),
        'us-update-device not-started not-started ..',
        'us-verification not-started not-started ..',
        undetermined('us-results', '2019-06-01', '2019-06-30', 'met-late'),
        // Primary completion and completion are one date.
        'us-results-secondary not-started not-started ..',
        'icmje-prospective met-late met-late 2013-08-01..2013-08-31',
      ],
    });
  });
});
