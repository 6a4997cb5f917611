import { textAt, type TrialRecord } from '../trial-record.js';
import { eventOf } from './clock-facts.js';
import type { Applicability, ClockPack } from './clock-pack.js';

function applicability({ record }: { readonly record: TrialRecord }): Applicability {
  const citation = 'ICMJE Recommendations III.L';
  if (textAt(record, 'protocolSection.designModule.studyType') !== 'INTERVENTIONAL') {
    return {
      verdict: 'not-applicable',
      reasons: [{ text: 'Observational studies need no registration', citation }],
    };
  }
  const start = eventOf(record, 'start');
  if (start && start.days.last <= '2005-07-01') {
    return { verdict: 'not-applicable', reasons: [{ text: 'Begun by 1 July 2005', citation }] };
  }
  return { verdict: 'applicable', reasons: [{ text: 'A clinical trial', citation }] };
}

/** What member journals ask for before they consider a report: met is prospective registration, late is retrospective. */
export const ICMJE: ClockPack = {
  id: 'icmje',
  version: '2005-07-01',
  jurisdiction: 'international',
  source: 'ICMJE Recommendations, section III.L, for trials begun after 1 July 2005',
  applicability,
  clocks: [
    {
      id: 'icmje-prospective',
      title: 'Registration at or before the first enrolment',
      citation: 'ICMJE Recommendations III.L',
      from: 'start',
      within: { days: 0 },
      duty: 'registration',
    },
  ],
};
