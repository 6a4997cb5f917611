import { startNetwork, type Network, type Topology } from '@vitaledger/network';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const probes = join(__dirname, '../../chaincodes/probes');

/** The channels of the traces: `main` cuts at once, `batch` waits so that transactions meet in a block. */
export const channels = { main: 'main', batch: 'batch', guarded: 'guarded' } as const;

const anyPeer = "OR('Org1MSP.peer','Org2MSP.peer','Org3MSP.peer')";
const members = ['org1', 'org2', 'org3'].map((organization) => ({ organization, peers: true }));
const limits = { preferredMaxBytes: 524_288, absoluteMaxBytes: 1_048_576 };

function chaincode(name: string, channel: string, policy: string): Topology['chaincodes'][number] {
  return {
    name,
    channel,
    version: '1.0',
    path: probes,
    command: [process.execPath, 'index.js'],
    tls: false,
    policy,
    consortium: false,
    collections: join(probes, 'collections.json'),
  };
}

/** Three organizations with a peer each, the same for every engine. */
const topology: Topology = {
  name: 'conformance',
  organizations: [1, 2, 3].map((number) => ({
    name: `org${String(number)}`,
    mspId: `Org${String(number)}MSP`,
    displayName: `Org${String(number)}`,
    domain: `org${String(number)}.example`,
    kinds: [],
    jurisdiction: 'PT',
    peers: 1,
    identities: [],
  })),
  orderers: { mspId: 'OrdererMSP', domain: 'orderer.example', count: 1 },
  channels: [
    {
      name: channels.main,
      members,
      batch: { timeoutMs: 10, maxMessages: 10, ...limits },
      readers: 'members',
    },
    {
      name: channels.batch,
      members,
      batch: { timeoutMs: 400, maxMessages: 4, ...limits },
      readers: 'members',
    },
    {
      name: channels.guarded,
      members,
      batch: { timeoutMs: 10, maxMessages: 10, ...limits },
      readers: 'peers-and-admins',
    },
  ],
  chaincodes: [
    chaincode('probes', channels.main, 'majority'),
    chaincode('any', channels.main, anyPeer),
    chaincode('batched', channels.batch, anyPeer),
    chaincode('guarded', channels.guarded, anyPeer),
  ],
  basePort: 0,
  clock: { intervalSeconds: 60, skewSeconds: 30 },
};

/** The network of the traces on an engine, with Fabric's own timing of blocks on either. */
export function startConformanceNetwork(engine: 'embedded' | 'fabric'): Promise<Network> {
  return startNetwork({
    topology,
    engine,
    ordering: 'fabric',
    directory: join(mkdtempSync(join(tmpdir(), 'vitaledger-conformance-')), 'network'),
  });
}

/** Ends the network and removes everything of it. */
export async function endConformanceNetwork(network: Network): Promise<void> {
  await network.clean();
  rmSync(dirname(network.directory.root), { recursive: true, force: true });
}
