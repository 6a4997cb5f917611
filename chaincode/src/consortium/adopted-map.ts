import { VitaledgerError, type ConsortiumDocument, type SensitivityMap } from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { mapKey } from '../ledger/keys.js';

/**
 * The sensitivity map that a document names; undefined if it names none.
 *
 * @throws VitaledgerError `NOT_FOUND` (`MAP_NOT_PUBLISHED`) if the ledger does not hold it.
 */
export async function adoptedMap(
  ledger: Ledger,
  { maps = [] }: ConsortiumDocument,
): Promise<SensitivityMap | undefined> {
  const [named] = maps;
  if (!named) return undefined;
  const map = await ledger.get(mapKey(named.digest));
  if (map?.id !== named.id || map.version !== named.version) {
    throw new VitaledgerError(
      'NOT_FOUND',
      'The ledger holds no sensitivity map of this id, version and digest; publish the map before it is named.',
      { reason: 'MAP_NOT_PUBLISHED' },
    );
  }
  return map;
}
