import { common, peer } from '@hyperledger/fabric-protos';
import type { Membership } from '../identity/membership.js';
import { readChannelHeader, readHeaders, transactionIdOf, type Headers } from '../wire/envelope.js';
import { parse, WireError } from '../wire/parse.js';
import { proposalHash, withoutTransient } from '../wire/proposal-hash.js';

/** A signed proposal, decoded (core/endorser/msgvalidation.go). */
export interface UnpackedProposal {
  readonly signed: peer.SignedProposal;
  readonly headers: Headers;
  readonly channel: string;
  readonly transactionId: string;
  readonly chaincode: string;
  readonly input: peer.ChaincodeInput;
  readonly payload: peer.ChaincodeProposalPayload;
  /** What endorsers sign instead of the proposal; who only evaluates does not ask for it. */
  hash(): Uint8Array;
}

const unpacked = new WeakMap<peer.SignedProposal, UnpackedProposal>();

/** Decodes a proposal, once for all endorsers that get it. Throws WireError. */
export function unpackProposal(signed: peer.SignedProposal): UnpackedProposal {
  let proposal = unpacked.get(signed);
  if (proposal === undefined) {
    proposal = unpack(signed);
    unpacked.set(signed, proposal);
  }
  return proposal;
}

function unpack(signed: peer.SignedProposal): UnpackedProposal {
  const { proposal, headers } = readTimed(signed);
  const extension = parse(
    peer.ChaincodeHeaderExtension,
    headers.channel.getExtension_asU8(),
    'ChaincodeHeaderExtension',
  );
  const chaincodeId = extension.getChaincodeId();
  if (chaincodeId === undefined) {
    throw new WireError('ChaincodeHeaderExtension.ChaincodeId is nil');
  }
  if (chaincodeId.getName() === '') {
    throw new WireError('ChaincodeHeaderExtension.ChaincodeId.Name is empty');
  }
  const payload = parse(
    peer.ChaincodeProposalPayload,
    proposal.getPayload_asU8(),
    'ChaincodeProposalPayload',
  );
  let hash: Uint8Array | undefined;
  return {
    signed,
    headers,
    channel: headers.channel.getChannelId(),
    transactionId: headers.channel.getTxId(),
    chaincode: chaincodeId.getName(),
    input: inputOf(payload),
    payload,
    hash: () =>
      (hash ??= proposalHash(
        headers.channelHeaderBytes,
        headers.signatureHeaderBytes,
        withoutTransient(payload),
      )),
  };
}

/** The filter for the proposal's time comes first on a peer, and decodes as far as that (core/handlers/auth/filter/timewindow.go). */
function readTimed(signed: peer.SignedProposal): { proposal: peer.Proposal; headers: Headers } {
  const filtered = <T>(what: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw error instanceof WireError
        ? new WireError(`failed parsing ${what}: ${error.message}`, { cause: error })
        : error;
    }
  };
  const proposal = filtered('proposal', () =>
    parse(peer.Proposal, signed.getProposalBytes_asU8(), 'Proposal'),
  );
  const header = filtered('header', () => parse(common.Header, proposal.getHeader_asU8(), 'Header'));
  const channel = filtered('channel header', () => readChannelHeader(header));
  return { proposal, headers: readHeaders(header, channel) };
}

function inputOf(payload: peer.ChaincodeProposalPayload): peer.ChaincodeInput {
  const spec = parse(
    peer.ChaincodeInvocationSpec,
    payload.getInput_asU8(),
    'ChaincodeInvocationSpec',
  ).getChaincodeSpec();
  if (spec === undefined) {
    throw new WireError('chaincode invocation spec did not contain chaincode spec');
  }
  const input = spec.getInput();
  if (input === undefined) {
    throw new WireError('chaincode input did not contain any input');
  }
  return input;
}

const timeWindowMs = 15 * 60 * 1000;

/** Why a proposal is too old or of the future (core/handlers/auth/filter/timewindow.go); one without a time is of 1970. */
export function timeRefusal({ headers }: UnpackedProposal, now: number): string | undefined {
  const time = headers.channel.getTimestamp()?.toDate() ?? new Date(0);
  if (Math.abs(now - time.getTime()) <= timeWindowMs) {
    return undefined;
  }
  const seconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
  return `request unauthorized due to incorrect timestamp ${seconds(time)}, peer time ${seconds(new Date(now))}, peer.authentication.timewindow 15m0s`;
}

const headerTypeNames = new Map<number, string>(
  Object.entries(common.HeaderType).map(([name, value]) => [value, name]),
);

/** Why an endorser refuses a proposal before it looks at the chaincode, in Fabric's words and order; or undefined. */
export function proposalRefusal(proposal: UnpackedProposal, membership: Membership): string | undefined {
  return headerRefusal(proposal) ?? creatorRefusal(proposal, membership);
}

function headerRefusal({ headers, transactionId, signed }: UnpackedProposal): string | undefined {
  const type = headers.channel.getType();
  if (type !== common.HeaderType.ENDORSER_TRANSACTION && type !== common.HeaderType.CONFIG) {
    return `invalid header type ${headerTypeNames.get(type) ?? String(type)}`;
  }
  if (headers.channel.getEpoch() !== 0) {
    return 'epoch is non-zero';
  }
  if (headers.signature.getNonce_asU8().length === 0) {
    return 'nonce is empty';
  }
  if (headers.signature.getCreator_asU8().length === 0) {
    return 'creator is empty';
  }
  const expected = transactionIdOf(headers.signature);
  if (transactionId !== expected) {
    return `incorrectly computed txid '${transactionId}' -- expected '${expected}'`;
  }
  return signed.getSignature_asU8().length === 0 ? 'empty signature bytes' : undefined;
}

function creatorRefusal(
  { headers, channel, signed }: UnpackedProposal,
  membership: Membership,
): string | undefined {
  const creator = membership.identity(headers.signature.getCreator_asU8());
  if (creator === undefined) {
    return `access denied: channel [${channel}] creator org unknown, creator is malformed`;
  }
  const accepted =
    creator.invalidity === undefined &&
    creator.verify(signed.getProposalBytes_asU8(), signed.getSignature_asU8());
  return accepted ? undefined : `access denied: channel [${channel}] creator org [${creator.mspId}]`;
}
