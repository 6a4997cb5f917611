import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { readChannelHeader } from '../wire/envelope.js';
import { parse, WireError } from '../wire/parse.js';
import type { BroadcastAnswer } from './message-filter.js';

/** Where envelopes of a channel go. */
export interface BroadcastTarget {
  broadcast(envelope: common.Envelope): Promise<BroadcastAnswer>;
}

/** Answers each envelope in turn; after one that is refused the stream ends (orderer/common/broadcast/broadcast.go). */
export async function serveBroadcast(
  stream: ServerDuplexStream<common.Envelope, orderer.BroadcastResponse>,
  channel: (name: string) => BroadcastTarget | undefined,
): Promise<void> {
  const envelopes = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<common.Envelope>;
  for await (const envelope of envelopes) {
    const { status, info } = await answerTo(envelope, channel);
    const response = new orderer.BroadcastResponse();
    response.setStatus(status);
    response.setInfo(info);
    stream.write(response);
    if (status !== common.Status.SUCCESS) {
      break;
    }
  }
  stream.end();
}

async function answerTo(
  envelope: common.Envelope,
  channel: (name: string) => BroadcastTarget | undefined,
): Promise<BroadcastAnswer> {
  const header = channelHeaderOf(envelope);
  if (typeof header === 'string') {
    return { status: common.Status.BAD_REQUEST, info: header };
  }
  const target = channel(header.getChannelId());
  return target === undefined
    ? { status: common.Status.BAD_REQUEST, info: 'channel does not exist' }
    : target.broadcast(envelope);
}

/** The envelope's channel header, or why it has none, in the orderer's words. */
export function channelHeaderOf(envelope: common.Envelope): common.ChannelHeader | string {
  try {
    const header = parse(common.Payload, envelope.getPayload_asU8(), 'Payload').getHeader();
    if (header === undefined) {
      return 'could not determine channel ID: header not set';
    }
    return header.getChannelHeader_asU8().length === 0
      ? 'could not determine channel ID: channel header not set'
      : readChannelHeader(header);
  } catch (error) {
    if (error instanceof WireError) {
      const { message } = error;
      const what = message.includes('ChannelHeader') ? 'error unmarshalling channel header: ' : '';
      return `could not determine channel ID: ${what}${message}`;
    }
    throw error;
  }
}
