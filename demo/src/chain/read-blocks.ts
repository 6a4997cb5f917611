import { Client, credentials } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { common } from '@hyperledger/fabric-protos';
import { nativeSigner, readIdentity, readProfile } from '@vitaledger/client';
import type { Network } from '@vitaledger/network';

const messageLimit = 100 * 1024 * 1024;
const patienceMs = 30_000;

/** Whose peer is asked: as the organization's administrator, since on `care` nobody else may read blocks. */
export interface BlockSource {
  /** Short name of an organization that has a peer on the channel. */
  readonly organization: string;
  readonly channel: string;
}

/**
 * Every block that an organization's peer holds now, the first one first, from the peer's own query chaincode: block
 * events are open to nobody on `care`, since a peer adds private data to them for whoever may have them.
 */
export async function readBlocks(
  network: Network,
  { organization, channel }: BlockSource,
): Promise<readonly common.Block[]> {
  const { client, gateway } = await connectAdministrator(network, organization, channel);
  try {
    const ledger = gateway.getNetwork(channel).getContract('qscc');
    const info = await ledger.evaluateTransaction('GetChainInfo', channel);
    const height = common.BlockchainInfo.deserializeBinary(info).getHeight();
    const blocks: common.Block[] = [];
    for (let number = 0; number < height; number++) {
      const block = await ledger.evaluateTransaction('GetBlockByNumber', channel, String(number));
      blocks.push(common.Block.deserializeBinary(block));
    }
    return blocks;
  } finally {
    gateway.close();
    client.close();
  }
}

async function connectAdministrator(
  network: Network,
  organization: string,
  channel: string,
): Promise<{ client: Client; gateway: Gateway }> {
  const { profile } = await readProfile(network.profile(organization));
  const { mspId, mspDirectory } = network.identity(organization, 'Admin');
  const { certificate, privateKey } = await readIdentity(mspDirectory);
  const [name = ''] = Object.keys(profile.channels[channel as 'care' | 'registry']?.peers ?? {});
  const peer = profile.peers[name];
  if (!peer) throw new RangeError(`${organization} has no peer on ${channel}`);
  const client = new Client(new URL(peer.url).host, credentials.createSsl(Buffer.from(peer.tlsCACerts.pem)), {
    'grpc.ssl_target_name_override': name,
    'grpc.max_receive_message_length': messageLimit,
  });
  const gateway = connect({
    client,
    identity: { mspId, credentials: Buffer.from(certificate) },
    signer: nativeSigner(privateKey),
    hash: hash.none,
    evaluateOptions: () => ({ deadline: Date.now() + patienceMs }),
  });
  return { client, gateway };
}
