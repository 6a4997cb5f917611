import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { common } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { LedgerConfigurationError } from '../options.js';
import { blockDataHash } from '../wire/block.js';

/** Block 0 of a channel: its configuration, in the envelope that configtxgen makes. */
export function buildConfigBlock(channel: string, group: common.ConfigGroup): common.Block {
  const nonce = randomBytes(24);
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.CONFIG);
  header.setVersion(1);
  header.setTimestamp(Timestamp.fromDate(new Date()));
  header.setChannelId(channel);
  header.setTxId(createHash('sha256').update(nonce).digest('hex'));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setNonce(nonce);
  const headers = new common.Header();
  headers.setChannelHeader(header.serializeBinary());
  headers.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(headers);
  payload.setData(configEnvelope(group).serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return asBlock(envelope);
}

function configEnvelope(group: common.ConfigGroup): common.ConfigEnvelope {
  const config = new common.Config();
  config.setChannelGroup(group);
  const envelope = new common.ConfigEnvelope();
  envelope.setConfig(config);
  return envelope;
}

function asBlock(envelope: common.Envelope): common.Block {
  const data = new common.BlockData();
  data.setDataList([envelope.serializeBinary()]);
  const header = new common.BlockHeader();
  header.setNumber(0);
  header.setDataHash(blockDataHash(data));
  const lastConfig = new common.LastConfig();
  lastConfig.setIndex(0);
  const ordererMetadata = new common.OrdererBlockMetadata();
  ordererMetadata.setLastConfig(lastConfig);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    metadataOf(ordererMetadata.serializeBinary()),
    metadataOf(lastConfig.serializeBinary()),
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

function metadataOf(value: Uint8Array): Uint8Array {
  const metadata = new common.Metadata();
  metadata.setValue(value);
  return metadata.serializeBinary();
}

/** The configuration in a config block; throws LedgerConfigurationError when the block holds none. */
export function configOf(block: common.Block): { channel: string; config: common.Config } {
  const [first] = block.getData()?.getDataList_asU8() ?? [];
  if (first !== undefined) {
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(first).getPayload_asU8(),
    );
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    if (header.getType() === common.HeaderType.CONFIG && config !== undefined) {
      return { channel: header.getChannelId(), config };
    }
  }
  throw new LedgerConfigurationError('the block holds no channel configuration');
}

/**
 * The block 0 that a channel began with, kept in `file`; made of `group` when there is none yet. What is asked for must
 * be what the channel has: its configuration comes from the block.
 */
export async function keepConfigBlock(
  channel: string,
  group: common.ConfigGroup,
  file: string | undefined,
  /** Block 0 of a snapshot that a new ledger begins with. */
  given?: common.Block,
): Promise<common.Block> {
  const own = file === undefined ? undefined : await readBlock(file);
  const kept = own ?? given;
  if (kept !== undefined) {
    if (!sameConfiguration(configOf(kept).config.getChannelGroup(), group)) {
      throw new LedgerConfigurationError(
        `channel ${channel}: members, policies, batch or certificates differ from the configuration that the channel began with (${own === undefined ? 'in the snapshot' : String(file)}); use those, or begin anew in an empty directory`,
      );
    }
  }
  const block = kept ?? buildConfigBlock(channel, group);
  if (file !== undefined && own === undefined) {
    await writeBlock(file, block);
  }
  return block;
}

async function readBlock(file: string): Promise<common.Block | undefined> {
  try {
    return common.Block.deserializeBinary(await readFile(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw new LedgerConfigurationError(`${file} is not a readable block`, { cause: error });
  }
}

async function writeBlock(file: string, block: common.Block): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(block.serializeBinary());
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}

/** Addresses may change between starts; all else may not. */
function sameConfiguration(left: common.ConfigGroup | undefined, right: common.ConfigGroup): boolean {
  return left !== undefined && withoutAddresses(left).equals(withoutAddresses(right));
}

function withoutAddresses(group: common.ConfigGroup): Buffer {
  const copy = common.ConfigGroup.deserializeBinary(group.serializeBinary());
  const strip = (part: common.ConfigGroup) => {
    part.getValuesMap().del('AnchorPeers');
    part.getValuesMap().del('Endpoints');
    // Without rules there need be no list of rules.
    if (part.getValuesMap().get('ACLs')?.getValue_asU8().length === 0) {
      part.getValuesMap().del('ACLs');
    }
    part.getGroupsMap().forEach(strip);
  };
  strip(copy);
  return Buffer.from(copy.serializeBinary());
}
