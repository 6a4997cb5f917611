import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { randomBytes } from 'node:crypto';
import type { Actors } from './actors.js';
import { blockContent, filteredContent } from './blocks.js';
import { refusal } from './grpc-outcome.js';
import { signatureOf } from './proposal.js';
import { compact, type BlockNames, type Json } from './read-write-sets.js';
import { privateWrites, statusName } from './transactions.js';

/** A place to seek: a number counts from the block before the trace began. */
export type Position = 'oldest' | 'newest' | 'next' | 'none' | 'genesis' | 'far' | number;

export interface DeliverRequest {
  readonly as?: string;
  /** An organization, whose peer is asked; or `orderer`. */
  readonly at?: string;
  readonly channel?: string;
  readonly content?: 'block' | 'filtered' | 'private';
  readonly start?: Position;
  readonly stop?: Position;
  readonly ifNotReady?: 'block' | 'fail';
  readonly headersOnly?: boolean;
  readonly flaw?:
    | 'no signature'
    | 'garbage signature'
    | 'signature of another'
    | 'old timestamp'
    | 'future timestamp'
    | 'no timestamp'
    | 'garbage payload'
    | 'garbage seek'
    | 'no header'
    | 'no creator';
  /** The stream is ended by the client after so many answers. */
  readonly take?: number;
}

/** Peers' and orderers' answers have status and block in the same places. */
type Stream = ClientDuplexStream<common.Envelope, peer.DeliverResponse | orderer.DeliverResponse>;

/** What a stream gave before it ended. */
export interface Delivered {
  readonly items: readonly peer.DeliverResponse[];
  readonly error?: ServiceError;
}

export async function deliver(
  actors: Actors,
  request: DeliverRequest,
  numberOf: (channel: string, n: number) => number = (_channel, n) => n,
): Promise<Delivered> {
  const stream = open(actors, request);
  const items: peer.DeliverResponse[] = [];
  const envelope = await seekEnvelope(actors, request, numberOf);
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (error?: ServiceError) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      resolve({ items, ...(error ? { error } : {}) });
    };
    const cancel = () => {
      finish();
      stream.cancel();
    };
    const timer = setTimeout(cancel, 5_000);
    stream.on('data', (answer: peer.DeliverResponse | orderer.DeliverResponse) => {
      const item =
        answer instanceof peer.DeliverResponse
          ? answer
          : peer.DeliverResponse.deserializeBinary(answer.serializeBinary());
      items.push(item);
      if (items.length >= (request.take ?? Infinity)) cancel();
      // A status ends a request; the client ends the stream, as it may also ask again.
      else if (item.getTypeCase() === peer.DeliverResponse.TypeCase.STATUS) stream.end();
    });
    stream.on('end', () => {
      finish();
    });
    stream.on('error', finish);
    stream.write(envelope);
  });
}

/** The same as a transcript. */
export async function readStream(
  actors: Actors,
  request: DeliverRequest,
  blocksOf: (channel: string) => BlockNames,
  numberOf: (channel: string, n: number) => number,
): Promise<Json> {
  const { items, error } = await deliver(actors, request, numberOf);
  const blocks = blocksOf(request.channel ?? 'main');
  const answers = items.map((item) => answerOf(item, actors, blocks));
  return error ? [...answers, { refused: refusal(error) }] : answers;
}

function answerOf(item: peer.DeliverResponse, actors: Actors, blocks: BlockNames): Json {
  const [block, filtered, both] = [item.getBlock(), item.getFilteredBlock(), item.getBlockAndPrivateData()];
  if (block) return { block: blockContent(block, actors, blocks) };
  if (filtered) return { filtered: filteredContent(filtered, blocks) };
  if (!both) return { status: statusName(item.getStatus()) };
  const privateData: Record<string, Json> = {};
  both.getPrivateDataMapMap().forEach((set, index) => {
    privateData[String(index)] = privateWrites(set, blocks);
  });
  const content = both.getBlock();
  return compact({ block: content && blockContent(content, actors, blocks), privateData });
}

function open(actors: Actors, { as = 'org1', at, content = 'block' }: DeliverRequest): Stream {
  if (at === 'orderer') return actors.orderer.deliver();
  const { deliver: client } = actors.peer(at ?? as.split('/')[0]!);
  if (content === 'filtered') return client.deliverFiltered();
  return content === 'private' ? client.deliverWithPrivateData() : client.deliver();
}

async function seekEnvelope(
  actors: Actors,
  request: DeliverRequest,
  numberOf: (channel: string, n: number) => number,
): Promise<common.Envelope> {
  const { as = 'org1', channel = 'main', flaw } = request;
  const actor = actors.actor(as);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
  channelHeader.setChannelId(channel);
  const shift = flaw === 'old timestamp' ? -1 : flaw === 'future timestamp' ? 1 : 0;
  const time = new Timestamp();
  time.fromDate(new Date(Date.now() + shift * 20 * 60_000));
  if (flaw !== 'no timestamp') channelHeader.setTimestamp(time);
  const signatureHeader = new common.SignatureHeader();
  if (flaw !== 'no creator') signatureHeader.setCreator(actor.serialized);
  signatureHeader.setNonce(randomBytes(24));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  if (flaw !== 'no header') payload.setHeader(header);
  payload.setData(
    flaw === 'garbage seek'
      ? Buffer.from('ffffffff', 'hex')
      : seekInfo(request, (n) => numberOf(channel, n)).serializeBinary(),
  );
  const envelope = new common.Envelope();
  const bytes = flaw === 'garbage payload' ? Buffer.from('ffffffff', 'hex') : payload.serializeBinary();
  envelope.setPayload(bytes);
  envelope.setSignature(await signatureOf(flaw, bytes, actor, actors.actor('org3')));
  return envelope;
}

function seekInfo(
  { start = 'oldest', stop = 'newest', ifNotReady, headersOnly }: DeliverRequest,
  numberOf: (n: number) => number,
): orderer.SeekInfo {
  const info = new orderer.SeekInfo();
  info.setStart(position(start, numberOf));
  info.setStop(position(stop, numberOf));
  if (ifNotReady === 'fail') info.setBehavior(orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY);
  if (headersOnly === true) info.setContentType(orderer.SeekInfo.SeekContentType.HEADER_WITH_SIG);
  return info;
}

function position(where: Position, numberOf: (n: number) => number): orderer.SeekPosition | undefined {
  if (where === 'none') return undefined;
  const result = new orderer.SeekPosition();
  if (where === 'oldest') result.setOldest(new orderer.SeekOldest());
  else if (where === 'newest') result.setNewest(new orderer.SeekNewest());
  else if (where === 'next') result.setNextCommit(new orderer.SeekNextCommit());
  else {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(where === 'genesis' ? 0 : where === 'far' ? 1_000_000 : numberOf(where));
    result.setSpecified(specified);
  }
  return result;
}
