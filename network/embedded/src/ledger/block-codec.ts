import { createHash } from 'node:crypto';

import { common } from '@hyperledger/fabric-protos';

import { uint64 } from './key-bytes.js';
import { decoder, EMPTY_BYTES, skipped, WireWriter } from './wire-format.js';

/** `common.BlockMetadataIndex` of the slots that a committing peer fills. */
export const MetadataSlot = { TRANSACTIONS_FILTER: 2, COMMIT_HASH: 4 } as const;
const METADATA_SLOTS = 5;

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(part);
  }
  return hash.digest();
}

/** SHA-256 of the header's ASN.1 DER form, SEQUENCE {number, previous hash, data hash} (protoutil/blockutils.go). */
export function blockHeaderHash(header: common.BlockHeader): Buffer {
  const content = Buffer.concat([
    derInteger(header.getNumber()),
    derOctets(header.getPreviousHash_asU8()),
    derOctets(header.getDataHash_asU8()),
  ]);
  return sha256(Buffer.from([0x30]), derLength(content.length), content);
}

function derInteger(value: number): Buffer {
  const bytes = uint64(value);
  const significant = bytes.findIndex((byte) => byte !== 0);
  const digits = significant < 0 ? Buffer.from([0]) : bytes.subarray(significant);
  const positive = digits.readUInt8(0) < 0x80 ? digits : Buffer.concat([Buffer.from([0]), digits]);
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}

function derOctets(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x04]), derLength(bytes.length), bytes]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const bytes = uint64(length);
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
}

/** SHA-256 of the concatenated envelopes. */
export function blockDataHash(envelopes: readonly Uint8Array[]): Buffer {
  return sha256(...envelopes);
}

export function envelopesOf(block: common.Block): readonly Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

export function metadataOf(block: common.Block, slot: number): Uint8Array {
  return block.getMetadata()?.getMetadataList_asU8()[slot] ?? EMPTY_BYTES;
}

export function setMetadata(block: common.Block, slot: number, value: Uint8Array): void {
  const metadata = block.getMetadata() ?? new common.BlockMetadata();
  const slots = metadata.getMetadataList_asU8();
  while (slots.length < METADATA_SLOTS) {
    slots.push(new Uint8Array());
  }
  slots[slot] = value;
  metadata.setMetadataList(slots);
  block.setMetadata(metadata);
}

/** The hash that a block carries in its COMMIT_HASH slot, a `common.Metadata`; empty when there is none. */
export function commitHashOf(block: common.Block): Uint8Array {
  return metadataValue(metadataOf(block, MetadataSlot.COMMIT_HASH)).value;
}

const metadataValue = decoder<{ value: Uint8Array }>(
  () => ({ value: EMPTY_BYTES }),
  (message, reader) => (message.value = reader.bytes()),
);

export function setCommitHash(block: common.Block, commitHash: Uint8Array): void {
  setMetadata(block, MetadataSlot.COMMIT_HASH, new WireWriter().bytes(1, commitHash).finish());
}

export interface EncodedBlock {
  /** `common.Block`, serialized. */
  readonly bytes: Buffer;
  /** Where each envelope lies in `bytes`: history reads single transactions. */
  readonly envelopes: readonly { readonly offset: number; readonly length: number }[];
}

export function encodeBlock(block: common.Block): EncodedBlock {
  const header = block.getHeader() ?? new common.BlockHeader();
  const data = new WireWriter();
  const ends: { end: number; length: number }[] = [];
  for (const envelope of envelopesOf(block)) {
    data.presentBytes(1, envelope);
    ends.push({ end: data.length, length: envelope.length });
  }
  const writer = new WireWriter()
    .message(1, (inner) =>
      inner
        .number(1, header.getNumber())
        .bytes(2, header.getPreviousHash_asU8())
        .bytes(3, header.getDataHash_asU8()),
    )
    .presentBytes(2, data.finish());
  const dataStart = writer.length - data.length;
  writer.message(3, (inner) => {
    for (const slot of block.getMetadata()?.getMetadataList_asU8() ?? []) {
      inner.presentBytes(1, slot);
    }
  });
  return {
    bytes: writer.finish(),
    envelopes: ends.map(({ end, length }) => ({ offset: dataStart + end - length, length })),
  };
}

export function decodeBlock(bytes: Uint8Array): common.Block {
  return common.Block.deserializeBinary(bytes);
}

const blockNumber = decoder<{ header: Uint8Array }>(
  () => ({ header: EMPTY_BYTES }),
  (message, reader) => (message.header = reader.bytes()),
);
const headerNumber = decoder<{ number: number }>(
  () => ({ number: 0 }),
  (message, reader) => (message.number = reader.number()),
  skipped,
);

/** Only the number, without decoding the block. */
export function numberOfEncodedBlock(bytes: Uint8Array): number {
  return headerNumber(blockNumber(bytes).header).number;
}
