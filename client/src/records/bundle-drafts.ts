import {
  bundleSubject,
  MAX_RECORDS_AT_ONCE,
  planReferences,
  type RecordBundle,
  referenceResolver,
  type ReferenceResolver,
  rewriteReferences,
  VitaledgerError,
} from '@vitaledger/domain';
import { newId } from '../session/random.js';
import { draftOfResource, type Draft } from './draft.js';

/**
 * The records of a bundle. References between its entries become references between the records.
 *
 * @param ids of the records, in the order of the entries
 * @throws VitaledgerError `INVALID_ARGUMENT` with the JSON path
 */
export function draftsOfBundle(
  bundle: RecordBundle,
  ids: readonly string[] = bundle.entries.map(() => newId()),
): readonly Draft[] {
  if (bundle.entries.length > MAX_RECORDS_AT_ONCE) {
    throw new VitaledgerError(
      'INVALID_ARGUMENT',
      `The bundle has ${bundle.entries.length} entries, and one transaction takes ${MAX_RECORDS_AT_ONCE}: split it into bundles that may stand alone`,
      { path: 'Bundle.entry', limit: MAX_RECORDS_AT_ONCE },
    );
  }
  bundleSubject(bundle);
  const plan = planReferences(bundle, ids);
  const resolve = originalResolver(bundle, plan);
  return bundle.entries.map(({ resource, path }, index) =>
    draftOfResource(rewriteReferences(resource, plan), path, ids[index], resolve),
  );
}

/** Finds an entry by what its references were rewritten to. */
function originalResolver(bundle: RecordBundle, plan: ReadonlyMap<string, string>): ReferenceResolver {
  const resolve = referenceResolver(bundle.entries);
  const originals = new Map([...plan].map(([original, rewritten]) => [rewritten, original]));
  return (reference) => resolve(originals.get(reference) ?? reference);
}
