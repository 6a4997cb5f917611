import {
  decisionPack,
  VitaledgerError,
  type ConsortiumDocument,
  type DecisionPack,
} from '@vitaledger/domain';
import type { Ledger } from '../ledger/ledger.js';
import { packKey } from '../ledger/keys.js';

/**
 * What decisions need of the policy packs that a document names.
 *
 * @throws VitaledgerError `NOT_FOUND` (`PACK_NOT_PUBLISHED`) if the ledger does not hold one of them.
 */
export async function adoptedPacks(
  ledger: Ledger,
  { packs }: ConsortiumDocument,
): Promise<readonly DecisionPack[]> {
  const rulebook: DecisionPack[] = [];
  for (const named of packs) {
    const pack = await ledger.get(packKey(named.digest));
    if (pack?.id !== named.id || pack.version !== named.version) {
      throw new VitaledgerError(
        'NOT_FOUND',
        'The ledger holds no policy pack of this id, version and digest; publish the pack before it is named.',
        { reason: 'PACK_NOT_PUBLISHED', pack: named.id },
      );
    }
    rulebook.push(decisionPack(pack, named));
  }
  return rulebook;
}
