import { common } from '@hyperledger/fabric-protos';
import type { ChannelConfiguration } from '../channel/channel-configuration.js';
import { refusalOf } from '../policy/policy.js';
import { openEnvelope, signedDataOf, type OpenedEnvelope } from '../wire/envelope.js';
import { WireError } from '../wire/parse.js';
import { channelHeaderOf } from './broadcast.js';

/** An orderer's answer to a broadcast. */
export interface BroadcastAnswer {
  readonly status: common.StatusMap[keyof common.StatusMap];
  readonly info: string;
}

/** The envelope, opened, or why the channel's orderer does not take it (orderer/common/msgprocessor, in its order). */
export async function filterMessage(
  envelope: common.Envelope,
  configuration: ChannelConfiguration,
): Promise<OpenedEnvelope | BroadcastAnswer> {
  const bad = (info: string): BroadcastAnswer => ({ status: common.Status.BAD_REQUEST, info });
  const header = channelHeaderOf(envelope);
  if (typeof header === 'string') {
    return bad(header);
  }
  const wrongType = typeRefusal(header);
  if (wrongType !== undefined) {
    return wrongType;
  }
  const bytes = messageBytes(envelope);
  const { absoluteMaxBytes } = configuration.batch;
  if (bytes > absoluteMaxBytes) {
    return bad(`message payload is ${bytes} bytes and exceeds maximum allowed ${absoluteMaxBytes} bytes`);
  }
  const opened = tryOpen(envelope);
  if (typeof opened === 'string') {
    return bad(`could not convert message to signedData: ${opened}`);
  }
  await configuration.membership.verifyAhead(signedDataOf(opened));
  return creatorRefusal(opened, configuration) ?? opened;
}

function tryOpen(envelope: common.Envelope): OpenedEnvelope | string {
  try {
    return openEnvelope(envelope);
  } catch (error) {
    if (error instanceof WireError) {
      return error.message.replace(
        'error unmarshalling SignatureHeader: ',
        'GetSignatureHeaderFromBytes failed, err ',
      );
    }
    throw error;
  }
}

function typeRefusal(header: common.ChannelHeader): BroadcastAnswer | undefined {
  switch (header.getType()) {
    case common.HeaderType.CONFIG:
      return {
        status: common.Status.BAD_REQUEST,
        info: 'message is of type that cannot be processed directly',
      };
    case common.HeaderType.CONFIG_UPDATE:
      return {
        status: common.Status.SERVICE_UNAVAILABLE,
        info: 'the embedded ledger does not take configuration updates: begin anew with another configuration',
      };
    case common.HeaderType.ORDERER_TRANSACTION:
      return { status: common.Status.BAD_REQUEST, info: 'message is of type that is no longer supported' };
    default:
      return undefined;
  }
}

function creatorRefusal(
  opened: OpenedEnvelope,
  configuration: ChannelConfiguration,
): BroadcastAnswer | undefined {
  const signed = signedDataOf(opened);
  if (configuration.membership.identity(signed.identity)?.isExpired() === true) {
    return { status: common.Status.BAD_REQUEST, info: 'broadcast client identity expired' };
  }
  const policy = configuration.policy('/Channel/Writers');
  const refusal =
    policy === undefined
      ? 'could not find policy /Channel/Writers'
      : refusalOf(policy, configuration.membership, [signed]);
  return refusal === undefined
    ? undefined
    : { status: common.Status.FORBIDDEN, info: `${refusal}: permission denied` };
}

/** Size of a message as the orderer counts it: payload and signature. */
export function messageBytes(envelope: common.Envelope): number {
  return envelope.getPayload_asU8().length + envelope.getSignature_asU8().length;
}
