import { proofId, proofSalt, type ProofStatus, type RecordMetadata } from '@vitaledger/domain';
import { proofKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

type Proven = Pick<RecordMetadata, 'salt' | 'manifest'>;

/** Writes what others check a version's content against. */
export function putProof(ledger: Ledger, { salt, manifest }: Proven, status: ProofStatus): Promise<void> {
  const own = proofSalt(salt);
  return ledger.putPrivate(proofKey(proofId(own)), { digest: manifest.digest, status, salt: own });
}

/** Takes a version's proof away: nobody can tell any more that its content was registered. */
export function purgeProof(ledger: Ledger, recordSalt: string): Promise<void> {
  return ledger.purgePrivate(proofKey(proofId(proofSalt(recordSalt))));
}
