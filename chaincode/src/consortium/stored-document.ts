import type { ConsortiumDocument, DecisionPack } from '@vitaledger/domain';

/** The document in force as it lies on the ledger: with what decisions need of its packs, so that one read gives both. */
export interface StoredDocument extends ConsortiumDocument {
  /** Absent where no pack is in force. */
  readonly rulebook?: readonly DecisionPack[];
}

/** The document as it was voted on. */
export function withoutRulebook(stored: StoredDocument): ConsortiumDocument {
  const kept = Object.entries(stored).filter(([name]) => name !== 'rulebook');
  return Object.fromEntries(kept) as unknown as ConsortiumDocument;
}
