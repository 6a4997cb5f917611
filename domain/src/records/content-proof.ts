import { digestOf } from '../json/canonical.js';

/** What became of the version of a record that a content belongs to. */
export const PROOF_STATUSES = ['current', 'superseded', 'retracted'] as const;

export type ProofStatus = (typeof PROOF_STATUSES)[number];

/** What the ledger keeps so that others can check a content: a private value of its own, whose public hash is compared. */
export interface ContentProof {
  /** SHA-256 of the plaintext. */
  readonly digest: string;
  readonly status: ProofStatus;
  /** 256 bits that follow from the salt of the version's record, and lead to no other value. */
  readonly salt: string;
}

/** The salt of a version's proof. Whoever was released the record can compute it, and hand it on with the content. */
export function proofSalt(recordSalt: string): string {
  return digestOf(`vitaledger/record/proof-salt/${recordSalt}`);
}

/** The id under which a proof lies. It follows from its salt alone, and tells nothing of the record. */
export function proofId(salt: string): string {
  return digestOf(`vitaledger/record/proof/${salt}`);
}

/** The hash that every peer of the channel knows of a proof: SHA-256 of its canonical JSON. */
export function proofHash(proof: ContentProof): string {
  return digestOf(proof);
}

/** Which of the things that a proof can say has this hash; undefined if none: it is another content. */
export function provenStatus(hash: string, digest: string, salt: string): ProofStatus | undefined {
  return PROOF_STATUSES.find((status) => proofHash({ digest, status, salt }) === hash);
}
