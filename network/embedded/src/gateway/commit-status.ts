import { status } from '@grpc/grpc-js';
import { gateway } from '@hyperledger/fabric-protos';
import { accessRefusal } from '../channel/access-control.js';
import type { Channel } from '../channel/channel.js';
import type { CommitStatus } from '../channel/commit-notifier.js';
import { parse } from '../wire/parse.js';
import { GatewayError } from './errors.js';
import type { PeerSource } from './plan-builder.js';

/** Waits until a transaction is in a block and tells what became of it (internal/pkg/gateway/commitstatus.go). */
export async function commitStatus(
  source: PeerSource,
  signed: gateway.SignedCommitStatusRequest,
  signal: AbortSignal,
): Promise<gateway.CommitStatusResponse> {
  const bytes = signed.getRequest_asU8();
  const request = readRequest(bytes);
  const channelName = request.getChannelId();
  const channel = source.channel(channelName);
  const signedData = {
    data: bytes,
    identity: request.getIdentity_asU8(),
    signature: signed.getSignature_asU8(),
  };
  await channel?.configuration.membership.verifyAhead(signedData);
  const refusal = accessRefusal(channel?.configuration, channelName, 'gateway/CommitStatus', signedData);
  if (refusal !== undefined || channel === undefined) {
    throw new GatewayError(status.PERMISSION_DENIED, refusal ?? '');
  }
  const { block, code } = await waitForCommit(channel, request.getTransactionId(), signal);
  const response = new gateway.CommitStatusResponse();
  response.setResult(code);
  response.setBlockNumber(Number(block));
  return response;
}

function readRequest(bytes: Uint8Array): gateway.CommitStatusRequest {
  const invalid = (message: string) => new GatewayError(status.INVALID_ARGUMENT, message);
  if (bytes.length === 0) {
    throw invalid('a commit status request is required');
  }
  let request: gateway.CommitStatusRequest;
  try {
    request = parse(gateway.CommitStatusRequest, bytes, 'CommitStatusRequest');
  } catch {
    throw invalid('invalid status request: proto: cannot parse invalid wire-format data');
  }
  if (request.getIdentity_asU8().length === 0) {
    throw invalid('no identity provided');
  }
  if (request.getChannelId() === '') {
    throw invalid('no channel ID provided');
  }
  if (request.getTransactionId() === '') {
    throw invalid('transaction ID should not be empty');
  }
  return request;
}

/** Listens before it looks, so that no commit falls between. */
function waitForCommit(channel: Channel, transactionId: string, signal: AbortSignal): Promise<CommitStatus> {
  return new Promise((resolve, reject) => {
    const stopListening = channel.commits.listen(transactionId, (committed) => {
      signal.removeEventListener('abort', abort);
      resolve(committed);
    });
    const abort = () => {
      stopListening();
      reject(new GatewayError(status.DEADLINE_EXCEEDED, 'context deadline exceeded'));
    };
    const known = channel.ledger.transaction(transactionId);
    if (known !== undefined) {
      stopListening();
      resolve(known);
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) {
      abort();
    }
  });
}
