import { status, type ServerWritableStream } from '@grpc/grpc-js';
import { gateway, orderer, type peer } from '@hyperledger/fabric-protos';
import { accessRefusal } from '../channel/access-control.js';
import type { Channel } from '../channel/channel.js';
import { chaincodeEventsOf } from '../deliver/block-events.js';
import { waitForBlock } from '../deliver/block-cursor.js';
import { parse } from '../wire/parse.js';
import { GatewayError } from './errors.js';
import type { PeerSource } from './plan-builder.js';

type EventStream = Pick<
  ServerWritableStream<unknown, gateway.ChaincodeEventsResponse>,
  'write' | 'once' | 'off' | 'cancelled'
>;

/** Sends a chaincode's events, block by block, until the client ends the stream (internal/pkg/gateway/chaincodeevents.go). */
export async function sendChaincodeEvents(
  source: PeerSource,
  signed: gateway.SignedChaincodeEventsRequest,
  stream: EventStream,
  signal: AbortSignal,
): Promise<void> {
  const bytes = signed.getRequest_asU8();
  const request = readRequest(bytes);
  const channelName = request.getChannelId();
  const channel = source.channel(channelName);
  const refusal = accessRefusal(channel?.configuration, channelName, 'gateway/ChaincodeEvents', {
    data: bytes,
    identity: request.getIdentity_asU8(),
    signature: signed.getSignature_asU8(),
  });
  if (refusal !== undefined || channel === undefined) {
    throw new GatewayError(status.PERMISSION_DENIED, refusal ?? '');
  }
  const isMatch = matcherFor(request);
  for (let number = startBlock(channel, request); ; number += 1n) {
    const block = await waitForBlock(channel.ledger, number, signal);
    if (block === undefined) {
      return;
    }
    const events = chaincodeEventsOf(block).filter(isMatch);
    if (events.length > 0) {
      const response = new gateway.ChaincodeEventsResponse();
      response.setBlockNumber(Number(number));
      response.setEventsList(events);
      await write(stream, response);
    }
  }
}

function readRequest(bytes: Uint8Array): gateway.ChaincodeEventsRequest {
  if (bytes.length === 0) {
    throw new GatewayError(status.INVALID_ARGUMENT, 'a chaincode events request is required');
  }
  try {
    return parse(gateway.ChaincodeEventsRequest, bytes, 'ChaincodeEventsRequest');
  } catch {
    throw new GatewayError(
      status.INVALID_ARGUMENT,
      'invalid chaincode events request: proto: cannot parse invalid wire-format data',
    );
  }
}

/** The chaincode's events; after a named transaction only what follows it. */
function matcherFor(request: gateway.ChaincodeEventsRequest): (event: peer.ChaincodeEvent) => boolean {
  const chaincode = request.getChaincodeId();
  const after = request.getAfterTransactionId();
  let passed = after === '';
  return (event) => {
    if (!passed) {
      passed = event.getTxId() === after;
      return false;
    }
    return event.getChaincodeId() === chaincode;
  };
}

function startBlock(channel: Channel, request: gateway.ChaincodeEventsRequest): bigint {
  const after = request.getAfterTransactionId();
  const known = after === '' ? undefined : channel.ledger.transaction(after);
  return known?.block ?? positionOf(request.getStartPosition()) ?? channel.ledger.height;
}

/** The number that a position names; undefined: the next block. */
function positionOf(position: orderer.SeekPosition | undefined): bigint | undefined {
  const positions = orderer.SeekPosition.TypeCase;
  switch (position?.getTypeCase()) {
    case positions.SPECIFIED:
      return BigInt(position.getSpecified()?.getNumber() ?? 0);
    case positions.NEWEST:
      throw invalidStart('Newest');
    case positions.OLDEST:
      throw invalidStart('Oldest');
    case positions.NEXT_COMMIT:
    case positions.TYPE_NOT_SET:
    case undefined:
    default:
      return undefined;
  }
}

function invalidStart(type: string): GatewayError {
  return new GatewayError(
    status.INVALID_ARGUMENT,
    `invalid start position type: *orderer.SeekPosition_${type}`,
  );
}

async function write(stream: EventStream, response: gateway.ChaincodeEventsResponse): Promise<void> {
  if (!stream.write(response) && !stream.cancelled) {
    await new Promise<void>((resolve) => {
      const proceed = () => {
        stream.off('drain', proceed);
        stream.off('cancelled', proceed);
        resolve();
      };
      stream.once('drain', proceed);
      stream.once('cancelled', proceed);
    });
  }
}
