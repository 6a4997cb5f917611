import { createHash, X509Certificate } from 'node:crypto';
import { common, msp, peer } from '@hyperledger/fabric-protos';
import { decodeReadWriteSet, type NamespaceReadWriteSet } from '@vitaledger/embedded-ledger';

/** A transaction of a block, decoded for a person; bytes that are no text are hexadecimal digits. */
export interface TransactionReport {
  readonly transactionId: string;
  readonly block: number;
  readonly index: number;
  readonly code: string;
  /** Why it is invalid, as far as the ledger tells. */
  readonly why?: string;
  readonly type: string;
  readonly time: string;
  readonly creator: string;
  readonly chaincode?: string;
  readonly arguments?: readonly string[];
  readonly endorsers?: readonly string[];
  readonly response?: { readonly status: number; readonly message?: string; readonly payload?: string };
  readonly event?: { readonly name: string; readonly payload: string };
  readonly sets?: readonly NamespaceReadWriteSet[];
}

const nameIn = (values: object, value: number): string =>
  Object.entries(values).find(([, number]) => number === value)?.[0] ?? String(value);

export const codeName = (code: number): string => nameIn(peer.TxValidationCode, code);

/** The transactions of a block, in order. What cannot be decoded has no more than its place and code. */
export function reportBlock(block: common.Block): readonly TransactionReport[] {
  const filter =
    block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ??
    new Uint8Array();
  const number = block.getHeader()?.getNumber() ?? 0;
  return (block.getData()?.getDataList_asU8() ?? []).map((bytes, index) => {
    const place = {
      block: number,
      index,
      code: codeName(filter[index] ?? peer.TxValidationCode.NOT_VALIDATED),
    };
    try {
      return { ...place, ...reportEnvelope(bytes) };
    } catch {
      return { ...place, transactionId: '', type: 'undecodable', time: '', creator: '' };
    }
  });
}

type Content = Omit<TransactionReport, 'block' | 'index' | 'code'>;

function reportEnvelope(bytes: Uint8Array): Content {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const channel = common.ChannelHeader.deserializeBinary(
    payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
  );
  const signature = common.SignatureHeader.deserializeBinary(
    payload.getHeader()?.getSignatureHeader_asU8() ?? new Uint8Array(),
  );
  const content = {
    transactionId: channel.getTxId(),
    type: nameIn(common.HeaderType, channel.getType()),
    time: channel.getTimestamp()?.toDate().toISOString() ?? '',
    creator: identityText(signature.getCreator_asU8()),
  };
  return channel.getType() === common.HeaderType.ENDORSER_TRANSACTION
    ? { ...content, ...reportAction(payload.getData_asU8()) }
    : content;
}

function reportAction(bytes: Uint8Array): Partial<Content> {
  const [action] = peer.Transaction.deserializeBinary(bytes).getActionsList();
  if (action === undefined) return {};
  const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const endorsed = payload.getAction() ?? new peer.ChaincodeEndorsedAction();
  return {
    arguments: argumentsOf(payload.getChaincodeProposalPayload_asU8()),
    endorsers: endorsed
      .getEndorsementsList()
      .map((endorsement) => identityText(endorsement.getEndorser_asU8())),
    ...resultOf(endorsed.getProposalResponsePayload_asU8()),
  };
}

function argumentsOf(proposalPayload: Uint8Array): readonly string[] {
  const input = peer.ChaincodeProposalPayload.deserializeBinary(proposalPayload).getInput_asU8();
  const spec = peer.ChaincodeInvocationSpec.deserializeBinary(input).getChaincodeSpec();
  return (spec?.getInput()?.getArgsList_asU8() ?? []).map(readable);
}

function resultOf(responsePayload: Uint8Array): Partial<Content> {
  const response = peer.ProposalResponsePayload.deserializeBinary(responsePayload);
  const result = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  const event = peer.ChaincodeEvent.deserializeBinary(result.getEvents_asU8());
  const id = result.getChaincodeId() ?? new peer.ChaincodeID();
  return {
    chaincode: `${id.getName()} ${id.getVersion()}`.trim(),
    response: responseOf(result.getResponse()),
    ...(event.getEventName() === ''
      ? {}
      : { event: { name: event.getEventName(), payload: readable(event.getPayload_asU8()) } }),
    sets: decodeReadWriteSet(result.getResults_asU8()),
  };
}

function responseOf(response: peer.Response | undefined): NonNullable<TransactionReport['response']> {
  const message = response?.getMessage() ?? '';
  const payload = readable(response?.getPayload_asU8() ?? new Uint8Array());
  return {
    status: response?.getStatus() ?? 0,
    ...(message === '' ? {} : { message }),
    ...(payload === '' ? {} : { payload }),
  };
}

/** `HospitalMSP CN=peer0.hospital.example`. */
function identityText(serialized: Uint8Array): string {
  if (serialized.length === 0) return 'nobody';
  const identity = msp.SerializedIdentity.deserializeBinary(serialized);
  try {
    const { subject } = new X509Certificate(identity.getIdBytes_asU8());
    return `${identity.getMspid()} ${subject.replaceAll('\n', ', ')}`;
  } catch {
    return `${identity.getMspid()} (not a certificate)`;
  }
}

/** Text where bytes are text, otherwise `0x` and hexadecimal digits; the zero byte of composite keys shows as `·`. */
export function readable(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  // eslint-disable-next-line no-control-regex -- control characters are what makes bytes unreadable
  return Buffer.from(text).equals(buffer) && !/[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)
    ? text.replaceAll('\u0000', '·')
    : `0x${buffer.toString('hex')}`;
}

/** Whether a valid transaction wrote a key: in public, or as its hash in a collection. */
export function writesTo(
  { code, sets = [] }: TransactionReport,
  chaincode: string | undefined,
  key: string,
): readonly KeyWriteReport[] {
  if (code !== 'VALID') return [];
  const hash = createHash('sha256').update(key).digest();
  return sets
    .filter(({ namespace }) => chaincode === undefined || namespace === chaincode)
    .flatMap(({ namespace, writes, collections }) => [
      ...writes
        .filter((write) => write.key === key)
        .map((write) => ({
          chaincode: namespace,
          value: write.isDelete || write.value.length === 0 ? 'deleted' : readable(write.value),
        })),
      ...collections.flatMap(({ collection, writes: hashed }) =>
        hashed
          .filter(({ keyHash }) => hash.equals(keyHash))
          .map((write) => ({
            chaincode: namespace,
            collection,
            value: hashedValue(write),
          })),
      ),
    ]);
}

export interface KeyWriteReport {
  readonly chaincode: string;
  readonly collection?: string;
  /** Of a private key only the hash of its value is in the block. */
  readonly value: string;
}

function hashedValue(write: { isDelete: boolean; isPurge: boolean; valueHash: Uint8Array }): string {
  if (write.isPurge) return 'purged';
  return write.isDelete ? 'deleted' : `sha256:${Buffer.from(write.valueHash).toString('hex')}`;
}
