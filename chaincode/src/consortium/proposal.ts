import type { ConsortiumDocument } from '@vitaledger/domain';

/** A consortium document that is being voted on; stays as evidence after its adoption. */
export interface Proposal {
  readonly document: ConsortiumDocument;
  /** MSP id of the organization that proposed it. */
  readonly proposer: string;
  /** By MSP id. */
  readonly votes: Readonly<Record<string, true>>;
}
