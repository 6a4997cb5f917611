import type { TrialDocumentDescription, TrialRecord } from '@vitaledger/domain';
import { random } from './bench.js';

/** A record with what registration asks for, in ClinicalTrials.gov v2 form: an observational study that has ended. */
export function trialRecord(
  change: { number?: string; nctId?: string; start?: string; outcomes?: object[] } = {},
): TrialRecord {
  const {
    number = 'VITA-1',
    nctId,
    start = '2026-09-01',
    outcomes = [{ measure: 'Survival', timeFrame: '1 year' }],
  } = change;
  return {
    protocolSection: {
      identificationModule: {
        ...(nctId === undefined ? {} : { nctId }),
        orgStudyIdInfo: { id: number },
        briefTitle: 'Survival after discharge',
        officialTitle: 'A prospective study of survival after discharge',
      },
      statusModule: {
        overallStatus: 'COMPLETED',
        startDateStruct: { date: start },
        completionDateStruct: { date: '2027-09-01' },
      },
      sponsorCollaboratorsModule: { leadSponsor: { name: 'Research Institute', class: 'OTHER' } },
      conditionsModule: { conditions: ['Sepsis'] },
      designModule: { studyType: 'OBSERVATIONAL', enrollmentInfo: { count: 100 } },
      eligibilityModule: { eligibilityCriteria: 'Adults after sepsis', sex: 'ALL' },
      outcomesModule: { primaryOutcomes: outcomes },
      contactsLocationsModule: { locations: [{ city: 'Bern', country: 'Switzerland' }] },
      ipdSharingStatementModule: { ipdSharing: 'NO' },
    },
  };
}

/** What the registry is told of a document; of other content each time. */
export function trialDocument(change: Partial<TrialDocumentDescription> = {}): TrialDocumentDescription {
  return {
    kind: 'protocol',
    title: 'Study protocol',
    language: 'en',
    mediaType: 'application/pdf',
    digest: random(256),
    size: 1000,
    ...change,
  };
}
