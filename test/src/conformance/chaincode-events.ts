import type { ServiceError } from '@grpc/grpc-js';
import { gateway, orderer } from '@hyperledger/fabric-protos';
import type { Actors } from './actors.js';
import { refusal } from './grpc-outcome.js';
import { signatureOf } from './proposal.js';
import { compact, type BlockNames, type Json } from './read-write-sets.js';
import { chaincodeEvent } from './transactions.js';

export interface EventsRequest {
  readonly as?: string;
  readonly channel?: string;
  readonly chaincode?: string;
  /** Counts from the block before the trace began; `none`: a start position with nothing in it. */
  readonly start?: number | 'none';
  readonly after?: string;
  readonly take?: number;
  readonly withinMs?: number;
  readonly noIdentity?: boolean;
  readonly flaw?: string;
}

/** What `ChaincodeEvents` gives until enough came or time is up. */
export async function chaincodeEvents(
  actors: Actors,
  request: EventsRequest,
  blocks: BlockNames,
  numberOf: (n: number) => number,
): Promise<Json> {
  const actor = actors.actor(request.as ?? 'org1');
  const bytes = eventsRequest(request, actor.serialized, numberOf).serializeBinary();
  const signed = new gateway.SignedChaincodeEventsRequest();
  signed.setRequest(bytes);
  signed.setSignature(await signatureOf(request.flaw, bytes, actor, actors.actor('org3')));
  const stream = actors.peer('org1').gateway.chaincodeEvents(signed);
  const answers: Json[] = [];
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      stream.removeAllListeners();
      stream.on('error', () => undefined);
      stream.cancel();
      resolve(answers);
    };
    const timer = setTimeout(finish, request.withinMs ?? 5_000);
    stream.on('data', (response: gateway.ChaincodeEventsResponse) => {
      answers.push(
        compact({
          block: blocks(response.getBlockNumber()),
          events: response.getEventsList().map((event) => chaincodeEvent(event.serializeBinary()) ?? null),
        }),
      );
      if (answers.length >= (request.take ?? Infinity)) finish();
    });
    stream.on('error', (error: ServiceError) => {
      answers.push({ refused: refusal(error) });
      finish();
    });
    stream.on('end', finish);
  });
}

function eventsRequest(
  { channel = 'main', chaincode = 'any', start, after, noIdentity }: EventsRequest,
  identity: Uint8Array,
  numberOf: (n: number) => number,
): gateway.ChaincodeEventsRequest {
  const message = new gateway.ChaincodeEventsRequest();
  message.setChannelId(channel);
  message.setChaincodeId(chaincode);
  if (noIdentity !== true) message.setIdentity(identity);
  if (after !== undefined) message.setAfterTransactionId(after);
  if (start !== undefined) {
    const position = new orderer.SeekPosition();
    if (start !== 'none') {
      const specified = new orderer.SeekSpecified();
      specified.setNumber(numberOf(start));
      position.setSpecified(specified);
    }
    message.setStartPosition(position);
  }
  return message;
}
