import { objectsAt, textAt, type TrialRecord } from '../trial-record.js';
import { countriesOf, eventOf } from './clock-facts.js';
import type { Applicability, ClockPack } from './clock-pack.js';

/** The European Economic Area, to which the Regulation extends, by ClinicalTrials.gov's names of countries. */
const EEA = (
  'Austria|Belgium|Bulgaria|Croatia|Cyprus|Czechia|Czech Republic|Denmark|Estonia|Finland|France|Germany|Greece|Hungary|Iceland|' +
  'Ireland|Italy|Latvia|Liechtenstein|Lithuania|Luxembourg|Malta|Netherlands|Norway|Poland|Portugal|Romania|Slovakia|Slovenia|Spain|Sweden'
).split('|');

const MEDICINAL = ['DRUG', 'BIOLOGICAL', 'GENETIC', 'COMBINATION_PRODUCT'];

function verdict(of: Applicability['verdict'], text: string, citation: string): Applicability {
  return { verdict: of, reasons: [{ text, citation }] };
}

function usesMedicine(record: TrialRecord): boolean {
  const interventions = objectsAt(record, 'protocolSection.armsInterventionsModule.interventions');
  return interventions.some(({ value }) => MEDICINAL.includes(textAt(value, 'type') ?? ''));
}

function isAuthorisedUnderIt(record: TrialRecord): boolean {
  const numbers = objectsAt(record, 'protocolSection.identificationModule.secondaryIdInfos');
  return numbers.some(({ value }) => textAt(value, 'type') === 'CTIS');
}

function applicability({ record }: { readonly record: TrialRecord }): Applicability {
  const isInterventional = textAt(record, 'protocolSection.designModule.studyType') === 'INTERVENTIONAL';
  if (!isInterventional || !usesMedicine(record)) {
    return verdict(
      'not-applicable',
      'No clinical trial of a medicinal product',
      'Regulation (EU) 536/2014 art. 1, 2',
    );
  }
  if (!countriesOf(record).some((country) => EEA.includes(country))) {
    return verdict(
      'not-applicable',
      'No site in the European Economic Area',
      'Regulation (EU) 536/2014 art. 1',
    );
  }
  if (isAuthorisedUnderIt(record)) {
    return verdict(
      'applicable',
      'The record names its number under the Regulation',
      'Regulation (EU) 536/2014 art. 81',
    );
  }
  return byTransition(record);
}

/** Trials under Directive 2001/20/EC could go on under it until 30 January 2025; new ones since 31 January 2023 could not begin. */
function byTransition(record: TrialRecord): Applicability {
  const citation = 'Regulation (EU) 536/2014 art. 98, 99';
  const [start, end] = [eventOf(record, 'start'), eventOf(record, 'completion')];
  if (start && start.days.first >= '2023-01-31')
    return verdict('applicable', 'Begun after the choice of the old law ended', citation);
  if (end === undefined || end.days.first > '2025-01-30')
    return verdict('applicable', 'Not ended when the old law ended', citation);
  if (start && start.days.last < '2022-01-31' && end.days.last <= '2025-01-30')
    return verdict('not-applicable', 'Begun and ended under Directive 2001/20/EC', citation);
  return verdict('undetermined', 'Begun or ended while sponsors could choose the law', citation);
}

const PORTAL =
  'It is notified to the EU portal, which this registry does not see: what counts here is when the registry was told';

/** When notices and summaries of results are due in the European Union. */
export const EU_536_2014: ClockPack = {
  id: 'eu-536-2014',
  version: '2022-01-31',
  jurisdiction: 'EU',
  source: 'Regulation (EU) No 536/2014, applied since 31 January 2022',
  applicability,
  clocks: [
    {
      id: 'eu-notice-start',
      title: 'Start of the trial and first visit of the first subject notified within 15 days',
      citation: 'Regulation (EU) 536/2014 art. 36(1), (2)',
      from: 'start',
      within: { days: 15 },
      duty: 'statement',
      elsewhere: PORTAL,
    },
    {
      id: 'eu-notice-end',
      title: 'End of the trial notified within 15 days',
      citation: 'Regulation (EU) 536/2014 art. 37(1) to (3)',
      from: 'completion',
      within: { days: 15 },
      duty: 'statement',
      elsewhere: PORTAL,
    },
    {
      id: 'eu-results',
      title: 'Summary of results within one year of the end of the trial (six months for a paediatric one)',
      citation: 'Regulation (EU) 536/2014 art. 37(4)',
      from: 'completion',
      within: { years: 1 },
      sooner: {
        within: { months: 6 },
        when: 'paediatric',
        citation: 'Commission guideline 2012/C 302/03; Regulation (EC) 1901/2006 art. 41, 46',
      },
      duty: 'results',
    },
  ],
};
