import type { common } from '@hyperledger/fabric-protos';
import { createHash } from 'node:crypto';

/** What a chain of blocks was found to be. */
export interface ChainReport {
  /** Number of blocks. */
  readonly height: number;
  readonly transactions: number;
  /** Hash of the last block's header, hexadecimal: it stands for everything before it. */
  readonly lastHash: string;
  /** The first thing that is not as it must be; absent when all is. */
  readonly fault?: string;
}

/**
 * Computes the hash of every block's transactions and of every header again: each header must carry the hash of its own
 * transactions and the hash of the header before it.
 */
export function verifyChain(blocks: readonly common.Block[]): ChainReport {
  let previous: Buffer = Buffer.alloc(0);
  let transactions = 0;
  let fault: string | undefined;
  blocks.forEach((block, index) => {
    fault ??= faultOf(block, index, previous);
    const header = block.getHeader();
    previous = header ? headerHash(header) : previous;
    transactions += block.getData()?.getDataList().length ?? 0;
  });
  return {
    height: blocks.length,
    transactions,
    lastHash: previous.toString('hex'),
    ...(fault === undefined ? {} : { fault }),
  };
}

function faultOf(block: common.Block, index: number, previous: Buffer): string | undefined {
  const header = block.getHeader();
  if (header?.getNumber() !== index) return `block ${index} carries another number`;
  if (!previous.equals(header.getPreviousHash_asU8())) {
    return `block ${index} does not carry the hash of the block before it`;
  }
  const data = block.getData()?.getDataList_asU8() ?? [];
  const dataHash = createHash('sha256').update(Buffer.concat(data)).digest();
  if (!dataHash.equals(header.getDataHash_asU8())) {
    return `block ${index} does not carry the hash of its transactions`;
  }
  return undefined;
}

/** SHA-256 of the header as an ASN.1 DER sequence of number, previous hash and data hash (Fabric `protoutil`). */
export function headerHash(header: common.BlockHeader): Buffer {
  const content = Buffer.concat([
    der(0x02, integer(BigInt(header.getNumber()))),
    der(0x04, Buffer.from(header.getPreviousHash_asU8())),
    der(0x04, Buffer.from(header.getDataHash_asU8())),
  ]);
  return createHash('sha256').update(der(0x30, content)).digest();
}

/** Contents here are shorter than 128 bytes, which need one byte of length. */
function der(tag: number, content: Buffer): Buffer {
  if (content.length > 127) throw new RangeError('a block header is shorter than this');
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

function integer(value: bigint): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}
