import { bundleSubject, readBundle, VitaledgerError, type RecordBundle } from '@vitaledger/domain';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { draftsOfBundle } from '../records/bundle-drafts.js';
import type { Draft } from '../records/draft.js';
import { loadDrafts } from '../records/bulk-load.js';
import { recordIdOf } from '../records/record-id.js';
import { isRegistered } from '../records/registered.js';
import { newId } from '../session/random.js';
import type { ImportCounts } from './import-journal.js';
import type { ImportSource } from './import-source.js';
import type { ImportTarget } from './import-batch.js';
import { entryName, recordKey, type ReadingRules } from './read-resource.js';

/** What an import of a transaction did. */
export type TransactionCounts = Pick<ImportCounts, 'registered' | 'there'>;

/** Registers a Bundle of type `transaction`, whole or not at all. One that is there as a whole is found, and left as it is. */
export async function importTransaction(
  target: ImportTarget,
  source: ImportSource,
  rules: Pick<ReadingRules, 'patients' | 'system'>,
  isDryRun: boolean,
): Promise<TransactionCounts> {
  const bundle = readBundle(await buffer(Readable.from(source.open())));
  const patient = await patientOf(bundle, rules);
  const ids = bundle.entries.map(({ resource, fullUrl }) => {
    return recordIdOf(patient, recordKey(entryName(resource, fullUrl), rules));
  });
  const drafts = draftsOfBundle(bundle, ids);
  refuseRepeated(ids);
  if (isDryRun) return { registered: drafts.length, there: 0 };
  return register(target, patient, drafts);
}

async function register(
  { session, options, notes }: ImportTarget,
  patient: string,
  drafts: readonly Draft[],
): Promise<TransactionCounts> {
  const own = drafts.map((draft) => ({ ...draft, patient }));
  try {
    await loadDrafts(session, own, options, `${notes}${newId()}`);
    return { registered: drafts.length, there: 0 };
  } catch (error) {
    if (!(error instanceof VitaledgerError) || error.code !== 'ALREADY_EXISTS') throw error;
    let there = 0;
    for (const { metadata } of drafts)
      there += Number(await isRegistered(session, patient, metadata.id, options));
    if (there === drafts.length) return { registered: 0, there };
    throw new VitaledgerError(
      'ALREADY_EXISTS',
      `${there} of the ${drafts.length} resources are registered already, from another import; a transaction is registered whole or not at all. Import the others as a collection.`,
      { there, resources: drafts.length },
    );
  }
}

async function patientOf(
  bundle: RecordBundle,
  { patients }: Pick<ReadingRules, 'patients'>,
): Promise<string> {
  if (typeof patients === 'string') return patients;
  const { reference, patient } = bundleSubject(bundle);
  const named = patient?.resource.id === undefined ? reference : `Patient/${patient.resource.id}`;
  const found = named === undefined ? undefined : await patients(named);
  if (found !== undefined) return found;
  throw new VitaledgerError(
    'NOT_FOUND',
    'The bundle is about a patient whom the import was not told of, or who is not your organization’s',
    { what: 'patient' },
  );
}

function refuseRepeated(ids: readonly string[]): void {
  const index = ids.findIndex((id, place) => ids.indexOf(id) < place);
  if (index < 0) return;
  const path = `Bundle.entry[${index}].resource`;
  throw new VitaledgerError('INVALID_ARGUMENT', `${path} is the same resource as an entry before it`, {
    path,
  });
}
