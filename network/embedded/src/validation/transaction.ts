import { common, peer } from '@hyperledger/fabric-protos';
import type { Membership, SignedData } from '../identity/membership.js';
import type { ValidationCode } from '../ledger/ledger.js';
import { openEnvelope, signedDataOf, transactionIdOf, type OpenedEnvelope } from '../wire/envelope.js';
import { parse, WireError } from '../wire/parse.js';
import { proposalHash } from '../wire/proposal-hash.js';

const codes = peer.TxValidationCode;

/** An endorser transaction that is well formed and signed by its creator. */
export interface WellFormedTransaction {
  readonly transactionId: string;
  readonly channelHeader: common.ChannelHeader;
  readonly responsePayloadBytes: Uint8Array;
  readonly responsePayload: peer.ProposalResponsePayload;
  readonly endorsements: readonly SignedData[];
}

/** Form, creator's signature, transaction id and proposal hash (core/common/validation/msgvalidation.go, in its order). */
export function checkForm(
  opened: OpenedEnvelope | undefined,
  membership: Membership,
): WellFormedTransaction | ValidationCode {
  if (opened === undefined) {
    return codes.BAD_PAYLOAD;
  }
  const header = opened.headers;
  if (!isKnownType(header.channel) || header.channel.getEpoch() !== 0 || !isComplete(header.signature)) {
    return codes.BAD_COMMON_HEADER;
  }
  if (!isSignedByCreator(opened, membership)) {
    return codes.BAD_CREATOR_SIGNATURE;
  }
  switch (header.channel.getType()) {
    case common.HeaderType.ENDORSER_TRANSACTION:
      return header.channel.getTxId() === transactionIdOf(header.signature)
        ? (readTransaction(opened) ?? codes.INVALID_ENDORSER_TRANSACTION)
        : codes.BAD_PROPOSAL_TXID;
    case common.HeaderType.CONFIG:
      return codes.INVALID_CONFIG_TRANSACTION;
    default:
      return codes.UNSUPPORTED_TX_PAYLOAD;
  }
}

function isSignedByCreator(opened: OpenedEnvelope, membership: Membership): boolean {
  const { data, identity, signature } = signedDataOf(opened);
  const creator = membership.identity(identity);
  return creator !== undefined && creator.invalidity === undefined && creator.verify(data, signature);
}

function isKnownType(header: common.ChannelHeader): boolean {
  const { ENDORSER_TRANSACTION, CONFIG_UPDATE, CONFIG } = common.HeaderType;
  return ([ENDORSER_TRANSACTION, CONFIG_UPDATE, CONFIG] as number[]).includes(header.getType());
}

function isComplete(header: common.SignatureHeader): boolean {
  return header.getNonce_asU8().length > 0 && header.getCreator_asU8().length > 0;
}

function readTransaction({ headers, data }: OpenedEnvelope): WellFormedTransaction | undefined {
  try {
    const [action, ...more] = parse(peer.Transaction, data, 'Transaction').getActionsList();
    if (action === undefined || more.length > 0) {
      return undefined;
    }
    const actionHeader = action.getHeader_asU8();
    const payload = parse(peer.ChaincodeActionPayload, action.getPayload_asU8(), 'ChaincodeActionPayload');
    const endorsed = payload.getAction();
    if (
      endorsed === undefined ||
      !isComplete(parse(common.SignatureHeader, actionHeader, 'SignatureHeader'))
    ) {
      return undefined;
    }
    const responsePayloadBytes = endorsed.getProposalResponsePayload_asU8();
    const responsePayload = parse(
      peer.ProposalResponsePayload,
      responsePayloadBytes,
      'ProposalResponsePayload',
    );
    const hash = proposalHash(
      headers.channelHeaderBytes,
      actionHeader,
      payload.getChaincodeProposalPayload_asU8(),
    );
    if (!hash.equals(responsePayload.getProposalHash_asU8())) {
      return undefined;
    }
    return {
      transactionId: headers.channel.getTxId(),
      channelHeader: headers.channel,
      responsePayloadBytes,
      responsePayload,
      endorsements: endorsed
        .getEndorsementsList()
        .map((endorsement) => endorsedData(responsePayloadBytes, endorsement)),
    };
  } catch (error) {
    if (error instanceof WireError) {
      return undefined;
    }
    throw error;
  }
}

/** An endorser signs the response payload followed by its own identity. */
function endorsedData(responsePayload: Uint8Array, endorsement: peer.Endorsement): SignedData {
  const identity = endorsement.getEndorser_asU8();
  return {
    data: Buffer.concat([responsePayload, identity]),
    identity,
    signature: endorsement.getSignature_asU8(),
  };
}

/** The envelope of a block, opened; undefined when it cannot be. */
export function tryOpenEnvelope(bytes: Uint8Array): OpenedEnvelope | undefined {
  try {
    return openEnvelope(parse(common.Envelope, bytes, 'Envelope'));
  } catch (error) {
    if (error instanceof WireError) {
      return undefined;
    }
    throw error;
  }
}
