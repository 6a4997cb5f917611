import type { ConsortiumDocument, TrialDocumentDescription, TrialRecord } from '@vitaledger/domain';
import { TrialRegistryContract } from '../trials/trial-registry-contract.js';
import { caller, random, type Bench } from './bench.js';

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

/** The modules of a trial to which 42 CFR 11 applies, completed in some day of May 2025. */
export const REGULATED_MODULES = {
  designModule: {
    studyType: 'INTERVENTIONAL',
    phases: ['PHASE3'],
    enrollmentInfo: { count: 10 },
    designInfo: {
      allocation: 'RANDOMIZED',
      interventionModel: 'PARALLEL',
      primaryPurpose: 'TREATMENT',
      maskingInfo: { masking: 'NONE' },
    },
  },
  armsInterventionsModule: { interventions: [{ type: 'DRUG', name: 'Belvasartan' }] },
  oversightModule: { isFdaRegulatedDrug: true, isFdaRegulatedDevice: false },
  contactsLocationsModule: { locations: [{ city: 'Boston', country: 'United States' }] },
  statusModule: {
    overallStatus: 'COMPLETED',
    startDateStruct: { date: '2020-01-01', type: 'ACTUAL' },
    primaryCompletionDateStruct: { date: '2025-05', type: 'ACTUAL' },
    completionDateStruct: { date: '2025-06-01', type: 'ACTUAL' },
  },
} as const;

/** A trial to which 42 CFR 11 applies. */
export function regulatedTrial(number: string): TrialRecord {
  const { protocolSection } = trialRecord({ number });
  return { protocolSection: { ...protocolSection, ...REGULATED_MODULES } };
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

const registry = new TrialRegistryContract();

/** Registers a trial of a sponsor and takes it to where it recruits. Returns the registry's number. */
export async function recruitingTrial(bench: Bench, sponsor: string, number = 'VITA-1'): Promise<string> {
  const as = caller(sponsor, 'sponsor');
  const record = JSON.stringify(trialRecord({ number }));
  const submitted = await bench.submit(registry, 'register', { as, args: [record] });
  const { trial } = JSON.parse(submitted) as { trial: string };
  const head = await bench.evaluate(registry, 'get', { as, args: [trial] });
  const { digest } = JSON.parse(head) as { digest: string };
  const decision = JSON.stringify({ approved: true, digest });
  const ethics = caller(await ethicsOf(bench, sponsor), 'ethics');
  await bench.submit(registry, 'approve', { as: ethics, args: [trial, decision] });
  await bench.submit(registry, 'advance', { as, args: [trial, 'recruit', 'First participant'] });
  return trial;
}

/** An organization that may decide on trials of another. */
async function ethicsOf(bench: Bench, sponsor: string): Promise<string> {
  const adopted = await bench.evaluate(bench.consortium, 'document', { as: caller(sponsor, 'admin') });
  const { organizations } = JSON.parse(adopted) as ConsortiumDocument;
  const found = Object.keys(organizations).find(
    (mspId) => mspId !== sponsor && organizations[mspId]?.kinds.includes('ethics'),
  );
  if (found === undefined) throw new Error('the consortium has no ethics organization');
  return found;
}
