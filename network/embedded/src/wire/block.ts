import { createHash } from 'node:crypto';
import type { common } from '@hyperledger/fabric-protos';
import { derTag, writeDer, writeDerInteger } from '../identity/der.js';

/** SHA-256 over the concatenated envelopes (protoutil/blockutils.go). */
export function blockDataHash(data: common.BlockData): Uint8Array {
  const hash = createHash('sha256');
  for (const envelope of data.getDataList_asU8()) {
    hash.update(envelope);
  }
  return hash.digest();
}

/** The header as it is hashed and signed: ASN.1 DER of number, previous hash, data hash. */
export function blockHeaderBytes(header: common.BlockHeader): Uint8Array {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(header.getNumber()));
  return writeDer(
    derTag.sequence,
    writeDerInteger(number),
    writeDer(derTag.octetString, header.getPreviousHash_asU8()),
    writeDer(derTag.octetString, header.getDataHash_asU8()),
  );
}
