import { status } from '@grpc/grpc-js';
import { common, gateway } from '@hyperledger/fabric-protos';
import { errorDetail, GatewayError } from './errors.js';
import type { PeerSource } from './plan-builder.js';

const statusNames = new Map<number, string>(
  Object.entries(common.Status).map(([name, value]) => [value, name]),
);

/** Hands a signed transaction to the channel's orderer (internal/pkg/gateway/submit.go, orderers that are not BFT). */
export async function submit(
  source: PeerSource,
  request: gateway.SubmitRequest,
): Promise<gateway.SubmitResponse> {
  const envelope = request.getPreparedTransaction();
  if (envelope === undefined) {
    throw new GatewayError(status.INVALID_ARGUMENT, 'a prepared transaction is required');
  }
  if (envelope.getSignature_asU8().length === 0) {
    throw new GatewayError(status.INVALID_ARGUMENT, 'prepared transaction must be signed');
  }
  const name = request.getChannelId();
  const channel = source.channel(name);
  if (channel === undefined) {
    throw new GatewayError(
      status.FAILED_PRECONDITION,
      `failed to get config for channel [${name}]: could not get last config for channel ${name}`,
    );
  }
  const answer = await channel.broadcast(envelope);
  if (answer.status === common.Status.SUCCESS) {
    return new gateway.SubmitResponse();
  }
  const text = `received unsuccessful response from orderer: status=${statusNames.get(answer.status) ?? ''}, info=${answer.info}`;
  if (answer.status < 500) {
    throw new GatewayError(status.ABORTED, text);
  }
  throw new GatewayError(status.UNAVAILABLE, 'no orderers could successfully process transaction', [
    errorDetail({ address: 'orderer', mspId: channel.ordererMspId }, text),
  ]);
}
