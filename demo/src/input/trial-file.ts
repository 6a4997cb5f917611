import {
  digestOf,
  locateJsonFault,
  redactContacts,
  refusePersonalData,
  validateRegistration,
  VitaledgerError,
  type TrialRecord,
} from '@vitaledger/domain';
import { basename, join } from 'node:path';
import { demoData } from './patient-file.js';
import { naming, readJsonFile } from './read-json-file.js';
import { switchPrimaryOutcome } from './switch-primary-outcome.js';

/** A trial's registration and its amendment. */
export interface TrialFile {
  /** File name, for people. */
  readonly file: string;
  readonly registered: TrialRecord;
  readonly amended: TrialRecord;
  /** Whether the amendment was made up here, for somebody's own trial. */
  readonly madeUp: boolean;
}

/** The trial that comes with the demonstration. */
export async function ownTrial(): Promise<TrialFile> {
  const registered = await readTrial(join(demoData, 'trial.json'));
  const amended = await readTrial(join(demoData, 'trial-amended.json'));
  return { file: 'trial.json', registered, amended, madeUp: false };
}

/**
 * Reads somebody's own trial, and makes up an amendment that switches its primary outcome.
 *
 * @throws VitaledgerError `NOT_FOUND`, `INVALID_ARGUMENT` with the file and the JSON path of what is wrong
 */
export async function readTrialFile(file: string): Promise<TrialFile> {
  const registered = await readTrial(file);
  return { file: basename(file), registered, amended: switchPrimaryOutcome(registered), madeUp: true };
}

async function readTrial(file: string): Promise<TrialRecord> {
  const content = await readJsonFile(file);
  return naming(file, () => {
    const record = validateRegistration(parse(content));
    // As the SDK will do it: contacts are taken out first, and nothing else may look like a person's.
    refusePersonalData(redactContacts(record, ({ contact }) => digestOf(contact)).record);
    return record;
  });
}

function parse(content: Buffer): unknown {
  const text = content.toString('utf8').replace(/^\ufeff/, '');
  try {
    return JSON.parse(text);
  } catch {
    const fault = locateJsonFault(text);
    const where = fault ? ` at line ${fault.line}, column ${fault.column}` : '';
    const rule = fault?.truncated
      ? `ends in the middle of the JSON,${where}; fetch it again`
      : `is not JSON${where}`;
    throw new VitaledgerError('INVALID_ARGUMENT', `the trial ${rule}`, { path: 'record' });
  }
}
