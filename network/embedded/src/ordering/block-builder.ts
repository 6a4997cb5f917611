import { randomBytes } from 'node:crypto';
import { common } from '@hyperledger/fabric-protos';
import type { SigningIdentity } from '../identity/signing-identity.js';
import { blockDataHash, blockHeaderBytes } from '../wire/block.js';

/** The next block of a channel, signed by the orderer as Fabric's are. `envelopes` are serialized `common.Envelope`s. */
export async function buildBlock(
  number: number,
  previousHash: Uint8Array,
  envelopes: readonly Uint8Array[],
  signer: SigningIdentity,
): Promise<common.Block> {
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(blockDataHash(data));
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(0);
  const lastConfigMetadata = new common.Metadata();
  lastConfigMetadata.setValue(lastConfig.serializeBinary());
  const signature = await signatureMetadata(header, lastConfig, signer);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    signature.serializeBinary(),
    lastConfigMetadata.serializeBinary(),
    new Uint8Array(),
    new Uint8Array(),
    new Uint8Array(),
  ]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** Covers the orderer's metadata, the signature header and the block header; not the validation codes. */
async function signatureMetadata(
  header: common.BlockHeader,
  lastConfig: common.LastConfig,
  signer: SigningIdentity,
): Promise<common.Metadata> {
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(lastConfig);
  const value = ordererMetadata.serializeBinary();
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer.serialized);
  signatureHeader.setNonce(randomBytes(24));
  const signatureHeaderBytes = signatureHeader.serializeBinary();
  const signature = new common.MetadataSignature();
  signature.setSignatureHeader(signatureHeaderBytes);
  const signed = Buffer.concat([value, signatureHeaderBytes, blockHeaderBytes(header)]);
  signature.setSignature(await signer.sign(signed));
  const metadata = new common.Metadata();
  metadata.setValue(value);
  metadata.setSignaturesList([signature]);
  return metadata;
}
