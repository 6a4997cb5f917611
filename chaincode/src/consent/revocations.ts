import { revokedKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/**
 * Which of these handles are revoked, with the instant of each. Only for evaluated functions: in a submitted one the
 * public read set would tie an access to a revocation.
 */
export async function revocationsOf(
  ledger: Ledger,
  handles: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const revoked = new Map<string, string>();
  for (const handle of [...new Set(handles)].sort()) {
    const found = await ledger.get(revokedKey(handle));
    if (found) revoked.set(handle, found.instant);
  }
  return revoked;
}
