import { status } from '@grpc/grpc-js';
import { gateway, peer } from '@hyperledger/fabric-protos';
import { WireError } from '../wire/parse.js';
import { unlessAborted } from './endorse.js';
import { errorDetail, GatewayError } from './errors.js';
import { askPeer, type GatewayPeer } from './gateway-peer.js';
import type { PeerSource } from './plan-builder.js';
import { completeTargetOf, type ProposalTarget } from './proposal-target.js';

/** Runs a transaction function on one peer, for its result only (internal/pkg/gateway/evaluate.go). */
export async function evaluate(
  source: PeerSource,
  request: gateway.EvaluateRequest,
  signal: AbortSignal,
): Promise<gateway.EvaluateResponse> {
  const signed = request.getProposedTransaction();
  const target = readTarget(signed);
  const candidates = candidatesFor(source, target, request.getTargetOrganizationsList());
  const result = await unlessAborted(
    askUntilAnswered(source, candidates, signed ?? new peer.SignedProposal()),
    signal,
    () => new GatewayError(status.DEADLINE_EXCEEDED, 'evaluate timeout expired'),
  );
  const response = new gateway.EvaluateResponse();
  response.setResult(result);
  return response;
}

function readTarget(signed: peer.SignedProposal | undefined): ProposalTarget {
  try {
    return completeTargetOf(signed);
  } catch (error) {
    if (error instanceof WireError) {
      throw new GatewayError(
        status.INVALID_ARGUMENT,
        `failed to unpack transaction proposal: ${error.message}`,
      );
    }
    throw error;
  }
}

/** Own organization's peers first. Transient data stays in the own organization unless others are named. */
function candidatesFor(
  source: PeerSource,
  { channel, chaincode, hasTransientData }: ProposalTarget,
  named: readonly string[],
): readonly GatewayPeer[] {
  if (source.channel(channel) === undefined) {
    throw new GatewayError(
      status.UNAVAILABLE,
      `failed to get config for channel [${channel}]: could not get last config for channel ${channel}`,
    );
  }
  const isProtected = hasTransientData && named.length === 0;
  const organizations = isProtected ? [source.local.mspId] : named;
  const able = source
    .peers(channel)
    .filter(
      (each) =>
        (organizations.length === 0 || organizations.includes(each.mspId)) &&
        each.hasChaincode(channel, chaincode),
    );
  if (able.length === 0) {
    const nobody = `no peers available to evaluate chaincode ${chaincode} in channel ${channel}`;
    throw new GatewayError(
      status.FAILED_PRECONDITION,
      isProtected
        ? `no endorsers found in the gateway's organization; retry specifying target organization(s) to protect transient data: ${nobody}`
        : nobody,
    );
  }
  const isOwn = (each: GatewayPeer) => each.mspId === source.local.mspId;
  return [...able.filter(isOwn), ...able.filter((each) => !isOwn(each))];
}

async function askUntilAnswered(
  source: PeerSource,
  candidates: readonly GatewayPeer[],
  signed: peer.SignedProposal,
): Promise<peer.Response> {
  const details: gateway.ErrorDetail[] = [];
  let lastCode = status.UNAVAILABLE;
  for (const candidate of candidates) {
    const judged = await askPeer(candidate, signed, candidate === source.local, 'evaluate');
    if (judged.ok) {
      return judged.response.getResponse() ?? new peer.Response();
    }
    details.push(errorDetail(candidate, judged.message));
    if (!judged.retry) {
      throw new GatewayError(
        judged.code,
        `evaluate call to endorser returned error: ${judged.message}`,
        details,
      );
    }
    lastCode = judged.code;
  }
  throw new GatewayError(
    lastCode,
    'failed to evaluate transaction, see attached details for more info',
    details,
  );
}
