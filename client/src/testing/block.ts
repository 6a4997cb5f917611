import { createHash } from 'node:crypto';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { headerBytes } from '../events/decode-block.js';

/** A transaction as a test says it. */
export interface TestTransaction {
  readonly id: string;
  readonly code?: number;
  readonly function?: string;
  /** By key; undefined deletes. */
  readonly writes?: Readonly<Record<string, unknown>>;
  /** By hexadecimal hash of the key in the collection `secrets`; undefined deletes. */
  readonly hashedWrites?: Readonly<Record<string, string | undefined>>;
  readonly event?: string;
  /** Instead of everything else: these bytes. */
  readonly bytes?: Uint8Array;
  readonly type?: number;
}

/** Builds a block as a peer streams it; `before` is the block that it follows. */
export function testBlock(
  number: number,
  transactions: readonly TestTransaction[],
  before?: common.Block,
): common.Block {
  const envelopes = transactions.map((one) => one.bytes ?? envelope(one));
  const header = new common.BlockHeader();
  header.setNumber(number);
  const beforeHeader = before?.getHeader();
  if (beforeHeader) header.setPreviousHash(sha256(headerBytes(beforeHeader)));
  header.setDataHash(sha256(...envelopes));
  const data = new common.BlockData();
  data.setDataList(envelopes);
  const metadata = new common.BlockMetadata();
  const codes = Uint8Array.from(transactions, ({ code = 0 }) => code);
  metadata.setMetadataList([new Uint8Array(), new Uint8Array(), codes]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** Blocks that follow each other, from block 0 on. */
export function testChain(blocks: readonly (readonly TestTransaction[])[]): common.Block[] {
  const chain: common.Block[] = [];
  for (const transactions of blocks) chain.push(testBlock(chain.length, transactions, chain.at(-1)));
  return chain;
}

function envelope(transaction: TestTransaction): Uint8Array {
  const channel = new common.ChannelHeader();
  channel.setTxId(transaction.id);
  channel.setType(transaction.type ?? common.HeaderType.ENDORSER_TRANSACTION);
  const signature = new common.SignatureHeader();
  signature.setCreator(identity('ResearchMSP'));
  const header = new common.Header();
  header.setChannelHeader(channel.serializeBinary());
  header.setSignatureHeader(signature.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(actions(transaction));
  const signed = new common.Envelope();
  signed.setPayload(payload.serializeBinary());
  return signed.serializeBinary();
}

function actions(transaction: TestTransaction): Uint8Array {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(identity('EthicsMSP'));
  const response = new peer.ProposalResponsePayload();
  response.setExtension$(chaincodeAction(transaction));
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  endorsed.addEndorsements(endorsement);
  const payload = new peer.ChaincodeActionPayload();
  payload.setChaincodeProposalPayload(proposal(transaction.function ?? 'Contract:function'));
  payload.setAction(endorsed);
  const action = new peer.TransactionAction();
  action.setPayload(payload.serializeBinary());
  const all = new peer.Transaction();
  all.addActions(action);
  return all.serializeBinary();
}

function proposal(name: string): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from(name), Buffer.from('first')]);
  const id = new peer.ChaincodeID();
  id.setName('registry');
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

function chaincodeAction({ writes = {}, hashedWrites = {}, event }: TestTransaction): Uint8Array {
  const response = new peer.Response();
  response.setStatus(200);
  response.setPayload(Buffer.from('result'));
  const action = new peer.ChaincodeAction();
  action.setResponse(response);
  action.setResults(readWriteSet(writes, hashedWrites));
  if (event !== undefined) {
    const set = new peer.ChaincodeEvent();
    set.setEventName(event);
    set.setPayload(Buffer.from('payload'));
    action.setEvents(set.serializeBinary());
  }
  return action.serializeBinary();
}

function readWriteSet(
  writes: Readonly<Record<string, unknown>>,
  hashedWrites: Readonly<Record<string, string | undefined>>,
): Uint8Array {
  const { TxReadWriteSet, NsReadWriteSet, CollectionHashedReadWriteSet, kvrwset } = ledger.rwset;
  const set = new kvrwset.KVRWSet();
  for (const [key, value] of Object.entries(writes)) {
    const write = new kvrwset.KVWrite();
    write.setKey(key);
    if (value === undefined) write.setIsDelete(true);
    else write.setValue(Buffer.from(JSON.stringify(value)));
    set.addWrites(write);
  }
  const hashed = new kvrwset.HashedRWSet();
  for (const [key, value] of Object.entries(hashedWrites)) {
    const write = new kvrwset.KVWriteHash();
    write.setKeyHash(Buffer.from(key, 'hex'));
    if (value === undefined) write.setIsPurge(true);
    else write.setValueHash(Buffer.from(value, 'hex'));
    hashed.addHashedWrites(write);
  }
  const collection = new CollectionHashedReadWriteSet();
  collection.setCollectionName('secrets');
  collection.setHashedRwset(hashed.serializeBinary());
  const namespace = new NsReadWriteSet();
  namespace.setNamespace('registry');
  namespace.setRwset(set.serializeBinary());
  namespace.addCollectionHashedRwset(collection);
  const all = new TxReadWriteSet();
  all.addNsRwset(namespace);
  return all.serializeBinary();
}

function identity(mspId: string): Uint8Array {
  const serialized = new msp.SerializedIdentity();
  serialized.setMspid(mspId);
  serialized.setIdBytes(Buffer.from('PEM'));
  return serialized.serializeBinary();
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
