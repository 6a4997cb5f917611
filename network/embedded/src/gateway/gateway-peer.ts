import { status } from '@grpc/grpc-js';
import type { msp, peer } from '@hyperledger/fabric-protos';
import type { EndorserOutcome } from '../endorser/endorser.js';

/** A peer as gateways see it. */
export interface GatewayPeer {
  readonly name: string;
  readonly mspId: string;
  /** `host:port`. */
  readonly address: string;
  hasChaincode(channel: string, name: string): boolean;
  satisfies(channel: string, principal: msp.MSPPrincipal): boolean;
  endorse(signed: peer.SignedProposal): Promise<EndorserOutcome>;
  /** The same without a signature, and without what would be signed. */
  evaluate(signed: peer.SignedProposal): Promise<EndorserOutcome>;
}

/** An endorser's outcome as the gateway judges it (apiutils.go, responseStatus). */
export type JudgedResponse =
  | { readonly ok: true; readonly response: peer.ProposalResponse }
  | {
      readonly ok: false;
      readonly code: status;
      readonly message: string;
      /** Whether another peer may do better. */
      readonly retry: boolean;
    };

/**
 * Asks a peer. What another peer than the gateway's own refuses reaches a gateway on Fabric as a bare gRPC error, so it
 * looks like a peer that is away; it must here too.
 */
export async function askPeer(
  target: GatewayPeer,
  signed: peer.SignedProposal,
  isLocal: boolean,
  what: 'endorse' | 'evaluate',
): Promise<JudgedResponse> {
  const outcome = await target[what](signed);
  if (outcome.kind === 'answered') {
    return judge(outcome.response);
  }
  if (outcome.kind === 'rejected' && isLocal) {
    return { ok: false, code: status.FAILED_PRECONDITION, message: outcome.message, retry: false };
  }
  const message = isLocal ? outcome.message : `rpc error: code = Unknown desc = ${outcome.message}`;
  return { ok: false, code: status.UNAVAILABLE, message, retry: true };
}

function judge(answer: peer.ProposalResponse): JudgedResponse {
  const response = answer.getResponse();
  const chaincodeStatus = response?.getStatus() ?? 0;
  const text = response?.getMessage() ?? '';
  if (chaincodeStatus >= 200 && chaincodeStatus < 400) {
    return { ok: true, response: answer };
  }
  if (chaincodeStatus === 500 && answer.getPayload_asU8().length === 0) {
    // Without a payload the peer itself speaks, not the chaincode.
    return { ok: false, code: status.ABORTED, message: text, retry: true };
  }
  return {
    ok: false,
    code: status.UNKNOWN,
    message: `chaincode response ${chaincodeStatus}, ${text}`,
    retry: false,
  };
}
