import { common, peer } from '@hyperledger/fabric-protos';
import { withoutTransient } from './proposal-hash.js';

/** What endorsers agreed on. */
export interface Endorsed {
  /** Serialized `protos.ProposalResponsePayload`. */
  readonly payload: Uint8Array;
  readonly endorsements: readonly peer.Endorsement[];
}

/** The transaction that a proposal has become, not yet signed by its creator. */
export function transactionEnvelope(
  header: common.Header,
  proposal: peer.ChaincodeProposalPayload,
  { payload, endorsements }: Endorsed,
): common.Envelope {
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(payload);
  endorsed.setEndorsementsList([...endorsements]);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(withoutTransient(proposal));
  actionPayload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.setActionsList([action]);
  const envelopePayload = new common.Payload();
  envelopePayload.setHeader(header);
  envelopePayload.setData(transaction.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(envelopePayload.serializeBinary());
  return envelope;
}
