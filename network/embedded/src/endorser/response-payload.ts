import { peer } from '@hyperledger/fabric-protos';
import type { UnpackedProposal } from './proposal.js';

/** What endorsers sign and compare: proposal hash, read-write set, event, response, chaincode name and version. */
export function proposalResponsePayload(
  proposal: UnpackedProposal,
  version: string,
  outcome: {
    readonly response: peer.Response;
    readonly event: peer.ChaincodeEvent | undefined;
    readonly results: Uint8Array | undefined;
  },
): Uint8Array {
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(proposal.chaincode);
  chaincodeId.setVersion(version);
  const action = new peer.ChaincodeAction();
  action.setResponse(outcome.response);
  action.setResults(outcome.results ?? new Uint8Array());
  action.setEvents(outcome.event?.serializeBinary() ?? new Uint8Array());
  action.setChaincodeId(chaincodeId);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(proposal.hash());
  payload.setExtension$(action.serializeBinary());
  return payload.serializeBinary();
}
