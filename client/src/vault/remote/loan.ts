/** A request to the custodian's peer that its asker has signed and not sent: whoever has it may have it answered, nobody may change it. */
export interface SignedProposal {
  /** The gateway's message, base64. */
  readonly message: string;
  /** ASN.1 DER, base64. */
  readonly signature: string;
}

/** What a vault gives to the holder of a receipt, for a while. */
export interface Capability {
  readonly capability: string;
  /** ISO 8601, UTC. */
  readonly expires: string;
}

/** The function that opens a receipt; a vault has it asked before it lends anything. */
export const OPEN = 'AccessContract:open';
