import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import type { SignedData } from '../identity/membership.js';
import { parse, WireError } from './parse.js';

/** The headers of an envelope or proposal, decoded once, beside the bytes that hashes are made of. */
export interface Headers {
  readonly channelHeaderBytes: Uint8Array;
  readonly signatureHeaderBytes: Uint8Array;
  readonly channel: common.ChannelHeader;
  readonly signature: common.SignatureHeader;
}

export function readHeaders(header: common.Header, channel = readChannelHeader(header)): Headers {
  const channelHeaderBytes = header.getChannelHeader_asU8();
  const signatureHeaderBytes = header.getSignatureHeader_asU8();
  return {
    channelHeaderBytes,
    signatureHeaderBytes,
    channel,
    signature: parse(common.SignatureHeader, signatureHeaderBytes, 'SignatureHeader'),
  };
}

/** Throws WireError. */
export function readChannelHeader(header: common.Header): common.ChannelHeader {
  return parse(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
}

/** A signed envelope with its payload and headers. */
export interface OpenedEnvelope {
  readonly payloadBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly headers: Headers;
  readonly data: Uint8Array;
}

/** Throws WireError when the payload or its headers cannot be decoded or are missing. */
export function openEnvelope(envelope: common.Envelope): OpenedEnvelope {
  const payloadBytes = envelope.getPayload_asU8();
  const payload = parse(common.Payload, payloadBytes, 'Payload');
  const header = payload.getHeader();
  if (header === undefined) {
    throw new WireError('envelope has no header');
  }
  return {
    payloadBytes,
    signature: envelope.getSignature_asU8(),
    headers: readHeaders(header),
    data: payload.getData_asU8(),
  };
}

/** What the creator of an envelope signed. */
export function signedDataOf({ payloadBytes, signature, headers }: OpenedEnvelope): SignedData {
  return { data: payloadBytes, identity: headers.signature.getCreator_asU8(), signature };
}

/** SHA-256 of nonce and creator, hex (protoutil/proputils.go). */
export function transactionIdOf(signature: common.SignatureHeader): string {
  return createHash('sha256')
    .update(signature.getNonce_asU8())
    .update(signature.getCreator_asU8())
    .digest('hex');
}
