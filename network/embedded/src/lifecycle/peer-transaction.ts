import { randomBytes } from 'node:crypto';
import { common, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Channel } from '../channel/channel.js';
import { simulate } from '../endorser/endorser.js';
import { unpackProposal } from '../endorser/proposal.js';
import { proposalResponsePayload } from '../endorser/response-payload.js';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { transactionIdOf } from '../wire/envelope.js';
import { transactionEnvelope } from '../wire/transaction-envelope.js';
import { success } from '../system/response.js';
import { lifecycleNamespace } from './fields.js';
import { definitionFunctions } from './lifecycle-chaincode.js';

/** A function of `_lifecycle` as a transaction: created by one peer, endorsed by it and others. */
export interface LifecycleCall {
  readonly function: 'ApproveChaincodeDefinitionForMyOrg' | 'CommitChaincodeDefinition';
  /** Serialized arguments of the function. */
  readonly input: Uint8Array;
  readonly creator: SigningIdentity;
  /** Beside the creator. */
  readonly endorsers?: readonly SigningIdentity[];
}

export interface PeerTransaction {
  readonly transactionId: string;
  readonly envelope: common.Envelope;
}

/**
 * Simulates a call on a channel and has it endorsed and signed by peers, the same bytes that an administrator's command
 * would lead to, except for the creator. Private writes are kept. Throws LifecycleError with Fabric's text.
 */
export async function peerTransaction(channel: Channel, call: LifecycleCall): Promise<PeerTransaction> {
  const { creator, endorsers = [] } = call;
  const proposal = unpackProposal(await signedProposal(channel.name, call));
  const simulator = simulate(channel, proposal, creator.mspId);
  try {
    const perform = definitionFunctions.get(call.function);
    if (perform === undefined) {
      throw new TypeError(`_lifecycle has no function ${call.function}`);
    }
    const { name, configuration } = channel;
    const result = await perform({ name, mspId: creator.mspId, configuration, simulator }, call.input);
    const { publicReadWriteSet, privateWrites } = simulator.result();
    if (privateWrites !== undefined) {
      await channel.ledger.keepPrivateWrites(proposal.transactionId, privateWrites);
    }
    const payload = proposalResponsePayload(proposal, 'syscc', {
      response: success(result),
      event: undefined,
      results: publicReadWriteSet,
    });
    const endorsements = await Promise.all([creator, ...endorsers].map((each) => endorse(each, payload)));
    const header = new common.Header();
    header.setChannelHeader(proposal.headers.channelHeaderBytes);
    header.setSignatureHeader(proposal.headers.signatureHeaderBytes);
    const envelope = transactionEnvelope(header, proposal.payload, { payload, endorsements });
    envelope.setSignature(await creator.sign(envelope.getPayload_asU8()));
    return { transactionId: proposal.transactionId, envelope };
  } finally {
    await simulator.release();
  }
}

async function endorse(identity: SigningIdentity, payload: Uint8Array): Promise<peer.Endorsement> {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(identity.serialized);
  endorsement.setSignature(await identity.sign(Buffer.concat([payload, identity.serialized])));
  return endorsement;
}

async function signedProposal(
  channel: string,
  { function: name, input, creator }: LifecycleCall,
): Promise<peer.SignedProposal> {
  const proposal = new peer.Proposal();
  proposal.setHeader(headerOf(channel, creator).serializeBinary());
  proposal.setPayload(payloadOf(name, input).serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(await creator.sign(bytes));
  return signed;
}

function headerOf(channel: string, creator: SigningIdentity): common.Header {
  const signature = new common.SignatureHeader();
  signature.setCreator(creator.serialized);
  signature.setNonce(randomBytes(24));
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(channel);
  channelHeader.setTxId(transactionIdOf(signature));
  channelHeader.setTimestamp(Timestamp.fromDate(new Date()));
  channelHeader.setExtension$(extension.serializeBinary());
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());
  return header;
}

function payloadOf(name: string, input: Uint8Array): peer.ChaincodeProposalPayload {
  const chaincodeInput = new peer.ChaincodeInput();
  chaincodeInput.setArgsList([Buffer.from(name), input]);
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincodeId());
  spec.setInput(chaincodeInput);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload;
}

function chaincodeId(): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(lifecycleNamespace);
  return id;
}
