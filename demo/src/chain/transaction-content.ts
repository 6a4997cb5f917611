import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { X509Certificate } from 'node:crypto';

/** What anybody who holds the block reads in a transaction. */
export interface TransactionContent {
  readonly transactionId: string;
  readonly block: number;
  /** ISO 8601. */
  readonly instant: string;
  readonly creator: {
    readonly mspId: string;
    /** Of the certificate, one attribute each: `CN=service`. */
    readonly subject: readonly string[];
    /** Attributes that the organization's authority put into it. */
    readonly attributes: Readonly<Record<string, string>>;
  };
  readonly chaincode: string;
  readonly function: string;
  /** The public arguments after the function's name. */
  readonly arguments: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Hashes of keys, hexadecimal, by collection: their names and values stay with the custodian. */
  readonly hashed: readonly HashedAccess[];
  /** Bytes of the whole transaction in its block. */
  readonly size: number;
}

export interface HashedAccess {
  readonly collection: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** Finds a transaction in blocks and reads what its envelope says to everybody. */
export function findTransaction(
  blocks: readonly common.Block[],
  transactionId: string,
): TransactionContent | undefined {
  for (const block of blocks) {
    for (const bytes of block.getData()?.getDataList_asU8() ?? []) {
      const payload = common.Payload.deserializeBinary(
        common.Envelope.deserializeBinary(bytes).getPayload_asU8(),
      );
      const header = channelHeader(payload);
      if (header.getTxId() === transactionId) {
        return readTransaction(payload, header, block.getHeader()?.getNumber() ?? 0, bytes.length);
      }
    }
  }
  return undefined;
}

function channelHeader(payload: common.Payload): common.ChannelHeader {
  return common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
}

function readTransaction(
  payload: common.Payload,
  header: common.ChannelHeader,
  block: number,
  size: number,
): TransactionContent {
  const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
  const content = peer.ChaincodeActionPayload.deserializeBinary(
    action?.getPayload_asU8() ?? new Uint8Array(),
  );
  const [called, ...rest] = invocation(content);
  return {
    transactionId: header.getTxId(),
    block,
    instant: header.getTimestamp()?.toDate().toISOString() ?? '',
    creator: creatorOf(payload),
    function: called ?? '',
    arguments: rest,
    size,
    ...effects(content),
  };
}

function invocation(content: peer.ChaincodeActionPayload): readonly string[] {
  const proposal = peer.ChaincodeProposalPayload.deserializeBinary(
    content.getChaincodeProposalPayload_asU8(),
  );
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(proposal.getInput_asU8());
  const given = spec.getChaincodeSpec()?.getInput()?.getArgsList_asU8() ?? [];
  return given.map((one) => Buffer.from(one).toString('utf8'));
}

function creatorOf(payload: common.Payload): TransactionContent['creator'] {
  const header = common.SignatureHeader.deserializeBinary(
    payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array(),
  );
  const identity = msp.SerializedIdentity.deserializeBinary(header.getCreator_asU8());
  const certificate = new X509Certificate(Buffer.from(identity.getIdBytes_asU8()));
  return {
    mspId: identity.getMspid(),
    subject: certificate.subject.split('\n'),
    attributes: attributesOf(certificate),
  };
}

/** Fabric CA's extension (1.2.3.4.5.6.7.8.1) holds one JSON object: `{"attrs":{…}}`. */
function attributesOf(certificate: X509Certificate): Readonly<Record<string, string>> {
  const found = /\{"attrs":\{[^{}]*\}\}/.exec(certificate.raw.toString('latin1'))?.[0];
  return found === undefined ? {} : (JSON.parse(found) as { attrs: Record<string, string> }).attrs;
}

function effects(
  content: peer.ChaincodeActionPayload,
): Pick<TransactionContent, 'chaincode' | 'reads' | 'writes' | 'hashed'> {
  const response = peer.ProposalResponsePayload.deserializeBinary(
    content.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  const chaincode = action.getChaincodeId()?.getName() ?? '';
  const namespace = ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8())
    .getNsRwsetList()
    .find((one) => one.getNamespace() === chaincode);
  const set = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(namespace?.getRwset_asU8() ?? new Uint8Array());
  return {
    chaincode,
    reads: set.getReadsList().map((read) => read.getKey()),
    writes: set.getWritesList().map((write) => write.getKey()),
    hashed: (namespace?.getCollectionHashedRwsetList() ?? []).map(hashedAccess),
  };
}

function hashedAccess(collection: ledger.rwset.CollectionHashedReadWriteSet): HashedAccess {
  const set = ledger.rwset.kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8());
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return {
    collection: collection.getCollectionName(),
    reads: set.getHashedReadsList().map((read) => hex(read.getKeyHash_asU8())),
    writes: set.getHashedWritesList().map((write) => hex(write.getKeyHash_asU8())),
  };
}
