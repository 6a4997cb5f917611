import { common, peer } from '@hyperledger/fabric-protos';
import { parse, WireError } from '../wire/parse.js';

/** Where a proposal wants to go, and its parts for the transaction that is made of it. */
export interface ProposalTarget {
  readonly channel: string;
  readonly chaincode: string;
  readonly hasTransientData: boolean;
  readonly header: common.Header;
  readonly payload: peer.ChaincodeProposalPayload;
  readonly spec: peer.ChaincodeSpec | undefined;
}

/** Throws WireError. */
export function targetOf(signed: peer.SignedProposal): ProposalTarget {
  const proposal = parse(peer.Proposal, signed.getProposalBytes_asU8(), 'Proposal');
  const header = parse(common.Header, proposal.getHeader_asU8(), 'Header');
  const channelHeader = parse(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
  const payload = parse(
    peer.ChaincodeProposalPayload,
    proposal.getPayload_asU8(),
    'ChaincodeProposalPayload',
  );
  const spec = parse(
    peer.ChaincodeInvocationSpec,
    payload.getInput_asU8(),
    'ChaincodeInvocationSpec',
  ).getChaincodeSpec();
  return {
    channel: channelHeader.getChannelId(),
    chaincode: spec?.getChaincodeId()?.getName() ?? '',
    hasTransientData: payload.getTransientmapMap().getLength() > 0,
    header,
    payload,
    spec,
  };
}

/** Evaluate demands all of it by name. Throws WireError. */
export function completeTargetOf(signed: peer.SignedProposal | undefined): ProposalTarget {
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0) {
    throw new WireError('a signed proposal is required');
  }
  const target = targetOf(signed);
  const { channel, spec } = target;
  if (channel === '') {
    throw new WireError('no channel id provided');
  }
  if (spec === undefined) {
    throw new WireError(`no chaincode spec is provided, channel id [${channel}]`);
  }
  const chaincodeId = spec.getChaincodeId();
  if (chaincodeId === undefined) {
    throw new WireError(`no chaincode id is provided, channel id [${channel}]`);
  }
  if (chaincodeId.getName() === '') {
    throw new WireError(`no chaincode name is provided, channel id [${channel}]`);
  }
  return target;
}
