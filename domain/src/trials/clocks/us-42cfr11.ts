import { textAt, type TrialRecord, valueAt } from '../trial-record.js';
import { countriesOf, eventOf } from './clock-facts.js';
import type { Applicability, ApplicabilityReason, ClockPack } from './clock-pack.js';

const DESIGN = 'protocolSection.designModule';
const OVERSIGHT = 'protocolSection.oversightModule';

/** The States, and what 42 CFR 11.10 counts as United States and ClinicalTrials.gov lists as a country. */
const UNITED_STATES = [
  'United States',
  'Puerto Rico',
  'Guam',
  'American Samoa',
  'Northern Mariana Islands',
  'U.S. Virgin Islands',
  'Virgin Islands (U.S.)',
];

function verdict(
  of: Applicability['verdict'],
  ...reasons: [text: string, citation: string][]
): Applicability {
  return {
    verdict: of,
    reasons: reasons.map(([text, citation]): ApplicabilityReason => ({ text, citation })),
  };
}

/** Only Phase 1 (Early Phase 1 with it): a trial of Phase 1 and 2 counts as Phase 2. */
function isPhaseOne(record: TrialRecord): boolean {
  const phases = valueAt(record, `${DESIGN}.phases`);
  const listed = Array.isArray(phases) ? phases : [];
  return listed.length > 0 && listed.every((phase) => phase === 'PHASE1' || phase === 'EARLY_PHASE1');
}

/** Whether a product of one kind makes the trial an applicable one; undefined when the record does not say. */
function countsFor(record: TrialRecord, product: 'drug' | 'device'): boolean | undefined {
  const flag = product === 'drug' ? 'isFdaRegulatedDrug' : 'isFdaRegulatedDevice';
  const regulated = valueAt(record, `${OVERSIGHT}.${flag}`);
  const excluded =
    product === 'drug'
      ? isPhaseOne(record)
      : textAt(record, `${DESIGN}.designInfo.primaryPurpose`) === 'DEVICE_FEASIBILITY';
  if (excluded || regulated === false) return false;
  return regulated === true ? true : undefined;
}

function beforeTheStatute(record: TrialRecord): boolean {
  const [start, end] = [eventOf(record, 'start'), eventOf(record, 'completion')];
  if (start === undefined || end === undefined) return false;
  return start.days.last <= '2007-09-27' && end.days.last < '2007-12-26';
}

function byProduct(record: TrialRecord): Applicability | undefined {
  const products = [countsFor(record, 'drug'), countsFor(record, 'device')];
  if (products.includes(true)) return undefined;
  if (products.includes(undefined)) {
    return verdict('undetermined', [
      'The record does not say whether the product is regulated by the FDA',
      '42 CFR 11.22(b)',
    ]);
  }
  return verdict('not-applicable', [
    'Neither an FDA-regulated drug beyond Phase 1 nor an FDA-regulated device beyond a feasibility study',
    '42 CFR 11.22(b)',
  ]);
}

/** Is it an applicable clinical trial? Decided before any clock runs. */
function applicability({ record }: { readonly record: TrialRecord }): Applicability {
  const isSurveillance = valueAt(record, `${OVERSIGHT}.isPpsd`) === true;
  if (isSurveillance) {
    return verdict('applicable', ['Pediatric postmarket surveillance of a device', '42 CFR 11.22(b)(1)']);
  }
  if (textAt(record, `${DESIGN}.studyType`) !== 'INTERVENTIONAL') {
    return verdict('not-applicable', ['The study is not interventional', '42 CFR 11.22(b)']);
  }
  if (beforeTheStatute(record)) {
    return verdict('not-applicable', [
      'Begun by 27 September 2007 and ended before 26 December 2007',
      '42 U.S.C. 282(j)(2)(C)',
    ]);
  }
  return byProduct(record) ?? byPlace(record);
}

function byPlace(record: TrialRecord): Applicability {
  const isHere = countriesOf(record).some((country) => UNITED_STATES.includes(country));
  if (isHere) return verdict('applicable', ['A site is in the United States', '42 CFR 11.22(b)']);
  if (valueAt(record, `${OVERSIGHT}.isUsExport`) === true) {
    return verdict('applicable', ['The product is exported from the United States', '42 CFR 11.22(b)']);
  }
  return verdict('undetermined', [
    'No site in the United States; records do not publish whether there is an IND or IDE',
    '42 CFR 11.22(b)',
  ]);
}

const BEFORE_THE_RULE = {
  primaryCompletionBefore: '2017-01-18',
  text: 'Completed before 18 January 2017: results are required only if the product is approved, which the record does not say (42 CFR 11.42)',
};

/** What 42 CFR Part 11 asks of applicable clinical trials, as far as records and ledger show it. */
export const US_42CFR11: ClockPack = {
  id: 'us-42cfr11',
  version: '2017-01-18',
  jurisdiction: 'US',
  source: '42 CFR Part 11 (81 FR 64982), in force since 18 January 2017',
  applicability,
  clocks: [
    {
      id: 'us-registration',
      title: 'Registration within 21 calendar days of the first enrolment',
      citation: '42 CFR 11.24(a)',
      from: 'start',
      within: { days: 21 },
      duty: 'registration',
    },
    {
      id: 'us-update-start',
      title: 'Actual start date within 30 calendar days of the first enrolment',
      citation: '42 CFR 11.64(a)(1)(ii)',
      from: 'start',
      within: { days: 30 },
      duty: 'statement',
    },
    {
      id: 'us-update-primary-completion',
      title: 'Actual primary completion date within 30 calendar days',
      citation: '42 CFR 11.64(a)(1)(ii)',
      from: 'primaryCompletion',
      within: { days: 30 },
      duty: 'statement',
    },
    {
      id: 'us-update-completion',
      title: 'Actual study completion date within 30 calendar days',
      citation: '42 CFR 11.64(a)(1)(ii)',
      from: 'completion',
      within: { days: 30 },
      duty: 'statement',
    },
    {
      id: 'us-update-device',
      title: 'Approval or clearance status of the device within 15 calendar days',
      citation: '42 CFR 11.64(a)(1)(ii)',
      from: 'device-clearance',
      within: { days: 15 },
      duty: 'device-statement',
    },
    {
      id: 'us-verification',
      title: 'The whole record verified or updated every 12 months, until all results are submitted',
      citation: '42 CFR 11.64(a)(1)',
      from: 'verification',
      within: { months: 12 },
      duty: 'verification',
    },
    {
      id: 'us-results',
      title: 'Results of the primary outcomes within one year of the primary completion date',
      citation: '42 CFR 11.44(a)',
      from: 'primaryCompletion',
      within: { years: 1 },
      duty: 'results',
      delayable: true,
      doubt: BEFORE_THE_RULE,
    },
    {
      id: 'us-results-secondary',
      title:
        'Results of outcomes collected after the primary completion, within one year of the study completion date',
      citation: '42 CFR 11.44(d)',
      from: 'completion',
      within: { years: 1 },
      duty: 'all-results',
      notBefore: 'us-results',
      doubt: BEFORE_THE_RULE,
    },
  ],
};
