import { common, orderer } from '@hyperledger/fabric-protos';
import type { Actors } from './actors.js';
import { refusal } from './grpc-outcome.js';
import { signatureOf } from './proposal.js';
import { compact, type Json } from './read-write-sets.js';
import type { Prepared } from './session.js';
import { statusName } from './transactions.js';

export type BroadcastFlaw =
  | 'no signature'
  | 'garbage signature'
  | 'signature of another'
  | 'empty'
  | 'garbage payload'
  | 'no header'
  | 'no channel header'
  | 'garbage channel header'
  | 'garbage signature header'
  | 'no creator'
  | 'unknown channel'
  | 'type CONFIG'
  | 'type ORDERER_TRANSACTION'
  | 'type MESSAGE';

const garbage = Buffer.from('ffffffff', 'hex');

/** A prepared transaction as it is sent to an orderer, signed after a flaw was put in. */
export async function broadcastEnvelope(
  { envelope, actor }: Prepared,
  { flaw, as }: { flaw?: BroadcastFlaw; as?: string },
  actors: Actors,
): Promise<common.Envelope> {
  const result = new common.Envelope();
  if (flaw === 'empty') return result;
  const payload = flawedPayload(flaw, common.Payload.deserializeBinary(envelope.getPayload_asU8()));
  const bytes = flaw === 'garbage payload' ? garbage : payload.serializeBinary();
  result.setPayload(bytes);
  const signer = as === undefined ? actor : actors.actor(as);
  result.setSignature(await signatureOf(flaw, bytes, signer, actors.actor('org3')));
  return result;
}

const types: Readonly<Record<string, common.HeaderTypeMap[keyof common.HeaderTypeMap]>> = {
  'type CONFIG': common.HeaderType.CONFIG,
  'type ORDERER_TRANSACTION': common.HeaderType.ORDERER_TRANSACTION,
  'type MESSAGE': common.HeaderType.MESSAGE,
};

function flawedPayload(flaw: BroadcastFlaw | undefined, payload: common.Payload): common.Payload {
  if (flaw === 'no header') {
    payload.clearHeader();
    return payload;
  }
  const header = payload.getHeader() ?? new common.Header();
  const channel = common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8());
  const type = types[flaw ?? ''];
  if (type !== undefined) channel.setType(type);
  if (flaw === 'unknown channel') channel.setChannelId('nowhere');
  header.setChannelHeader(channelBytes(flaw, channel));
  if (flaw === 'garbage signature header') header.setSignatureHeader(garbage);
  if (flaw === 'no creator') header.setSignatureHeader(new common.SignatureHeader().serializeBinary());
  payload.setHeader(header);
  return payload;
}

function channelBytes(flaw: BroadcastFlaw | undefined, channel: common.ChannelHeader): Uint8Array {
  if (flaw === 'no channel header') return new Uint8Array();
  return flaw === 'garbage channel header' ? garbage : channel.serializeBinary();
}

/** What the orderer answered, until the stream ended. */
export function broadcast(
  client: orderer.AtomicBroadcastClient,
  envelopes: readonly common.Envelope[],
): Promise<Json> {
  const stream = client.broadcast();
  const answers: Json[] = [];
  return new Promise((resolve) => {
    stream.on('data', (answer: orderer.BroadcastResponse) => {
      answers.push(compact({ status: statusName(answer.getStatus()), info: answer.getInfo() }));
    });
    stream.on('end', () => {
      resolve(answers);
    });
    stream.on('error', (error) => {
      resolve([...answers, { refused: refusal(error as Parameters<typeof refusal>[0]) }]);
    });
    for (const envelope of envelopes) stream.write(envelope);
    stream.end();
  });
}
