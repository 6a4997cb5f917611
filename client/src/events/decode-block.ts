import { createHash } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import { VitaledgerError } from '@vitaledger/domain';
import { decodeAction, decodeIdentity } from './decode-action.js';
import type { BlockTransaction, LedgerBlock } from './ledger-block.js';

const valid = 0;
/** Fabric's TxValidationCode for what no peer has validated. */
const notValidated = 254;

/**
 * Decodes a block and checks that its header is the one of its transactions. Whether it follows the block before is for the one who
 * has that: compare `previousHash` with its `hash`.
 *
 * @throws VitaledgerError `INTEGRITY` when header and transactions do not belong together, or a valid transaction cannot be decoded
 */
export function decodeBlock(block: common.Block): LedgerBlock {
  const header = block.getHeader() ?? new common.BlockHeader();
  const envelopes = block.getData()?.getDataList_asU8() ?? [];
  const number = BigInt(header.getNumber());
  const dataHash = hex(header.getDataHash_asU8());
  if (dataHashOf(envelopes) !== dataHash) {
    throw damaged(number, 'its transactions are not those of its header');
  }
  const codes =
    block.getMetadata()?.getMetadataList_asU8()[common.BlockMetadataIndex.TRANSACTIONS_FILTER] ??
    new Uint8Array();
  return {
    number,
    previousHash: hex(header.getPreviousHash_asU8()),
    dataHash,
    hash: createHash('sha256').update(headerBytes(header)).digest('hex'),
    transactions: envelopes.map((bytes, index) =>
      decodeTransaction(bytes, { block: number, index, validationCode: codes[index] ?? notValidated }),
    ),
  };
}

type Place = Pick<BlockTransaction, 'block' | 'index' | 'validationCode'>;

function decodeTransaction(bytes: Uint8Array, place: Place): BlockTransaction {
  const isValid = place.validationCode === valid;
  try {
    return { ...place, isValid, ...decodeEnvelope(bytes) };
  } catch {
    if (isValid) throw damaged(place.block, `its transaction ${place.index} is valid and cannot be decoded`);
    return { ...place, isValid, transactionId: '', type: 'other', timestamp: '' };
  }
}

function decodeEnvelope(bytes: Uint8Array): Omit<BlockTransaction, keyof Place | 'isValid'> {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const headers = payload.getHeader() ?? new common.Header();
  const channel = common.ChannelHeader.deserializeBinary(headers.getChannelHeader_asU8());
  const signature = common.SignatureHeader.deserializeBinary(headers.getSignatureHeader_asU8());
  const creator = decodeIdentity(signature.getCreator_asU8());
  const isEndorsed = channel.getType() === common.HeaderType.ENDORSER_TRANSACTION;
  return {
    transactionId: channel.getTxId(),
    type: typeOf(channel.getType()),
    timestamp: channel.getTimestamp()?.toDate().toISOString() ?? '',
    ...(creator ? { creator } : {}),
    ...(isEndorsed ? { action: decodeAction(payload.getData_asU8()) } : {}),
  };
}

function typeOf(type: number): BlockTransaction['type'] {
  if (type === common.HeaderType.ENDORSER_TRANSACTION) return 'endorsed';
  return type === common.HeaderType.CONFIG ? 'config' : 'other';
}

/** SHA-256 over the envelopes, one after the other, as Fabric's block headers hold it. */
function dataHashOf(envelopes: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const envelope of envelopes) hash.update(envelope);
  return hash.digest('hex');
}

const tags = { integer: 0x02, octets: 0x04, sequence: 0x30 };

/** A block's header as Fabric hashes it: the ASN.1 DER sequence of number, previous hash and data hash. */
export function headerBytes(header: common.BlockHeader): Uint8Array {
  return der(tags.sequence, [
    der(tags.integer, [integerBytes(BigInt(header.getNumber()))]),
    der(tags.octets, [header.getPreviousHash_asU8()]),
    der(tags.octets, [header.getDataHash_asU8()]),
  ]);
}

function integerBytes(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  // A set first bit would make it negative.
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Uint8Array.of(0), bytes]);
}

/** Lengths below 128 only, which two digests and a number never reach. */
function der(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.of(tag, content.length), content]);
}

function damaged(block: bigint, what: string): VitaledgerError {
  return new VitaledgerError('INTEGRITY', `Block ${block.toString()} is damaged: ${what}; ask another peer`, {
    block: block.toString(),
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
