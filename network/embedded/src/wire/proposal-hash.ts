import { createHash } from 'node:crypto';
import { peer } from '@hyperledger/fabric-protos';

/** The proposal payload as it goes into a block: without the transient data. */
export function withoutTransient(payload: peer.ChaincodeProposalPayload): Uint8Array {
  const visible = new peer.ChaincodeProposalPayload();
  visible.setInput(payload.getInput_asU8());
  return visible.serializeBinary();
}

/** SHA-256 over channel header, signature header and the visible payload; endorsers sign it, the committer compares it. */
export function proposalHash(
  channelHeader: Uint8Array,
  signatureHeader: Uint8Array,
  visiblePayload: Uint8Array,
): Buffer {
  return createHash('sha256').update(channelHeader).update(signatureHeader).update(visiblePayload).digest();
}
