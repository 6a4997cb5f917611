import { common, peer } from '@hyperledger/fabric-protos';
import { createHash, randomBytes } from 'node:crypto';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Actor } from './actors.js';
import { argumentsOf, type SystemCall } from './system-calls.js';

/** `['put', 'key', 'value']`: what the chaincode of probes is told to do. */
export type Operation = readonly [name: string, ...args: unknown[]];

/** A proposal as a case describes it; it is written to the trace. */
export interface ProposalSpec {
  /** `org1` (its User1) or `org1/Admin`; default `org1`. */
  readonly as?: string;
  readonly channel?: string;
  readonly chaincode?: string;
  readonly run?: readonly Operation[];
  /** Instead of `run`. */
  readonly args?: readonly string[];
  /** Instead of either. */
  readonly system?: SystemCall;
  /** Marks the call as the chaincode's initialization. */
  readonly init?: boolean;
  readonly transient?: Readonly<Record<string, string>>;
  /** What is wrong with it. */
  readonly flaw?: ProposalFlaw;
}

export type ProposalFlaw =
  | 'header type'
  | 'epoch'
  | 'no nonce'
  | 'no creator'
  | 'malformed creator'
  | 'unknown organization'
  | 'foreign certificate'
  | 'txid'
  | 'no txid'
  | 'no signature'
  | 'garbage signature'
  | 'signature of another'
  | 'high S'
  | 'no channel'
  | 'no extension'
  | 'garbage extension'
  | 'no chaincode id'
  | 'no chaincode name'
  | 'other chaincode in extension'
  | 'no spec'
  | 'no input'
  | 'garbage payload'
  | 'garbage header'
  | 'garbage proposal'
  | 'timestamp'
  | 'no timestamp';

export interface SignedProposal {
  readonly signed: peer.SignedProposal;
  readonly txId: string;
  readonly header: common.Header;
}

const garbage = Buffer.from('ffffffff', 'hex');

export async function buildProposal(
  spec: Required<Pick<ProposalSpec, 'channel' | 'chaincode'>> & ProposalSpec,
  actor: Actor,
  stranger: Actor,
  nonce: Uint8Array = randomBytes(24),
): Promise<SignedProposal> {
  const { flaw } = spec;
  const creator = creatorOf(flaw, actor, stranger);
  const txId = transactionId(nonce, creator);
  const header = new common.Header();
  header.setChannelHeader(
    flaw === 'garbage header'
      ? garbage
      : channelHeader(spec, flaw === 'txid' ? '00' : txId).serializeBinary(),
  );
  header.setSignatureHeader(signatureHeader(flaw, nonce, creator).serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(flaw === 'garbage payload' ? garbage : payloadOf(spec).serializeBinary());
  const bytes = flaw === 'garbage proposal' ? garbage : proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(await signatureOf(flaw, bytes, actor, stranger));
  return { signed, txId, header };
}

function creatorOf(flaw: ProposalFlaw | undefined, actor: Actor, stranger: Actor): Uint8Array {
  if (flaw === 'no creator') return new Uint8Array();
  if (flaw === 'malformed creator') return garbage;
  const identity = Buffer.from(actor.serialized);
  if (flaw === 'unknown organization')
    return Buffer.from(identity.toString('latin1').replace('Org1MSP', 'Org9MSP'), 'latin1');
  if (flaw === 'foreign certificate') {
    return Buffer.from(
      Buffer.from(stranger.serialized).toString('latin1').replace(stranger.mspId, actor.mspId),
      'latin1',
    );
  }
  return actor.serialized;
}

function transactionId(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

function signatureHeader(
  flaw: ProposalFlaw | undefined,
  nonce: Uint8Array,
  creator: Uint8Array,
): common.SignatureHeader {
  const header = new common.SignatureHeader();
  if (flaw !== 'no nonce') header.setNonce(nonce);
  header.setCreator(creator);
  return header;
}

function channelHeader(
  { flaw, channel, chaincode }: ProposalSpec & { channel: string; chaincode: string },
  txId: string,
): common.ChannelHeader {
  const header = new common.ChannelHeader();
  header.setType(flaw === 'header type' ? common.HeaderType.MESSAGE : common.HeaderType.ENDORSER_TRANSACTION);
  if (flaw !== 'no channel') header.setChannelId(channel);
  if (flaw !== 'no txid') header.setTxId(txId);
  if (flaw === 'epoch') header.setEpoch(1);
  const time = new Timestamp();
  time.fromDate(flaw === 'timestamp' ? new Date('2001-01-01') : new Date());
  if (flaw !== 'no timestamp') header.setTimestamp(time);
  if (flaw !== 'no extension') header.setExtension$(extensionOf(flaw, chaincode));
  return header;
}

function extensionOf(flaw: ProposalFlaw | undefined, chaincode: string): Uint8Array {
  if (flaw === 'garbage extension') return garbage;
  const extension = new peer.ChaincodeHeaderExtension();
  const id = new peer.ChaincodeID();
  if (flaw !== 'no chaincode name') id.setName(flaw === 'other chaincode in extension' ? 'any' : chaincode);
  if (flaw !== 'no chaincode id') extension.setChaincodeId(id);
  return extension.serializeBinary();
}

function payloadOf(spec: ProposalSpec & { chaincode: string }): peer.ChaincodeProposalPayload {
  const { flaw, chaincode, transient } = spec;
  const input = new peer.ChaincodeInput();
  input.setArgsList([...argumentsIn(spec)]);
  if (spec.init === true) input.setIsInit(true);
  const chaincodeSpec = new peer.ChaincodeSpec();
  const id = new peer.ChaincodeID();
  if (flaw !== 'no chaincode name') id.setName(chaincode);
  chaincodeSpec.setType(peer.ChaincodeSpec.Type.NODE);
  if (flaw !== 'no chaincode id') chaincodeSpec.setChaincodeId(id);
  if (flaw !== 'no input') chaincodeSpec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  if (flaw !== 'no spec') invocation.setChaincodeSpec(chaincodeSpec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  for (const [name, value] of Object.entries(transient ?? {})) {
    payload.getTransientmapMap().set(name, Buffer.from(value));
  }
  return payload;
}

function argumentsIn({ system, args, run = [] }: ProposalSpec): readonly Uint8Array[] {
  return system === undefined
    ? (args ?? ['run', JSON.stringify(run)]).map((arg) => Buffer.from(arg))
    : argumentsOf(system);
}

/** A signature over bytes, or what a flaw makes of it. */
export async function signatureOf(
  flaw: string | undefined,
  bytes: Uint8Array,
  actor: Actor,
  stranger: Actor,
): Promise<Uint8Array> {
  if (flaw === 'no signature') return new Uint8Array();
  if (flaw === 'garbage signature') return Buffer.from('garbage');
  const signature = await (flaw === 'signature of another' ? stranger : actor).sign(bytes);
  return flaw === 'high S' ? withHighS(signature) : signature;
}

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other valid signature of the pair, which Fabric refuses. DER: 30 len 02 len r 02 len s. */
function withHighS(signature: Uint8Array): Uint8Array {
  const bytes = Buffer.from(signature);
  const rLength = bytes[3]!;
  const r = bytes.subarray(2, 4 + rLength);
  const s = BigInt(`0x${bytes.subarray(6 + rLength).toString('hex')}`);
  const high = Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex');
  const padded = high[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), high]) : high;
  const pair = Buffer.concat([r, Buffer.from([2, padded.length]), padded]);
  return Buffer.concat([Buffer.from([0x30, pair.length]), pair]);
}
