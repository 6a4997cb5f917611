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

/** Every block that an organization's peer holds now, the first one first, through Fabric's Deliver protocol. */
export async function readBlocks(
  network: Network,
  { organization, channel }: BlockSource,
): Promise<readonly common.Block[]> {
  const { client, gateway } = await connectAdministrator(network, organization, channel);
  try {
    const height = await heightOf(gateway, channel);
    const events = await gateway.getNetwork(channel).getBlockEvents({ startBlock: 0n });
    const blocks: common.Block[] = [];
    try {
      for await (const block of events) {
        blocks.push(block);
        if (blocks.length >= height) break;
      }
    } finally {
      events.close();
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
    blockEventsOptions: () => ({ deadline: Date.now() + patienceMs }),
  });
  return { client, gateway };
}

/** From the peer's own query chaincode. */
async function heightOf(gateway: Gateway, channel: string): Promise<number> {
  const answer = await gateway
    .getNetwork(channel)
    .getContract('qscc')
    .evaluateTransaction('GetChainInfo', channel);
  return common.BlockchainInfo.deserializeBinary(answer).getHeight();
}
