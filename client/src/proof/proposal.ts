import { createHash } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import type { PortableProof } from '@vitaledger/domain';
import { decoded, unproven } from './unproven.js';

/** What peers were asked, as the digest in their response binds it. */
export interface ProvenProposal {
  readonly channel: string;
  readonly chaincode: string;
  /** `Contract:function`. */
  readonly function: string;
  readonly arguments: readonly string[];
  /** The proposal's timestamp: ISO 8601 in UTC. */
  readonly timestamp: string;
  /** What the response must hold as the proposal's digest. */
  readonly hash: Buffer;
}

/**
 * Reads a proposal, and makes sure that it is one and says one thing only: header and payload name the same chaincode, and the transaction
 * id is the one of its creator and nonce.
 */
export function readProposal(proof: PortableProof['proposal']): ProvenProposal {
  const [channelHeader, signatureHeader, payload] = [
    proof.channelHeader,
    proof.signatureHeader,
    proof.payload,
  ].map((encoded) => Buffer.from(encoded, 'base64')) as [Buffer, Buffer, Buffer];
  const header = readHeader(channelHeader, signatureHeader);
  const { chaincode, args } = readInvocation(payload);
  if (chaincode !== header.chaincode) throw unproven('PROPOSAL', 'its proposal names two chaincodes');
  const [name = '', ...rest] = args;
  const hash = createHash('sha256').update(channelHeader).update(signatureHeader).update(payload).digest();
  return { ...header, function: name, arguments: rest, hash };
}

function readHeader(
  channelHeader: Buffer,
  signatureHeader: Buffer,
): Pick<ProvenProposal, 'channel' | 'chaincode' | 'timestamp'> {
  const [channel, signature, extension] = decoded('PROPOSAL', 'header', () => {
    const header = common.ChannelHeader.deserializeBinary(channelHeader);
    return [
      header,
      common.SignatureHeader.deserializeBinary(signatureHeader),
      peer.ChaincodeHeaderExtension.deserializeBinary(header.getExtension_asU8()),
    ] as const;
  });
  if (channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION)
    throw unproven('PROPOSAL', 'it is not about a transaction');
  const id = createHash('sha256').update(signature.getNonce_asU8()).update(signature.getCreator_asU8());
  if (channel.getTxId() !== id.digest('hex'))
    throw unproven('PROPOSAL', "its transaction id is not the one of the proposal's creator");
  const time = channel.getTimestamp();
  if (!time) throw unproven('PROPOSAL', 'its proposal has no timestamp');
  return {
    channel: channel.getChannelId(),
    chaincode: extension.getChaincodeId()?.getName() ?? '',
    timestamp: instantOf(time.getSeconds(), time.getNanos()),
  };
}

function readInvocation(payload: Buffer): { readonly chaincode: string; readonly args: readonly string[] } {
  return decoded('PROPOSAL', 'proposal', () => {
    const proposed = peer.ChaincodeProposalPayload.deserializeBinary(payload);
    const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposed.getInput_asU8()).getChaincodeSpec();
    const args = spec?.getInput()?.getArgsList_asU8() ?? [];
    return {
      chaincode: spec?.getChaincodeId()?.getName() ?? '',
      args: args.map((arg) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(arg)),
    };
  });
}

function instantOf(seconds: number, nanos: number): string {
  const time = new Date(seconds * 1000 + Math.round(nanos / 1e6));
  if (Number.isNaN(time.getTime())) throw unproven('PROPOSAL', "its proposal's timestamp is none");
  return time.toISOString();
}
