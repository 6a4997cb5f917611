import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const data = join(__dirname, '../../../demo/data');

/** A ClinicalTrials.gov v2 record, as far as the tests look into it. */
export interface TestTrial {
  protocolSection: {
    identificationModule: { briefTitle: string; orgStudyIdInfo?: { id: string }; nctId?: string };
    outcomesModule: {
      primaryOutcomes: { measure: string; timeFrame: string }[];
      secondaryOutcomes: unknown[];
    };
    contactsLocationsModule: { centralContacts: { name: string; phone: string; email: string }[] };
    statusModule: Record<string, unknown>;
    [module: string]: unknown;
  };
}

const read = (name: string): TestTrial => JSON.parse(readFileSync(join(data, name), 'utf8')) as TestTrial;

let registrations = 0;

/** The demonstration's trial as registered and as amended, under an own number, since a trial is registered once. */
export function newTrial(): { readonly registered: TestTrial; readonly amended: TestTrial } {
  const id = `ITM-TEST-${String(process.pid)}-${String(registrations++)}`;
  const [registered, amended] = [read('trial.json'), read('trial-amended.json')];
  for (const record of [registered, amended]) {
    record.protocolSection.identificationModule.orgStudyIdInfo = { id };
    delete (record.protocolSection.identificationModule as Record<string, unknown>).secondaryIdInfos;
  }
  return { registered, amended };
}
