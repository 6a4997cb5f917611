import type { ServerDuplexStream } from '@grpc/grpc-js';
import { common, orderer, peer } from '@hyperledger/fabric-protos';
import { accessRefusal } from '../channel/access-control.js';
import type { Channel } from '../channel/channel.js';
import { messageOf, type Log } from '../log.js';
import { refusalOf } from '../policy/policy.js';
import { openEnvelope, signedDataOf, type OpenedEnvelope } from '../wire/envelope.js';
import { parse, WireError } from '../wire/parse.js';
import { waitForBlock } from './block-cursor.js';
import { filteredBlock } from './block-events.js';
import { firstBlock, lastBlock } from './seek.js';

type Status = common.StatusMap[keyof common.StatusMap];
type DeliverResponse = peer.DeliverResponse | orderer.DeliverResponse;
export type DeliverStream = ServerDuplexStream<common.Envelope, DeliverResponse>;

/** How much of each block a stream gets; `ordered` is what an orderer has of it. */
export type DeliverContent = 'block' | 'filtered' | 'private' | 'ordered';

const resources: Readonly<Record<Exclude<DeliverContent, 'ordered'>, string>> = {
  block: 'event/Block',
  filtered: 'event/FilteredBlock',
  private: 'event/Block',
};

const status = common.Status;
const timeWindowMs = 15 * 60 * 1000;

export interface DeliverHost {
  readonly log: Log;
  channel(name: string): Channel | undefined;
}

interface Request {
  readonly opened: OpenedEnvelope;
  readonly channel: Channel;
  readonly seek: orderer.SeekInfo;
}

/** `protos.Deliver`: answers each seek request with blocks and a status, never with a gRPC error (common/deliver). */
export class DeliverService {
  readonly #host: DeliverHost;

  constructor(host: DeliverHost) {
    this.#host = host;
  }

  /** Serves one stream until the client ends it, or a request fails. */
  async serve(stream: DeliverStream, content: DeliverContent, signal: AbortSignal): Promise<void> {
    // A stream that its iterator destroys would end without the status that the client waits for.
    const envelopes = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<common.Envelope>;
    for await (const envelope of envelopes) {
      const outcome = await this.#answer(stream, envelope, content, signal);
      if (outcome === undefined || signal.aborted) {
        return;
      }
      await write(stream, statusResponse(outcome, content));
      if (outcome !== status.SUCCESS) {
        break;
      }
    }
    stream.end();
  }

  async #answer(
    stream: DeliverStream,
    envelope: common.Envelope,
    content: DeliverContent,
    signal: AbortSignal,
  ): Promise<Status | undefined> {
    const request = this.#read(envelope);
    if (typeof request === 'number') {
      return request;
    }
    if (!isAllowed(request, content)) {
      return status.FORBIDDEN;
    }
    const start = request.seek.getStart();
    const stop = request.seek.getStop();
    if (start === undefined || stop === undefined) {
      return status.BAD_REQUEST;
    }
    const from = firstBlock(start, request.channel.ledger.height);
    if (from === undefined) {
      return status.NOT_FOUND;
    }
    const to = lastBlock(start, stop, from, request.channel.ledger.height);
    return to === undefined ? status.BAD_REQUEST : this.#send(stream, request, content, { from, to }, signal);
  }

  #read(envelope: common.Envelope): Request | Status {
    try {
      const opened = openEnvelope(envelope);
      const header = opened.headers.channel;
      const timestamp = header.getTimestamp();
      if (timestamp === undefined || Math.abs(Date.now() - timestamp.toDate().getTime()) > timeWindowMs) {
        return status.BAD_REQUEST;
      }
      const channel = this.#host.channel(header.getChannelId());
      if (channel === undefined) {
        return status.NOT_FOUND;
      }
      return { opened, channel, seek: parse(orderer.SeekInfo, opened.data, 'SeekInfo') };
    } catch (error) {
      if (error instanceof WireError) {
        return status.BAD_REQUEST;
      }
      throw error;
    }
  }

  async #send(
    stream: DeliverStream,
    request: Request,
    content: DeliverContent,
    range: { from: bigint; to: bigint },
    signal: AbortSignal,
  ): Promise<Status | undefined> {
    const { ledger } = request.channel;
    const mustBeReady = request.seek.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
    for (let number = range.from; number <= range.to; number += 1n) {
      if (mustBeReady && number >= ledger.height) {
        return status.NOT_FOUND;
      }
      const block = await waitForBlock(ledger, number, signal);
      if (block === undefined) {
        return undefined;
      }
      if (isExpired(request)) {
        return status.FORBIDDEN;
      }
      await write(stream, await this.#response(request, content, block, number));
    }
    return status.SUCCESS;
  }

  async #response(
    { channel, seek, opened }: Request,
    content: DeliverContent,
    block: common.Block,
    number: bigint,
  ): Promise<DeliverResponse> {
    if (content === 'ordered') {
      const ordered = new orderer.DeliverResponse();
      ordered.setBlock(contentOf(asOrdered(block), seek, number));
      return ordered;
    }
    const response = new peer.DeliverResponse();
    if (content === 'filtered') {
      response.setFilteredBlock(filteredBlock(channel.name, block));
      return response;
    }
    const visible = contentOf(block, seek, number);
    if (content === 'block') {
      response.setBlock(visible);
      return response;
    }
    const both = new peer.BlockAndPrivateData();
    both.setBlock(visible);
    const requester = channel.configuration.membership.identity(opened.headers.signature.getCreator_asU8());
    const data = await channel.ledger.privateDataOf(number, requester?.mspId ?? '', channel.chaincodes);
    for (const [index, writes] of data) {
      both.getPrivateDataMapMap().set(index, writes);
    }
    response.setBlockAndPrivateData(both);
    return response;
  }

  /** For a stream that failed unexpectedly: the reason goes to the log, not to the client. */
  fail(stream: DeliverStream, error: unknown): void {
    this.#host.log.warn(`deliver: ${messageOf(error)}`);
    stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function isAllowed(request: Request, content: DeliverContent): boolean {
  const { configuration, name } = request.channel;
  const signed = signedDataOf(request.opened);
  if (isExpired(request)) {
    return false;
  }
  if (content !== 'ordered') {
    return accessRefusal(configuration, name, resources[content], signed) === undefined;
  }
  const readers = configuration.policy('/Channel/Readers');
  return readers !== undefined && refusalOf(readers, configuration.membership, [signed]) === undefined;
}

function isExpired({ opened, channel }: Request): boolean {
  const creator = opened.headers.signature.getCreator_asU8();
  return channel.configuration.membership.identity(creator)?.isExpired() === true;
}

/** With HEADER_WITH_SIG a block comes without its data, except a configuration block. */
function contentOf(block: common.Block, seek: orderer.SeekInfo, number: bigint): common.Block {
  if (seek.getContentType() !== orderer.SeekInfo.SeekContentType.HEADER_WITH_SIG || number === 0n) {
    return block;
  }
  const attestation = new common.Block();
  attestation.setHeader(block.getHeader());
  attestation.setMetadata(block.getMetadata());
  return attestation;
}

const { SIGNATURES, LAST_CONFIG, ORDERER } = common.BlockMetadataIndex;
const orderersSlots: readonly number[] = [SIGNATURES, LAST_CONFIG, ORDERER];

/** The block without what peers add when they commit it: validation codes and commit hash. */
function asOrdered(block: common.Block): common.Block {
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(
    (block.getMetadata()?.getMetadataList_asU8() ?? []).map((slot, index) =>
      orderersSlots.includes(index) ? slot : new Uint8Array(),
    ),
  );
  const ordered = new common.Block();
  ordered.setHeader(block.getHeader());
  ordered.setData(block.getData());
  ordered.setMetadata(metadata);
  return ordered;
}

function statusResponse(value: Status, content: DeliverContent): DeliverResponse {
  const response = content === 'ordered' ? new orderer.DeliverResponse() : new peer.DeliverResponse();
  response.setStatus(value);
  return response;
}

/** Respects the client's pace. */
async function write(stream: DeliverStream, response: DeliverResponse): Promise<void> {
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
